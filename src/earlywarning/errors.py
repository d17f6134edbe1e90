"""What can go wrong, by whose hand: each class names who has to act.

Every message says what is wrong, where, and what to do. The command turns `UsageError` into
exit status 2, `DataRefusedError` into 3 and `LockHeldError` into 4; anything else is a bug,
and keeps its traceback.
"""


class EarlyWarningError(Exception):
    """Anything this library raises on purpose."""


class UsageError(EarlyWarningError, ValueError):
    """The call is wrong: an unknown name, a date that is no date, a missing option."""


def refuse_other_kind(name: str, given: object, kind: type, remedy: str) -> None:
    """Refuse an argument of another kind than it has to be; `remedy` says what to give.

    Examples
    --------
    >>> refuse_other_kind("panel", "debt.csv", dict, "Give a dict.")
    Traceback (most recent call last):
    earlywarning.errors.UsageError: panel is of the kind dict, not str. Give a dict.
    """
    if not isinstance(given, kind):
        told = f"{name} is of the kind {kind.__name__}, not {type(given).__name__}."
        raise UsageError(f"{told} {remedy}")


def said(message: str) -> str:
    """Return what pydantic says is wrong with a value, without what it puts around it.

    Examples
    --------
    >>> said("Value error, no such day.")
    'no such day'
    """
    return message.removeprefix("Value error, ").rstrip(".")


def is_text(typed: str) -> bool:
    r"""Return whether words can be written in UTF-8, as a file's name of other bytes cannot.

    Examples
    --------
    >>> is_text("Ynys Môn"), is_text("Ynys M\udcf4n")
    (True, False)
    """
    return typed.encode(errors="ignore").decode() == typed


class DataRefusedError(EarlyWarningError, ValueError):
    """The data cannot be used as they are."""


class LockHeldError(EarlyWarningError):
    """Another run is at work in the same folder."""


class ReadError(DataRefusedError):
    """A file cannot be read as a table of metrics."""


class PanelError(DataRefusedError):
    """A table breaks the panel's rules."""


class PeriodError(DataRefusedError):
    """A period label cannot be read, or can be read in two ways."""


class CatalogueError(DataRefusedError):
    """A catalogue breaks its rules."""


class RegisterError(DataRefusedError):
    """A table of authorities, successors or neighbours breaks its rules."""


class EngagementsError(DataRefusedError):
    """A calendar of engagements breaks its rules."""


class ChallengesError(DataRefusedError):
    """A log of challenges breaks its rules."""


class QuestionsError(DataRefusedError):
    """A table of questions breaks its rules."""


class OutcomesError(DataRefusedError):
    """A table of what came of authorities breaks its rules."""


class PointsSystemError(DataRefusedError):
    """A table of points and weights breaks its rules."""


class ModelError(DataRefusedError):
    """A saved model is damaged, altered, of a later version, or no model at all."""
