"""The tables that a page is made of, and how an authority is found in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from earlywarning import __version__
from earlywarning.explain.called import called, find_authority
from earlywarning.explain.reasons import with_signals
from earlywarning.explain.wording import one_line
from earlywarning.flags import gravest_first
from earlywarning.schema import BREAKS, CHALLENGES, PRACTICE, VALUES, empty
from earlywarning.settings import Settings


@dataclass(frozen=True, eq=False)
class Explained:
    """All that a page on an authority is made of; columns as in `schema`.

    Parameters
    ----------
    authorities, flags, signals, contributions, issues : DataFrame
        What was found, as known on `as_of`.
    metrics : DataFrame
        Columns `schema.CATALOGUE`.
    as_of : Timestamp
        The day.
    settings : Settings, optional
        The thresholds it was found with.
    version : str, optional
        The version of the library that found it.
    breaks : DataFrame, optional
        Columns `schema.BREAKS`: where metrics may have been defined anew; none by default.
    values, practice : DataFrame, optional
        Columns `schema.VALUES` and `schema.PRACTICE`: the values of all authorities, and who
        does well in what; none by default.
    challenges : DataFrame, optional
        Columns `schema.CHALLENGES`: what authorities replied to flags; none by default.
    """

    authorities: pd.DataFrame
    flags: pd.DataFrame
    signals: pd.DataFrame
    contributions: pd.DataFrame
    issues: pd.DataFrame
    metrics: pd.DataFrame
    as_of: pd.Timestamp
    settings: Settings = field(default_factory=Settings)
    version: str = __version__
    breaks: pd.DataFrame = field(default_factory=lambda: empty(BREAKS))
    values: pd.DataFrame = field(default_factory=lambda: empty(VALUES))
    practice: pd.DataFrame = field(default_factory=lambda: empty(PRACTICE))
    challenges: pd.DataFrame = field(default_factory=lambda: empty(CHALLENGES))

    def find(self, authority: str) -> str:
        """Return the code of an authority given by its code or name, whatever their case."""
        return find_authority(authority, self._called)

    def about(self, authority: str) -> About:
        """Return what was found of one authority, by its code or name, beside everyone's."""
        return About(self.find(authority), self)

    def titles(self, metrics: pd.Series) -> pd.Series:
        """Return each metric's title on one line; a stranger is called by its name."""
        called = [self._titles.get(metric, one_line(metric)) for metric in metrics]
        return pd.Series(called, index=metrics.index, dtype=object)

    @cached_property
    def _titles(self) -> dict[str, str]:
        known = self.metrics[self.metrics["title"].notna()]
        return dict(zip(known["metric"], known["title"].map(one_line), strict=True))

    def names(self, authorities: pd.Series) -> pd.Series:
        """Return each authority's name and code on one line; the code alone where it has none."""
        known = dict(zip(self._called["code"], self._called["both"], strict=True))
        called = [known.get(str(code), one_line(code)) for code in authorities]
        return pd.Series(called, index=authorities.index, dtype=object)

    @cached_property
    def _called(self) -> pd.DataFrame:
        return called(self.authorities)

    @cached_property
    def with_value(self) -> pd.Series:
        """How many authorities have a value to be compared, by type, metric and period."""
        position = self.signals[self.signals["signal"].eq("position")]
        there = position[position["value"].notna()]
        types = self.authorities.set_index("authority")["type"]
        keys = [there["authority"].map(types), there["metric"], there["period"]]
        return there.groupby([key.astype(str) for key in keys]).size()


@dataclass(frozen=True, eq=False)
class About:
    """What was found of one authority.

    Parameters
    ----------
    code : str
        The authority's.
    everyone : Explained
        What was found of all.
    """

    code: str
    everyone: Explained

    @cached_property
    def who(self) -> pd.Series:
        """Its row of the table of authorities."""
        return self._cut(self.everyone.authorities).iloc[0]

    @cached_property
    def flags(self) -> pd.DataFrame:
        """Its flags, the gravest first, each beside what was measured, as by `with_signals`."""
        flags = gravest_first(self._cut(self.everyone.flags))
        if flags.empty:
            return flags.assign(title="", unit="")  # quicker
        return with_signals(flags, self.signals, self.everyone.metrics)

    @cached_property
    def signals(self) -> pd.DataFrame:
        """What was measured of it."""
        return self._cut(self.everyone.signals)

    @cached_property
    def contributions(self) -> pd.DataFrame:
        """What adds up to its score."""
        return self._cut(self.everyone.contributions)

    @cached_property
    def issues(self) -> pd.DataFrame:
        """What was refused, repaired or doubted of its data."""
        return self._cut(self.everyone.issues)

    @cached_property
    def challenges(self) -> pd.DataFrame:
        """What it replied to flags."""
        return self._cut(self.everyone.challenges)

    @cached_property
    def values(self) -> pd.DataFrame:
        """Its values, oldest first."""
        return self._cut(self.everyone.values).sort_values("end", kind="stable")

    @cached_property
    def peers(self) -> pd.Series:
        """The codes of the other authorities of its type, by name; none where it has no type."""
        everyone = self.everyone.authorities
        alike = everyone["type"].eq(self.who["type"]) & everyone["authority"].ne(self.code)
        codes = everyone.loc[alike, "authority"]
        return codes.iloc[self.everyone.names(codes).map(str.casefold).argsort(kind="stable")]

    def _cut(self, table: pd.DataFrame) -> pd.DataFrame:
        return table[table["authority"].eq(self.code)]
