"""What is drawn of a series, and how is it said to who does not see it?"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from earlywarning.charts.marks import plain
from earlywarning.charts.scale import said

EXPECTED = {
    "last": "expected of the newest",
    "step": "expected of the last two's average",
    "drift": "expected, had it not crept",
}


@dataclass(frozen=True, slots=True)
class Peers:
    """The peers' quartiles in each period, in the metric's unit; NaN where there are none."""

    lower: Sequence[float]
    median: Sequence[float]
    upper: Sequence[float]


@dataclass(frozen=True, slots=True)
class Expected:
    """What was expected of the newest value, by which contrast of `schema.CONTRASTS`.

    `average` is what a "step" compares with it: that of the newest two values.
    """

    contrast: str
    centre: float
    lower: float
    upper: float
    average: float = math.nan


@dataclass(frozen=True, slots=True)
class SeriesPicture:
    """One series, oldest first; nothing here is read but what is drawn.

    Parameters
    ----------
    periods : sequence of str
        Labels.
    days : sequence of int
        The last day of each period, counted from any day; ascending.
    values : sequence of float
        In the metric's unit; NaN leaves a gap.
    peers : Peers, optional
        A value each period.
    expected : Expected, optional
        Of the newest value.
    flagged, breaks : sequence of int
        Places of flagged values, and of periods from which on the metric may be defined anew.
    first : sequence of float, optional
        What was published at first where it was revised since, else NaN.
    """

    periods: Sequence[str]
    days: Sequence[int]
    values: Sequence[float]
    peers: Peers | None = None
    expected: Expected | None = None
    flagged: Sequence[int] = ()
    breaks: Sequence[int] = ()
    first: Sequence[float] | None = None

    @property
    def newest(self) -> int:
        """The place of the newest value; -1 without any."""
        known = (i for i in range(len(self.values) - 1, -1, -1) if math.isfinite(self.values[i]))
        return next(known, -1)

    def in_words(self, unit: str) -> str:
        """Say what is seen."""
        at = self.newest
        if at < 0:
            return "No value."
        sentences = [self._of_values(unit, at), self._of_peers(unit, at)]
        if self.expected is not None:
            of = self.expected
            centre, lower, upper = (said(value, unit) for value in (of.centre, of.lower, of.upper))
            word = EXPECTED[of.contrast].capitalize()
            sentences.append(f"{word}: {centre}, {lower} to {upper}.")
        for word, places in (("Flagged", self.flagged), ("Perhaps defined anew", self.breaks)):
            if places:
                named = ", ".join(plain(self.periods[i]) for i in places)
                sentences.append(f"{word}: {named}.")
        n_revised = sum(map(math.isfinite, self.first or ()))
        sentences.append(f"Revised: {n_revised}." if n_revised else "")
        return " ".join(filter(None, sentences))

    def _of_values(self, unit: str, at: int) -> str:
        known = [value for value in self.values if math.isfinite(value)]
        newest = f"of {plain(self.periods[at])}, is {said(known[-1], unit)}."
        if len(known) == 1:
            return f"The only value, {newest}"
        return (
            f"{len(known)} values, {plain(self.periods[0])} to {plain(self.periods[-1])}, between "
            f"{said(min(known), unit)} and {said(max(known), unit)}; the newest, {newest}"
        )

    def _of_peers(self, unit: str, at: int) -> str:
        if self.peers is None or not math.isfinite(self.peers.median[at]):
            return ""
        lower, upper = self.peers.lower[at], self.peers.upper[at]
        return f"Middle half of its peers then: {said(lower, unit)} to {said(upper, unit)}."
