"""What does a published system of points count, and for how much?

A `PointsSystem` is a TOML file with an `[[indicator]]` each: which metrics over which, looked at
over how many years, and either cut-offs with their points or a weight for where a value
stands between its type's least and most. `points_arrays` adds them up.
"""

import tomllib
from functools import cached_property
from importlib.resources import as_file, files
from os import PathLike
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from earlywarning.catalogue_file import nearest
from earlywarning.errors import PointsSystemError, UsageError

POINTS_SYSTEMS = ("cipfa-2018", "nyfsms-2017")
_STRICT = ConfigDict(frozen=True, extra="forbid")


class Indicator(BaseModel):
    """One indicator of a system of points.

    Parameters
    ----------
    name : str
        What the system calls it.
    numerator : tuple of str
        Metrics added up; one with a minus before its name is subtracted.
    denominator : tuple of str, optional
        Metrics by whose sum it is divided; where that is not above 0 there is no value.
    over : str
        What is taken of it: `newest` value, `mean` of so many years, `change` against so many
        years before as a share of the value then, `years below zero` of so many, or the `run above
        zero`: how many years up to the newest.
    years : int
        How many.
    cuts, points : tuple of float
        Cut-offs, rising, and the points below the first, between them, and above the last.
    at_a_cut : {"below", "above"}
        On which side a value at a cut-off is.
    worse : {"low", "high"}
        Without cut-offs: which end of its type's values is the worst.
    weight : float, optional
        How much it counts; with cut-offs, if not given, its most points.
    not_for : tuple of str
        Types of authorities for which it does not count.

    Examples
    --------
    >>> Indicator(name="reserves", numerator=["reserves"], worse="low", weight=0.25).size
    0.25
    """

    model_config = _STRICT

    name: str
    numerator: tuple[str, ...] = Field(min_length=1)
    denominator: tuple[str, ...] = ()
    over: Literal["newest", "mean", "change", "years below zero", "run above zero"] = "newest"
    years: int = Field(1, ge=1, le=20)
    cuts: tuple[float, ...] = ()
    points: tuple[float, ...] = ()
    at_a_cut: Literal["below", "above"] = "below"
    worse: Literal["low", "high"] | None = None
    weight: float | None = Field(None, gt=0)
    not_for: tuple[str, ...] = ()

    @property
    def size(self) -> float:
        """How much it counts at most."""
        return max(self.points) if self.weight is None else self.weight

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Refuse cut-offs that do not fit their points, and an indicator without either way."""
        if self.cuts:
            if len(self.points) != len(self.cuts) + 1:
                raise ValueError("needs one more of points than of cuts")
            if list(self.cuts) != sorted(set(self.cuts)):
                raise ValueError("cuts must rise")
            if min(self.points) < 0 or max(self.points) <= 0:
                raise ValueError("points must be 0 or more, and one of them above 0")
        elif self.worse is None or self.weight is None:
            raise ValueError("needs cuts and points, or worse and weight")
        return self


class PointsSystem(BaseModel):
    """A system of points.

    Parameters
    ----------
    name, title, source : str
        What it is called, in a word and in full, and where it was published.
    indicator : tuple of Indicator
        What it counts.
    total : {"share", "against median"}
        What the points are told as: in percent of those that can be had, or how far, in percent,
        what is left of them is below the median of its type.
    min_known : float, default=0.5
        The share of what counts that must be known for a score.

    Examples
    --------
    >>> [indicator.size for indicator in built_in_system("cipfa-2018").indicator]
    [0.25, 0.25, 0.1, 0.15]
    """

    model_config = _STRICT

    name: str
    title: str = ""
    source: str = ""
    indicator: tuple[Indicator, ...] = Field(min_length=1)
    total: Literal["share", "against median"] = "share"
    min_known: float = Field(0.5, gt=0, le=1)

    @cached_property
    def metrics(self) -> list[str]:
        """Every metric it needs."""
        terms = [term for i in self.indicator for term in (*i.numerator, *i.denominator)]
        return sorted({term.removeprefix("-") for term in terms})

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        names = [indicator.name for indicator in self.indicator]
        if len(set(names)) < len(names):
            raise ValueError("two indicators have one name")
        return self


def read_points_system(path: str | PathLike[str]) -> PointsSystem:
    """Read a system of points from a TOML file.

    Parameters
    ----------
    path : path
        A file with the fields of `PointsSystem`, and an `[[indicator]]` with those of `Indicator`
        for each.

    Returns
    -------
    PointsSystem

    Raises
    ------
    PointsSystemError
        Naming everything that is wrong, or why the file cannot be read.

    Examples
    --------
    >>> read_points_system("nowhere.toml")
    Traceback (most recent call last):
    earlywarning.errors.PointsSystemError: nowhere.toml cannot be read: No such file or directory.
    """
    try:
        return PointsSystem(**tomllib.loads(Path(path).read_text(encoding="utf-8-sig")))
    except OSError as reason:
        raise PointsSystemError(f"{Path(path).name} cannot be read: {reason.strerror}.") from reason
    except ValidationError as reason:
        wrong = [f"{_place(error['loc'])}: {error['msg']}." for error in reason.errors()]
        raise PointsSystemError(f"{Path(path).name}: {' '.join(wrong)} Correct them.") from reason
    except (ValueError, TypeError) as reason:  # not TOML, or not text
        raise PointsSystemError(f"{Path(path).name} is no TOML file: {reason}.") from reason


def built_in_system(name: str) -> PointsSystem:
    """Return one of the systems that come with the library.

    Parameters
    ----------
    name : {"cipfa-2018", "nyfsms-2017"}

    Returns
    -------
    PointsSystem
        With those of its indicators that English returns can give.

    Raises
    ------
    UsageError
        If there is no such system.

    Examples
    --------
    >>> built_in_system("nyfsms-2017").title
    'Fiscal Stress Monitoring System, New York State Comptroller'
    """
    if name not in POINTS_SYSTEMS:
        raise UsageError(
            f"No points system {name!r}{nearest(name, POINTS_SYSTEMS)}. "
            f"There are: {', '.join(POINTS_SYSTEMS)}."
        )
    with as_file(files(__package__) / "systems" / f"{name}.toml") as path:
        return read_points_system(path)


def _place(steps: tuple[int | str, ...]) -> str:
    """Return where in the file something is wrong, indicators counted from 1."""
    words = [f"{step + 1}" if isinstance(step, int) else step for step in steps]
    return " ".join(words) or "the file"
