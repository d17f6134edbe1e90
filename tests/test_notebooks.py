"""Are the notebooks what the page on them says, and made of public names alone?"""

import ast
import re
from pathlib import Path

import pytest

import earlywarning

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = sorted((ROOT / "notebooks").glob("*.py"))
NAMED = re.compile(r"\b(0\d_\w+)")  # the name of a notebook


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def cells_of(script):
    """Return the kind and text of each cell."""
    kinds_and_texts = re.split(
        r"^# %%(.*)\n", script.read_text(encoding="utf-8"), flags=re.MULTILINE
    )[1:]
    return list(zip(kinds_and_texts[::2], kinds_and_texts[1::2], strict=True))


def imported(script):
    """Return (module, name) of what a notebook imports from the library."""
    tree = ast.parse(script.read_text(encoding="utf-8"))
    froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    found = [(node.module, alias.name) for node in froms for alias in node.names]
    return [(module, name) for module, name in found if module.startswith("earlywarning")]


def test_the_page_on_notebooks_lists_each_of_them_and_no_other():
    listed = re.findall(r"^\| `(\w+)` \|", text_of("docs/notebooks.md"), re.MULTILINE)
    assert listed == [script.stem for script in SCRIPTS]


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{p.name}" for p in ROOT.glob("docs/*.md"))])
def test_a_page_names_no_notebook_that_is_not_there(page):
    assert set(NAMED.findall(text_of(page))) <= {script.stem for script in SCRIPTS}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_notebook_imports_public_names_and_rooms_of_the_page_on_them_alone(script):
    rooms = re.findall(r"^\| `(earlywarning\.[\w.]+)` \|", text_of("docs/api.md"), re.MULTILINE)
    strangers = [
        f"{module}.{name}"
        for module, name in imported(script)
        if module not in rooms and not (module == "earlywarning" and name in earlywarning.__all__)
    ]
    assert not strangers


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_notebook_is_short_and_ends_with_pages_to_read_that_are_there(script):
    cells = cells_of(script)
    kind, last = cells[-1]
    assert "markdown" in kind
    assert "## Read next" in last
    pages = re.findall(r"\]\((\.\./[^)]+)\)", "\n".join(text for _, text in cells))
    assert pages
    assert not [page for page in pages if not (script.parent / page).is_file()]
    assert 8 <= sum("markdown" not in kind for kind, _ in cells) <= 16
