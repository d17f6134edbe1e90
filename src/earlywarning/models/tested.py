"""What do the newest periods of a series show, against those before them?

Three contrasts ask when a change began: `last` in the newest period, `step` in the one
before, `drift` over the later half. For each, and every structure, there is an effect
(how large the change is), a surprise (how far the value shown is from what the past
leads to), and what the past says of the structure itself. The tested periods never
take part in what the past says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.bank import Rhythm, bank_for, precision
from earlywarning.models.blocks import (
    DRIFT,
    FEWEST_PERIODS,
    LAST,
    STEP,
    Block,
    at_once,
    most_and_others,
)
from earlywarning.models.inner_products import LINE, SERIES, Gaps, InnerProducts, inner_products
from earlywarning.models.pooling import Past

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Labels = NDArray[np.intp]
Found = dict[str, NDArray[Any]]  # the columns of `Tested`, of one contrast

NEWEST, BEFORE, RAMP = range(LINE + 1, LINE + 4)  # places of what is tested


@dataclass(frozen=True, slots=True)
class Tested:
    """The contrasts of each series under each structure; arrays (3, K, n), or (3, n)."""

    effect: Array  # the best estimate of the change's full size
    variance: Array  # of the effect, in units of the series' own variance
    surprise: Array  # the value shown, less what its past leads one to expect
    surprise_variance: Array
    squares: Array  # residual sum of squares of the past
    log_det: Array  # of the past's restricted covariance
    df: Array  # (3, n) of the squares; 0 where not assessed
    value: Array  # (3, n) what is shown
    usual: Flags  # (3, n) whether it is tested in the same periods as its peers
    teaches: Flags  # (3, n) whether its past ends before the first period others are tested in
    as_last: Flags  # (3, n) whether it is the contrast `last` once more, for want of a period

    @property
    def past(self) -> Past:
        """What there is to learn from."""
        return Past(self.squares, self.log_det, self.df, self.teaches)

    @classmethod
    def to_fill(cls, n: int, k: int) -> Tested:
        """Return contrasts in which anything may stand: fill or forget each series."""
        effect, variance, surprise, surprise_variance, squares, log_det = np.empty((6, 3, k, n))
        df, value = np.empty((2, 3, n))
        usual, teaches, as_last = np.empty((3, 3, n), dtype=bool)
        return cls(
            effect, variance, surprise, surprise_variance, squares, log_det,
            df, value, usual, teaches, as_last,
        )  # fmt: skip

    def fill(self, rows: Labels | slice, parts: Sequence[Found]) -> None:
        """Write down what was found of some of the series, a part a contrast."""
        for contrast, part in enumerate(parts):
            for name, values in part.items():
                getattr(self, name)[contrast][..., rows] = values

    def put(self, rows: Labels, of: Tested, places: Labels) -> None:
        """Write down what others have at these places."""
        for name in self.__slots__:
            getattr(self, name)[..., rows] = getattr(of, name)[..., places]

    def forget(self, rows: Labels) -> None:
        """Know nothing of some of the series."""
        for name in self.__slots__:
            values = getattr(self, name)
            values[..., rows] = 0 if name == "df" or values.dtype == bool else np.nan


def apply_bank(X: Array, times: Array, rhythm: Rhythm, moved: Sequence[Array]) -> Tested:
    """Return all three contrasts of each series under each structure.

    Parameters
    ----------
    X : ndarray of shape (n_authorities, n_periods)
        Series, NaN in gaps.
    times : ndarray of shape (n_periods,)
        When the periods ended, in release intervals.
    rhythm : Rhythm
        What the periods are like.
    moved : 3 ndarrays of the shape of X
        What the peers did meanwhile, as far as each contrast believes it.
    """
    (found,) = Asking(X, times, rhythm, moved).in_turn(max(len(X), 1))
    return found


@dataclass(frozen=True, eq=False)
class Asking:
    """Series whose contrasts are asked for; as the parameters of `apply_bank`."""

    X: Array
    times: Array
    rhythm: Rhythm
    moved: Sequence[Array]

    def in_turn(self, many: int) -> Iterator[Tested]:
        """Yield what `apply_bank` returns, so many series after the other.

        Where most are of one block, all are worked out as that, in their order: it costs less
        to do the others again than to pick the many out.
        """
        known = np.isfinite(self.X)
        most, others = most_and_others(known)
        apart, of_others = self._apart(others)
        for first in range(0, max(len(known), 1), many):
            stop = min(first + many, len(known))
            found = Tested.to_fill(stop - first, len(bank_for(self.rhythm)))
            if most:
                for rows in at_once(first, stop):
                    found.fill(slice(rows.start - first, rows.stop - first), self._of(most, rows))
            here = np.flatnonzero((apart >= first) & (apart < stop))
            found.put(apart[here] - first, of_others, here)
            found.forget(np.flatnonzero(known[first:stop].sum(axis=1) < FEWEST_PERIODS))
            yield found

    def _apart(self, others: Sequence[Block]) -> tuple[Labels, Tested]:
        """Return the series of some blocks, one after the other, and their contrasts."""
        apart = np.concatenate([np.empty(0, dtype=np.intp), *(block.rows for block in others)])
        found, place = Tested.to_fill(len(apart), len(bank_for(self.rhythm))), 0
        for block in others:
            for rows in at_once(0, len(block.rows)):
                part = block.rows[rows]
                found.fill(slice(place, place + len(part)), self._of(block, part))
                place += len(part)
        return apart, found

    def _of(self, block: Block, rows: Labels | slice) -> tuple[Found, Found, Found]:
        """Return the contrasts of some series as if they were all of a block."""
        within = slice(block.first, block.newest + 1)
        x, *shared = (np.array(m[rows, within].T, order="C") for m in (self.X, *self.moved))
        if isinstance(rows, slice):
            x[:, ~block.holds(rows)] = 0.0
        return _Block.of(x, self.times[within] - self.times[0], self.rhythm, block).tested(shared)


@dataclass(frozen=True, eq=False)
class _Block:
    """The series of one block, (n_periods, n), from the first period looked at to the newest."""

    x: Array
    known: Flags
    alone: Labels  # series that lack the newest period but one
    times: Array
    rhythm: Rhythm
    gaps: Gaps
    cut: int
    block: Block

    @classmethod
    def of(cls, x: Array, times: Array, rhythm: Rhythm, block: Block) -> _Block:
        known = np.isfinite(x)
        gaps = Gaps(precision(tuple(times), rhythm), known)
        x, alone = np.where(known, x, 0.0), np.flatnonzero(~known[-2])
        return cls(x, known, alone, times, rhythm, gaps, block.cut - block.first, block)

    def tested(self, moved: Sequence[Array]) -> tuple[Found, Found, Found]:
        """Return the three contrasts of these series."""
        t, cut = self.times, self.cut
        ramp = np.maximum(t - t[cut - 1], 0.0) / (t[-1] - t[cut - 1])
        whole = np.asarray(self.known[cut:].all(axis=0) & self.block.usual)
        drifting = self._past(moved[DRIFT], cut, everywhere=~whole)
        y_last, y_step = self._past(moved[LAST], -1), self._past(moved[STEP], -2)
        for_last, for_step, for_drift = inner_products(
            [_before(y_last, -1), _before(y_step, -2), drifting],
            np.column_stack([_unit(t.size, -1), _unit(t.size, -2), ramp]),
            self.gaps,
        )
        last = self._one(for_last, y_last, -1, self.block.in_step)
        step = self._two(for_step, y_step)
        for name, values in last.items():
            step[name][..., self.alone] = values[..., self.alone]
        step["teaches"][self.alone] = step["usual"][self.alone] = False
        step["as_last"][self.alone] = True
        effect, variance = _effect(for_drift, RAMP)
        if self.block.usual and not whole.all():
            # What the peers did is theirs to say, but in all periods, also those not known here.
            effect[:, ~whole] += self._shared(moved[DRIFT][:, ~whole], cut, ramp)
        ahead = self._ahead(moved[DRIFT])
        return last, step, ahead | {"effect": effect, "variance": variance}

    def _two(self, inner: InnerProducts, y: Array) -> Found:
        """Test the two newest periods of y, where both are known."""
        p11, p12, p22 = inner(NEWEST, NEWEST), inner(NEWEST, BEFORE), inner(BEFORE, BEFORE)
        past1, past2 = inner(SERIES, NEWEST), inner(SERIES, BEFORE)
        for product, unknown in ((p12, 0.0), (p22, 1.0), (past2, 0.0)):
            product[:, self.alone] = unknown
        v1, v2 = y[-1], y[-2]
        y1, y2 = past1 + v1 * p11 + v2 * p12, past2 + v1 * p12 + v2 * p22
        det = p11 * p22 - p12**2
        newest, before = (p22 * past1 - p12 * past2) / det, (p11 * past2 - p12 * past1) / det
        information = p11 + 2 * p12 + p22
        return self._found(
            effect=(y1 + y2) / information,
            variance=1 / information,
            surprise=(v1 + newest + v2 + before) / 2,
            surprise_variance=(p11 - 2 * p12 + p22) / det / 4,
            squares=inner(SERIES, SERIES) - past1 * newest - past2 * before,
            log_det=inner.log_det + np.log(det),
            n_past=-2,
            value=self.x[-2:].mean(axis=0),
            usual=self.block.in_step,
        )

    def _ahead(self, moved: Array) -> Found:
        """Test the newest period against what comes before the later half."""
        here = [*range(self.cut), self.times.size - 1]
        gaps = Gaps(precision(tuple(self.times[here]), self.rhythm), self.known[here])
        y = self._past(moved, self.cut)[here]
        (inner,) = inner_products([_before(y, -1)], _unit(len(here), -1), gaps)
        return self._one(inner, y, self.cut, self.block.usual)

    def _shared(self, moved: Array, cut: int, ramp: Array) -> Array:
        """Return the effect that the peers' movement has on a series without gaps."""
        later = np.where(np.arange(self.times.size)[:, None] < cut, 0.0, moved)
        gaps = Gaps(self.gaps.precision, np.ones(later.shape, dtype=bool))
        (inner,) = inner_products([later], ramp[:, None], gaps)
        return _effect(inner, NEWEST)[0]

    def _past(self, moved: Array, n_past: int, everywhere: Flags | None = None) -> Array:
        """Return the series about the mean of its past, 0 in gaps, the peers' movement taken out.

        Of its past only, but for the rows that are tested in other periods than their peers.
        """
        y = self.x.copy()
        y[:n_past] -= moved[:n_past]
        if not self.block.in_step:
            y[n_past:] -= moved[n_past:]
        elif everywhere is not None:
            y[n_past:] -= everywhere * moved[n_past:]
        past = self.known[:n_past]
        y -= np.where(past, y[:n_past], 0.0).sum(axis=0) / past.sum(axis=0)
        return np.where(self.known, y, 0.0)

    def _one(self, inner: InnerProducts, y: Array, n_past: int, usual: bool) -> Found:
        """Test one period of y, the newest, against what comes before it."""
        past, length = inner(SERIES, NEWEST), inner(NEWEST, NEWEST)
        foretold = past / length
        effect, variance = y[-1] + foretold, 1 / length
        return self._found(
            effect=effect,
            variance=variance,
            surprise=effect,
            surprise_variance=variance,
            squares=inner(SERIES, SERIES) - past * foretold,
            log_det=inner.log_det + np.log(length),
            n_past=n_past,
            value=self.x[-1],
            usual=usual,
        )

    def _found(self, *, n_past: int, usual: bool, **found: Array) -> Found:
        n = self.x.shape[1]
        return {
            **found,
            "df": self.known[:n_past].sum(axis=0) - 1.0,
            "usual": np.full(n, usual),
            "teaches": np.full(n, self.block.teaches or n_past < 0),
            "as_last": np.zeros(n, dtype=bool),
        }


def _unit(n_periods: int, period: int) -> Array:
    """Return the vector that is 1 in one period, (n_periods, 1)."""
    unit = np.zeros((n_periods, 1))
    unit[period] = 1.0
    return unit


def _before(y: Array, n_past: int) -> Array:
    """Return the series with nothing in what is tested: what is large there costs no precision."""
    past = y.copy()
    past[n_past:] = 0.0
    return past


def _effect(inner: InnerProducts, vector: int) -> tuple[Array, Array]:
    """Return a vector's coefficient by generalised least squares, and its variance."""
    length = inner(vector, vector)
    return inner(SERIES, vector) / length, 1 / length
