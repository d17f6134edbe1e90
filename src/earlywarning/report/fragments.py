"""How a template becomes a piece of a page in which nothing from the data can do harm."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from earlywarning.explain import one_line

MUTED = "opacity:.75"
STYLES = {
    "box": "border:1px solid rgba(128,128,128,.5);border-radius:4px;padding:.6em 1em;"
    "max-width:60em;font-family:sans-serif;line-height:1.4",
    "muted": MUTED,
    "title": "font-weight:bold;font-size:1.15em;margin:.2em 0",
    "heading": "font-weight:bold;margin:.9em 0 .2em",
    "paragraph": "margin:.2em 0",
    "list": "margin:.2em 0;padding-left:1.4em",
    "table": "border-collapse:collapse;margin:.4em 0;font-size:.95em",
    "word": "text-align:left;vertical-align:top;padding:.2em .8em .2em 0;"
    "border-bottom:1px solid rgba(128,128,128,.3)",
    "number": "text-align:right;vertical-align:top;padding:.2em .8em .2em 0;"
    "border-bottom:1px solid rgba(128,128,128,.3);font-variant-numeric:tabular-nums",
}


def fill(template: str, **data: Any) -> str:
    """Fill a template in; whatever is printed is escaped, on one line, and visible."""
    return _environment().get_template(template).render(**data)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("earlywarning.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["style"] = STYLES
    return environment


def _visible(value: Any) -> Any:
    """Clean what the data put in; a template's own markup, and a drawing, stay as they are."""
    return value if hasattr(value, "__html__") else one_line(value)
