"""How far does chance move each value, where it is so many cases out of so many?

Only where that can be told: the unit is a share or a rate for each so many, numerator
and denominator are published, the numerators are whole numbers, and they agree with the
value. It is the published value that is judged; its numerator says that it is made of
cases, its denominator how far chance moves it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.funnel.scales import Effects, as_steady_effects, steady_back
from earlywarning.models.funnel.target import Between, PeerTarget, peer_target
from earlywarning.models.peers import student_quantile
from earlywarning.models.tails import student_tails
from earlywarning.signals.prepare import Prepared
from earlywarning.units import UNITS

Array = NDArray[np.float64]
Labels = NDArray[np.intp]
Mask = NDArray[np.bool_]

AGREE = 0.1  # share of the cases, or one case: what rounding or an adjustment may do to a value
FEWEST = 2  # peers from whose cases a variance can be learnt


@dataclass(frozen=True, eq=False)
class ByCases:
    """Authorities whose values are made of cases against their peers; arrays of shape (m,)."""

    rows: Labels  # which authorities of the metric
    target: PeerTarget
    error: Array
    above: Array
    below: Array
    n_peers: Labels

    def expected(self, prepared: Prepared) -> Array:
        """Return what their peers lead one to expect in their newest period, as oriented values."""
        return _oriented(prepared, self.target.centre, self.rows)

    def limit(self, prepared: Prepared, tail: float | Array, side: float | Array) -> Array:
        """Return what one more peer of this size would lie beyond, as oriented values."""
        t = -student_quantile(self.target.df(self.error), tail)
        far = prepared.orientation.sign * side * t
        return _oriented(prepared, self.target.value_at(far, self.error), self.rows)


def effects_at(prepared: Prepared, period: int) -> Effects | None:
    """Return each authority's value and its error by chance in a period, more cases up.

    NaN where it is not made of cases, None where none is.
    """
    matrix, per = prepared.matrix, _per(prepared)
    if per is None or matrix.numerator is None or matrix.denominator is None:
        return None
    given, n = matrix.numerator[:, period], matrix.denominator[:, period]
    known = np.isfinite(given) & (given >= 0) & np.isfinite(n) & (n > 0)
    if not known.any() or (given[known] != np.round(given[known])).any():
        return None
    cases, scale = matrix.values[:, period] / per * n, _scale(prepared)
    if scale == "arcsine":
        known &= given <= n
    with np.errstate(invalid="ignore"):
        known &= np.abs(cases - given) <= np.maximum(1.0, AGREE * given)
    cases = np.clip(cases, 0.0, n if scale == "arcsine" else None)
    return as_steady_effects(np.where(known, cases, np.nan), n, scale=scale)


def judged_by_cases(prepared: Prepared, effects: Effects, rows: Labels, company: Mask) -> ByCases:
    """Set values of a period against given peers, their sizes taken into account.

    Parameters
    ----------
    prepared : Prepared
        The metric.
    effects : Effects
        Of all n authorities in the period; those that take part have one.
    rows : ndarray of shape (m,)
        Who is judged.
    company : ndarray of bool of shape (m, n)
        Against whom, a row each: two at the least.
    """
    columns, company = _packed(company)
    value, error = effects.value[columns], effects.error[columns]
    target = peer_target(value, error**2, company, between=_between(prepared))
    own, n_peers = effects.error[rows], company.sum(axis=1)
    z = prepared.orientation.sign * target.distance(effects.value[rows], own)
    return ByCases(rows, target, own, *student_tails(z, target.df(own)), n_peers)


def newest_by_cases(prepared: Prepared, rows: Labels, fewest: int) -> Iterator[ByCases]:
    """Yield some authorities' newest values against their peers, period by period and by type.

    Those that are not made of cases, or have too few peers that are, do not come.
    """
    for period in np.unique(prepared.newest[rows]):
        effects = effects_at(prepared, int(period))
        if effects is None:
            continue
        known = np.isfinite(effects.value)
        here = rows[known[rows] & (prepared.newest[rows] == period)]
        for kind in np.unique(prepared.kinds[here]):
            mine = here[prepared.kinds[here] == kind]
            company = prepared.peers_at(int(period), mine) & known
            enough = company.sum(axis=1) >= max(fewest, FEWEST)
            if enough.any():
                yield judged_by_cases(prepared, effects, mine[enough], company[enough])


def _oriented(prepared: Prepared, values: Array, rows: Labels) -> Array:
    """Return these authorities' values on the scale of chance as oriented values."""
    n = np.asarray(prepared.matrix.denominator)[rows, prepared.newest[rows]]
    share = steady_back(values, n, scale=_scale(prepared))
    with np.errstate(divide="ignore"):  # no case at all is as far down as a logarithm goes
        return prepared.orientation.forward((_per(prepared) or 1.0) * share, n)


def _per(prepared: Prepared) -> float | None:
    unit = UNITS.get(prepared.metric.unit)
    return None if unit is None else unit.per


def _scale(prepared: Prepared) -> Literal["arcsine", "root"]:
    return "arcsine" if UNITS[prepared.metric.unit].transform == "logit" else "root"


def _between(prepared: Prepared) -> Between:
    """Return on which scale authorities differ alike: the transform's, where it has one."""
    if prepared.metric.transform not in ("log", "logit"):
        return "same"
    return "logit" if _scale(prepared) == "arcsine" else "log"


def _packed(company: Mask) -> tuple[Labels, Mask]:
    """Return whom each row names, its columns side by side, and which of those places are taken."""
    count = company.sum(axis=1)
    taken = np.arange(count.max(initial=0)) < count[:, None]
    columns = np.zeros(taken.shape, dtype=np.intp)
    columns[taken] = np.nonzero(company)[1]
    return columns, taken
