"""Data flow down the rows of the house: a module imports only from what stands above it.

A new module goes into ROOMS, in the row it belongs to, after whatever it imports.
"""

import ast
from pathlib import Path

import pytest

import earlywarning

PACKAGE = Path(earlywarning.__file__).parent

ROOMS = {
    "words": ["errors", "formulas", "frames", "schema", "settings", "units", "periods"],
    "meaning": ["catalogue_file", "catalogue", "authorities", "engagements", "challenges"],
    "data": ["panel", "succession", "readers", "store"],
    "statistics": ["models"],
    "judgement": ["signals", "flags", "risk"],
    "conversation": ["explain", "likeness", "triage", "practice", "sector"],
    "drawing": ["charts", "report"],
    "use": [
        "about",
        "result",
        "pipeline",
        "stored",
        "output",
        "replies",
        "registry",
        "validation",
        "batch",
        "reissue",
        "sample",
        "cli",
    ],
}
ORDER = [module for room in ROOMS.values() for module in room]
FRONT_DOOR = ["__init__", "__main__"]  # may import anything; nobody may import them


def module_of(path, package=PACKAGE):
    """Return the module or subpackage, at the package's first level, that a file belongs to."""
    return path.relative_to(package).with_suffix("").parts[0]


def imported(path, package=PACKAGE):
    """Return (line, module) for each import from the library in this file."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = path.relative_to(package.parent).parts[: -node.level or None]
            base = ".".join([*(above if node.level else ()), *filter(None, [node.module])])
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        parts = [name.split(".") for name in names]
        found += [
            (node.lineno, p[1] if p[1:] else "__init__") for p in parts if p[0] == package.name
        ]
    return found


def trespasses(path, package=PACKAGE):
    """Return a sentence for each import of a module that does not stand above this one."""
    own = module_of(path, package)
    if own in FRONT_DOOR:
        return []
    place = ORDER.index(own) if own in ORDER else len(ORDER)
    return [
        f"{path.relative_to(package)}:{line} imports {module}, which stands below it"
        for line, module in imported(path, package)
        if module not in (own, "__version__") and module not in ORDER[:place]
    ]


def sources():
    return sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_module_imports_only_from_what_stands_above_it(path):
    assert trespasses(path) == []


def test_every_module_has_its_place_in_the_house():
    homeless = {module_of(path) for path in sources()} - set(ORDER) - set(FRONT_DOOR)
    assert not homeless, (
        f"Modules without a place: {sorted(homeless)}. Add each to ROOMS in "
        "tests/test_import_order.py, in the row it belongs to, after whatever it imports; "
        "a module above it may not import it."
    )


def test_no_module_has_two_places():
    assert len(ORDER) == len(set(ORDER))


@pytest.fixture
def house(tmp_path):
    """Return a function that writes one file of a package of our name and checks it."""
    package = tmp_path / "earlywarning"

    def check(name, source):
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
        return trespasses(path, package)

    return check


@pytest.mark.parametrize(
    "source",
    [
        "import earlywarning.signals",
        "import earlywarning.signals as s",
        "from earlywarning.signals import measure",
        "from earlywarning import signals",
        "from .. import signals",
        "from ..signals import measure",
        "def late():\n    from earlywarning.signals import measure",
        "import earlywarning",
        "from earlywarning import EarlyWarning",
    ],
)
def test_an_import_from_below_is_found_however_it_is_written(house, source):
    assert len(house("models/bank.py", source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "import numpy",
        "from earlywarning.errors import UsageError",
        "from earlywarning import schema",
        "from .robust import mad",
        "from ..schema import CONTRASTS",
        "from earlywarning.models.robust import mad",
        "from earlywarning import __version__",
    ],
)
def test_an_import_from_above_or_within_is_let_through(house, source):
    assert house("models/bank.py", source) == []


def test_in_one_room_the_later_module_may_import_the_earlier_and_not_the_other_way(house):
    assert house("flags.py", "from earlywarning.signals import measure") == []
    assert len(house("signals.py", "from earlywarning.flags import judge")) == 1
