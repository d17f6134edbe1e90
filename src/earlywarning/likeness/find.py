"""Whom is each authority most like, and why?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.authorities.tables import Source
from earlywarning.errors import RegisterError, UsageError, refuse_other_kind
from earlywarning.likeness.areas import (
    STAGE,
    Areas,
    Issues,
    as_column,
    read_areas,
    refuse_unknown,
)
from earlywarning.likeness.wording import alike
from earlywarning.models.nearest import (
    Nearest,
    Scale,
    comparable,
    is_skewed,
    nearest_rows,
    whitened,
)
from earlywarning.schema import (
    CHARACTERISTICS,
    FROM,
    NEIGHBOURS,
    PAIRS,
    issue_row,
    issues_table,
)

Array = NDArray[np.float64]
Method = Literal["euclidean", "whitened"]

LEAST_KNOWN = 0.5  # of all weight, in characteristics that both have: less says more of the gaps
MOST_WEIGHT = 1e6  # times another: that one is as good as left out
SKEWED = "skewed"


@dataclass(frozen=True, eq=False)
class Likeness:
    """Each authority's nearest, and why.

    Attributes
    ----------
    neighbours : DataFrame
        Columns `schema.NEIGHBOURS`, by authority and rank.
    pairs : DataFrame
        Columns `schema.PAIRS`, then one `from:<characteristic>` each: what it adds to the
        squared distance, missing where it is not known of both. They add up to it.
    characteristics : DataFrame
        Columns `schema.CHARACTERISTICS`: how each was made comparable.
    issues : DataFrame
        Columns `schema.ISSUES`: who could not be placed, and what was left out.
    """

    neighbours: pd.DataFrame
    pairs: pd.DataFrame
    characteristics: pd.DataFrame
    issues: pd.DataFrame


def find_neighbours(
    areas: Source,
    *,
    characteristics: Sequence[str] | None = None,
    weights: Mapping[str, float] | None = None,
    within: str | None = "type",
    k: int = 15,
    method: Method = "euclidean",
    log: Sequence[str] | Literal["skewed"] = SKEWED,
) -> Likeness:
    """Find the authorities most like each one, by characteristics of their areas.

    Parameters
    ----------
    areas : path or DataFrame
        One row an authority: its code, perhaps `name` and `type`, and columns of numbers such
        as population, density, deprivation.
    characteristics : sequence of str, optional
        The columns to compare by; all that hold numbers, if not given.
    weights : mapping of str to float, optional
        How much a characteristic's squared difference counts; 1 where nothing is said, and
        0 leaves it out.
    within : str or None
        Only authorities equal in this column are compared; a type that is not given follows
        from the code. None: all with all.
    k : int
        How many neighbours each is to have.
    method : str
        "euclidean"; or "whitened", where characteristics that go together count once.
    log : "skewed" or sequence of str
        Whose logarithms to take: those positive throughout with skewness above 1 that the
        logarithm reduces, or those named.

    Returns
    -------
    Likeness

    Raises
    ------
    RegisterError
        If the table breaks its rules, naming all that is wrong.
    UsageError
        If a name, a weight, `k` or `method` is wrong.

    Notes
    -----
    Weighted Euclidean distance of standardised characteristics, as in the nearest neighbour models
    of CIPFA and NHS England; `docs/neighbours.md` has the sources.

    Examples
    --------
    >>> areas = pd.DataFrame({"code": ["E06000001", "E06000002", "E06000003", "E06000004"],
    ...                       "population": [94, 141, 137, 197], "density": [998, 2600, 560, 962]})
    >>> found = find_neighbours(areas, k=1)
    >>> found.neighbours.values.tolist()[0]
    ['E06000001', 'E06000003', 1]
    >>> found.pairs["reason"][0]
    'E06000003 is nearest to E06000001 in population; it differs most in density.'
    """
    _refuse_options(k, method)
    group = None if within is None else as_column(within)
    read = read_areas(areas, characteristics, group)
    weight = _weights(read.characteristics, {} if weights is None else weights)
    logged = _logged(read, log)
    Z, scale = comparable(read.values, logged)
    used = (scale.spread > 0) & (weight > 0)
    if not used.any():
        raise RegisterError(
            "The authorities do not differ in any characteristic that has a weight. Add one."
        )
    found = _nearest(read, Z[:, used], weight[used], k, method)
    names = [name for name, here in zip(read.characteristics, used, strict=True) if here]
    issues = [*read.issues, *_equal(read, scale), *_unplaced(read, Z[:, used], found, k, method)]
    pairs = _pairs(read, names, found)
    return Likeness(
        pairs[list(NEIGHBOURS)].copy(), pairs, _scales(read, weight, scale), issues_table(issues)
    )


def _refuse_options(k: int, method: str) -> None:
    """Refuse a number or a method that is none."""
    problems = []
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        problems.append(f"k is how many neighbours each is to have, at least 1; got {k!r}.")
    if method not in get_args(Method):
        problems.append(f"There is no method {method!r}; one of {', '.join(get_args(Method))}.")
    if problems:
        raise UsageError(" ".join(problems))


def _weights(names: list[str], asked: Mapping[str, float]) -> Array:
    """Return each characteristic's weight."""
    refuse_other_kind("weights", asked, Mapping, "Give them by name: {'population': 2}.")
    given = {as_column(name): weight for name, weight in asked.items()}
    refuse_unknown(given, names, "characteristic")
    wrong = [f"{name}={weight}" for name, weight in given.items() if not 0 <= weight <= MOST_WEIGHT]
    if wrong:
        raise UsageError(f"A weight is from 0 to {MOST_WEIGHT:,.0f}; got {', '.join(wrong)}.")
    return np.array([float(given.get(name, 1.0)) for name in names])


