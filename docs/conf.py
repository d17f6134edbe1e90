"""How the documentation is built: sphinx-build -W --keep-going docs docs/_build/html."""

import ast
import inspect
import io
import tokenize

from docutils.nodes import SkipNode
from latex2mathml.converter import convert

import earlywarning
from earlywarning import Settings

project = "earlywarning"
copyright = "The earlywarning founders"  # noqa: A001  # the name Sphinx asks for
version = release = earlywarning.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc"]
exclude_patterns = ["_build", "_templates", "_static"]
myst_enable_extensions = ["dollarmath"]
templates_path = ["_templates"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_typehints = "none"  # numpydoc's sections say the types
numpydoc_class_members_toctree = False
numpydoc_show_class_members = False

html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_title = "earlywarning"
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_sidebars = {"index": [], "start": []}  # there is nothing beside them
html_theme_options = {
    "show_prev_next": False,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 6,
}

SETTINGS_TABLE = "<!-- the table of settings -->"


def settings_table() -> str:
    """Return every setting, its default and the comment beside it, as a table in Markdown."""
    source = inspect.getsource(Settings)
    words = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = {t.start[0]: t.string[2:] for t in words if t.type == tokenize.COMMENT}
    rows = ["| setting | default | what for |", "|---|---|---|"]
    for node in ast.parse(source).body[0].body:
        if isinstance(node, ast.AnnAssign):
            name = node.target.id
            lines = range(node.lineno, node.end_lineno + 1)
            reason = " ".join(comments[line] for line in lines if line in comments)
            rows.append(f"| `{name}` | {Settings.model_fields[name].default} | {reason} |")
    return "\n".join(rows)


def fill_in(_app, _docname, source):
    """Put the table of settings where its page asks for it."""
    source[0] = source[0].replace(SETTINGS_TABLE, settings_table())


def formula(display):
    """Return what writes formulae as MathML, which browsers draw without a script or network."""

    def visit(writer, node):
        drawn = convert(node.astext(), display=display)
        writer.body.append(f"<p>{drawn}</p>" if display == "block" else drawn)
        raise SkipNode

    return visit, None


def setup(app):
    """Tell Sphinx."""
    app.connect("source-read", fill_in)
    app.add_html_math_renderer("mathml", formula("inline"), formula("block"))
