"""What would have been told on each day, by what had been learnt until then?

One walk through the dates. On each, every penalty is tried on what was known; the one
used is the one that had told earlier dates best, of those whose outcomes were known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.outcome import OutcomeLogistic
from earlywarning.validation.learning.splits import Days, Rows, time_splits

Array = NDArray[np.float64]

FEWEST_EVENTS = 10  # authorities with an event, and without: with fewer nothing is learnt
PENALTIES = (0.001, 0.01, 0.1, 1.0, 10.0)  # `C` of `OutcomeLogistic`, the plainest first
LEAST_CHANCE = 1e-9  # that a log loss counts by: a chance rounds to 0 where points are many
LEARNT = "ok"
TOO_FEW = "too few events"
NOTHING_KNOWN = "nothing known"


@dataclass(frozen=True, eq=False)
class Record:
    """The rows: who and when, what they are told from, and what came.

    Attributes
    ----------
    authority : ndarray of str of shape (n,)
    as_of, known : ndarray of datetime64[D] of shape (n,)
        The day that is told on, and the first on which the row may teach; NaT for never.
    points : ndarray of shape (n, n_themes)
    score : ndarray of shape (n,)
    event : ndarray of shape (n,)
        1, 0, or NaN where not known.
    """

    authority: NDArray[np.str_]
    as_of: Days
    known: Days
    points: Array
    score: Array
    event: Array

    def part(self, rows: Rows | NDArray[np.bool_]) -> Record:
        """Return some of the rows."""
        return Record(
            self.authority[rows],
            self.as_of[rows],
            self.known[rows],
            self.points[rows],
            self.score[rows],
            self.event[rows],
        )


@dataclass(frozen=True, eq=False)
class Walk:
    """What was told on each day.

    Attributes
    ----------
    learnt, plain : ndarray of shape (n,)
        The chance of an event, by weighed themes and by the plain score; NaN where none is.
    status : ndarray of str of shape (n,)
        "ok", or why there is none.
    fits : list of dict
        What was learnt on each date, from how much.
    """

    learnt: Array
    plain: Array
    status: NDArray[np.object_]
    fits: list[dict[str, object]]


def walk(record: Record, told: NDArray[np.bool_], *, horizon_days: int) -> Walk:
    """Tell each date's rows by what could be known of them on that day.

    Parameters
    ----------
    record : Record
        All rows.
    told : ndarray of bool of shape (n,)
        The rows to be told, by what the others teach; where all are to be told, all teach.
    horizon_days : int
        As `time_splits` takes it.

    Returns
    -------
    Walk
        Filled for the rows that are told.
    """
    n = told.size
    teaches = ~told | told.all()
    done = Walk(np.full(n, np.nan), np.full(n, np.nan), np.full(n, NOTHING_KNOWN, object), [])
    tried = np.full((len(PENALTIES), n), np.nan)
    known_by = np.where(np.isnan(record.event) | ~teaches, np.datetime64("NaT"), record.known)
    splits = time_splits(
        record.as_of, record.authority, horizon_days=horizon_days, known_by=known_by
    )
    for train, rows in splits:
        known, asked = record.part(train), rows[told[rows]]
        fit = _counts(known) | {"as_of": record.as_of[rows[0]]}
        done.status[asked] = fit["status"]
        if fit["status"] == LEARNT:
            models, plain = _models(known)
            tried[:, rows] = [model.predict_proba(record.points[rows])[:, 1] for model in models]
            best = best_penalty(tried[:, train], known)
            done.learnt[asked] = tried[best, asked]
            done.plain[asked] = plain.predict_proba(record.score[asked, None])[:, 1]
            fit |= _weights(models[best], plain)
        done.fits.append(fit)
    return done


def _models(known: Record) -> tuple[list[OutcomeLogistic], OutcomeLogistic]:
    """Return what each penalty makes of the themes, and the plain score's own model."""
    models = [OutcomeLogistic(C=C, towards="equal") for C in PENALTIES]
    learnt = [model.fit(known.points, known.event) for model in models]
    return learnt, OutcomeLogistic().fit(known.score[:, None], known.event)


def best_penalty(tried: Array, known: Record) -> int:
    """Return which penalty told known rows best; the plainest while too few have been told.

    Parameters
    ----------
    tried : ndarray of shape (n_penalties, n)
        Chances that each gave, in its time; NaN where it gave none.
    known : Record
        The same rows.

    Returns
    -------
    int
        The row of `tried` with the least mean log loss.
    """
    rows = np.isfinite(tried[0])
    if _counts(known.part(rows))["status"] != LEARNT:
        return 0
    return int(np.argmin(log_loss(tried[:, rows], known.event[rows]).mean(axis=1)))


def log_loss(chance: Array, event: Array) -> Array:
    """Return minus the log of the chance given to what came, of each row; never infinite.

    Examples
    --------
    >>> log_loss(np.array([0.5, 0.9]), np.array([1.0, 0.0])).round(3)
    array([0.693, 2.303])
    """
    return np.asarray(-np.log(np.maximum(np.where(event == 1, chance, 1 - chance), LEAST_CHANCE)))


def _counts(known: Record) -> dict[str, object]:
    """Return how much there is to learn from; an authority's events count once."""
    with_event = np.unique(known.authority[known.event == 1]).size
    without = np.unique(known.authority[known.event == 0]).size
    enough = min(with_event, without) >= FEWEST_EVENTS
    return {
        "n_rows": known.event.size,
        "n_events": with_event,
        "status": LEARNT if enough else TOO_FEW,
    }


def _weights(model: OutcomeLogistic, plain: OutcomeLogistic) -> dict[str, object]:
    """Return the log odds a point, of each theme and of the plain score."""
    return {
        "C": model.C,
        "intercept": float(model.intercept_[0]),
        "weights": model.coef_[0],
        "plain_intercept": float(plain.intercept_[0]),
        "plain_weight": float(plain.coef_[0, 0]),
    }