def _logged(read: Areas, log: Sequence[str] | Literal["skewed"]) -> NDArray[np.bool_]:
    """Return whose logarithms are taken."""
    if isinstance(log, str):
        if log != SKEWED:
            raise UsageError(f"log is {SKEWED!r} or a list of characteristics; got {log!r}.")
        return is_skewed(read.values)
    asked = [as_column(name) for name in log]
    refuse_unknown(asked, read.characteristics, "characteristic")
    logged = np.array([name in asked for name in read.characteristics])
    low: NDArray[np.bool_] = np.asarray(logged & (read.values <= 0).any(axis=0))
    if low.any():
        names = ", ".join(n for n, here in zip(read.characteristics, low, strict=True) if here)
        raise UsageError(f"{names}: some values are 0 or less, and have no logarithm.")
    return logged


def _nearest(read: Areas, Z: Array, weight: Array, k: int, method: str) -> Nearest:
    """Return the pairs, among authorities that have a group."""
    numbers = pd.factorize(read.group)[0]
    alone = np.where(numbers < 0, -1 - np.arange(len(numbers)), numbers)  # no group: nobody
    if method == "whitened":
        return nearest_rows(whitened(Z, weight), alone, np.ones(len(weight)), k=k, least_known=1.0)
    return nearest_rows(Z, alone, weight, k=k, least_known=LEAST_KNOWN)


def _pairs(read: Areas, names: list[str], found: Nearest) -> pd.DataFrame:
    """Return the pairs as a table, each with its reason."""
    authority, called = np.array(read.authority, object), np.array(read.name, object)
    reasons = [
        alike(one, other, names, parts)
        for one, other, parts in zip(
            called[found.row], called[found.neighbour], found.parts, strict=True
        )
    ]
    squared = found.squared
    columns = (
        authority[found.row], authority[found.neighbour], found.rank, np.sqrt(squared), squared,
        np.array(reasons, dtype=object),
    )  # fmt: skip
    table = dict(zip(PAIRS, columns, strict=True))
    return pd.DataFrame(table | {FROM + n: found.parts[:, i] for i, n in enumerate(names)})


def _scales(read: Areas, weight: Array, scale: Scale) -> pd.DataFrame:
    """Return how each characteristic was made comparable."""
    words = np.where(scale.logged, "log", "as it is")
    n = np.isfinite(read.values).sum(axis=0)
    columns = (read.characteristics, weight, words, scale.centre, scale.spread, n)
    return pd.DataFrame(dict(zip(CHARACTERISTICS, columns, strict=True)))


def _equal(read: Areas, scale: Scale) -> Issues:
    """Say in which characteristics all are equal."""
    return [
        issue_row(STAGE, "all_equal", f"{name} is the same everywhere it is known: left out.",
                  "Nothing, if so.")
        for name, spread in zip(read.characteristics, scale.spread, strict=True) if not spread > 0
    ]  # fmt: skip


def _unplaced(read: Areas, Z: Array, found: Nearest, k: int, method: str) -> Issues:
    """Say which authorities have no neighbours, or fewer than were asked for, and why."""
    n = np.bincount(found.row, minlength=len(read.authority))
    members = read.group.map(read.group.value_counts())
    gaps = np.isnan(Z)
    lacks = np.asarray(gaps.any(axis=1) if method == "whitened" else gaps.all(axis=1))
    issues = []
    for i in np.flatnonzero(n < k).tolist():
        if pd.isna(read.group.iloc[i]):
            why, remedy = "it is not known within what to compare it", "Fill the column in."
        elif lacks[i] or (n[i] == 0 and members.iloc[i] > 1):
            why, remedy = "too little is known of it and the others", "Fill in its characteristics."
        elif members.iloc[i] == 1:
            why, remedy = f"no other is {read.group.iloc[i]}", "Compare within another column."
        else:
            why = f"few are comparable within {read.group.iloc[i]}"
            remedy = "Ask for fewer, compare within another column, or fill in what is missing."
        code = "no_neighbours" if n[i] == 0 else "few_neighbours"
        text = f"{read.authority[i]} has {n[i]} neighbours of {k}: {why}."
        issues.append(issue_row(STAGE, code, text, remedy, authority=read.authority[i]))
    return issues
