"""Explainable risk flags from published council metrics, to start early-warning conversations.

The public names are those in `__all__`; each is imported when it is first used, so that
`import earlywarning` is quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from earlywarning.authorities import read_neighbours, read_register
    from earlywarning.catalogue import Catalogue, as_catalogue, built_in, read_catalogue
    from earlywarning.engagements import read_engagements
    from earlywarning.likeness import find_neighbours
    from earlywarning.output import export_result, read_result, write_result, write_site
    from earlywarning.panel import Panel, as_panel
    from earlywarning.periods import Period, as_period
    from earlywarning.pipeline import EarlyWarning
    from earlywarning.readers import read_panel
    from earlywarning.result import Result
    from earlywarning.sample import sample_tables, write_sample
    from earlywarning.settings import Settings
    from earlywarning.succession import carry_history
    from earlywarning.triage import plan_conversations
    from earlywarning.validation.backtest import Backtest
    from earlywarning.validation.look_back import look_back
    from earlywarning.validation.outcomes import read_outcomes
    from earlywarning.validation.plan import Plan

__version__ = "0.1.0"

_ROOMS = {
    "Backtest": "validation.backtest",
    "Catalogue": "catalogue",
    "EarlyWarning": "pipeline",
    "Panel": "panel",
    "Period": "periods",
    "Plan": "validation.plan",
    "Result": "result",
    "Settings": "settings",
    "as_catalogue": "catalogue",
    "as_panel": "panel",
    "as_period": "periods",
    "built_in": "catalogue",
    "carry_history": "succession",
    "export_result": "output",
    "find_neighbours": "likeness",
    "look_back": "validation.look_back",
    "plan_conversations": "triage",
    "read_catalogue": "catalogue",
    "read_engagements": "engagements",
    "read_neighbours": "authorities",
    "read_outcomes": "validation.outcomes",
    "read_panel": "readers",
    "read_register": "authorities",
    "read_result": "output",
    "sample_tables": "sample",
    "write_result": "output",
    "write_sample": "sample",
    "write_site": "output",
}
__all__ = [
    "Backtest",
    "Catalogue",
    "EarlyWarning",
    "Panel",
    "Period",
    "Plan",
    "Result",
    "Settings",
    "as_catalogue",
    "as_panel",
    "as_period",
    "built_in",
    "carry_history",
    "export_result",
    "find_neighbours",
    "look_back",
    "plan_conversations",
    "read_catalogue",
    "read_engagements",
    "read_neighbours",
    "read_outcomes",
    "read_panel",
    "read_register",
    "read_result",
    "sample_tables",
    "write_result",
    "write_sample",
    "write_site",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its room when it is first used."""
    if name not in _ROOMS:
        raise AttributeError(f"module 'earlywarning' has no attribute '{name}'")
    return getattr(import_module(f"earlywarning.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return [*__all__, "__version__"]
