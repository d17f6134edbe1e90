"""All that the pages of a site are made of, grouped once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from earlywarning.explain import Explained
from earlywarning.explain.wording import day
from earlywarning.flags import at_most
from earlywarning.report.site.rows import Rows, rows_of
from earlywarning.report.site.series import MetricSeries, Signal, series_of, signals_of
from earlywarning.schema import ASSESSED, FLAG_KINDS


@dataclass(frozen=True)
class Ran:
    """What was run: `run.json` in words.

    Parameters
    ----------
    version : str
        The library's.
    expected_false_flags : float
        How many of the flags to expect to be false, at the most.
    settings, versions : mapping
        Every threshold, and the versions of what computes.
    inputs : sequence of (str, str, int, str)
        Role, name, size in bytes and SHA-256 of each file that was read.
    options : mapping
        What else was asked for.
    """

    version: str
    expected_false_flags: float
    settings: Mapping[str, object]
    versions: Mapping[str, str]
    inputs: Sequence[tuple[str, str, int, str]]
    options: Mapping[str, object]


@dataclass(frozen=True, eq=False)
class Book:
    """The tables as they came, and what was grouped of them."""

    told: Explained
    ran: Ran
    rows: Rows
    series: Mapping[str, MetricSeries]
    signals: Mapping[tuple[str, str], dict[str, Signal]]

    @cached_property
    def contributions(self) -> dict[str, pd.DataFrame]:
        """What adds up to each authority's score."""
        by = self.told.contributions.groupby("authority", observed=True, sort=False)
        return {str(code): parts for code, parts in by}

    @cached_property
    def titles(self) -> dict[str, str]:
        """What to call each metric."""
        return {code: what.title for code, what in self.rows.metrics.items()}

    @cached_property
    def assessed(self) -> dict[str, tuple[int, int, int]]:
        """Each metric's authorities; its positions and changes that were assessed, and all."""
        found = dict.fromkeys(self.rows.metrics, (0, 0, 0))
        for (_, metric), signals in self.signals.items():
            statuses = [signals[kind].status for kind in FLAG_KINDS if kind in signals]
            n, done, of = found[metric]
            found[metric] = (n + 1, done + statuses.count(ASSESSED), of + len(statuses))
        return found

    @property
    def as_of(self) -> str:
        """The day whose knowledge it is, in words."""
        return day(self.told.as_of)

    @property
    def false_flags(self) -> int:
        """How many flags to expect to be false, at the most."""
        return at_most(self.ran.expected_false_flags)


def book_of(told: Explained, ran: Ran) -> Book:
    """Group what was found, once for all pages."""
    rows = rows_of(told)
    types = {code: who.type for code, who in rows.authorities.items()}
    return Book(told, ran, rows, series_of(told, types), signals_of(told))
