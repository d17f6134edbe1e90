"""What would outcomes have taught, day by day, and is it worth more than the plain score?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from earlywarning.errors import UsageError
from earlywarning.schema import THEME
from earlywarning.settings import Settings
from earlywarning.validation.learning.gains import gains, verdict
from earlywarning.validation.learning.splits import FOLDS, as_days, fold_of
from earlywarning.validation.learning.walk import Record, Walk, walk

REQUIRED = ("authority", "as_of", "score")
CHANCES = ("authority", "as_of", "event", "learnt", "plain", "status")
FITS = (
    "as_of", "fold", "status", "n_rows", "n_events", "C", "intercept", "plain_intercept",
    "plain_weight",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Learning:
    """What was learnt out of time, and whether to use it.

    Attributes
    ----------
    chances : DataFrame
        One row for each that came in, in order: `authority, as_of, event`, the chance of an
        event by what was `learnt` and by the `plain` score alone, NaN where nothing could
        be, and a `status`: "ok", "too few events" or "nothing known".
    fits : DataFrame
        One row an as-of date (and fold): how many rows and authorities with an event it
        learnt from, the penalty `C`, and log odds a point: of the plain score
        (`plain_weight`) and of each theme (`theme:<theme>`). The last row is the newest.
    gains : DataFrame
        Columns `gains.GAINS`: AUC, log loss and Brier score of both, and the gain with its
        limits.
    used : {"learnt", "plain score"}
        Which one to use from now on.
    why : str
        A sentence with the figures.
    """

    chances: pd.DataFrame
    fits: pd.DataFrame
    gains: pd.DataFrame
    used: str
    why: str


def learn_out_of_time(
    scores: pd.DataFrame,
    event: ArrayLike,
    *,
    horizon_days: int,
    known_by: ArrayLike | None = None,
    authorities: Literal["all", "others"] = "all",
    draws: int = 1000,
    coverage: float = 0.95,
    seed: int = Settings().seed,
) -> Learning:
    """Learn theme weights from outcomes on each date, and hold them against the plain score.

    Parameters
    ----------
    scores : DataFrame
        One row an (authority, as_of): columns `authority, as_of, score` and the
        `theme:<theme>` that add up to it. A theme without points has 0 or NaN.
    event : array-like of float of shape (n_rows,)
        Whether the outcome came within the horizon after `as_of`; NaN where not known.
    horizon_days : int
        The horizon; no row teaches before it is over.
    known_by : array-like of datetime of shape (n_rows,), optional
        The day each label became known, if later than that; NaT for never.
    authorities : {"all", "others"}, default="all"
        Whether what is told of an authority may be learnt from its own past, or from
        four fifths of the authorities that it is not among.
    draws, coverage, seed : int, float, int
        Of the bootstrap over authorities that gives the limits.

    Returns
    -------
    Learning

    Raises
    ------
    UsageError
        If columns are missing, lengths differ, or values are not what they must be.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> n, years = 200, pd.date_range("2015-04-01", periods=6, freq="365D")
    >>> points = rng.exponential(5.0, size=(n * 6, 2))
    >>> event = rng.random(n * 6) < 1 / (1 + np.exp(4 - 0.3 * points[:, 0]))
    >>> scores = pd.DataFrame({
    ...     "authority": np.tile([f"A{i}" for i in range(n)], 6), "as_of": years.repeat(n),
    ...     "score": points.sum(axis=1), "theme:money": points[:, 0], "theme:care": points[:, 1],
    ... })
    >>> found = learn_out_of_time(scores, event, horizon_days=365, draws=200)
    >>> found.used, found.fits["theme:money"].iloc[-1] > found.fits["theme:care"].iloc[-1]
    ('learnt', np.True_)
    """
    record, themes = _record(scores, event, horizon_days, known_by)
    if authorities not in ("all", "others"):
        raise UsageError(f"authorities is {authorities!r}: say 'all' or 'others'.")
    if authorities == "all":
        told = [np.ones(len(scores), dtype=bool)]
    else:
        told = [fold_of(record.authority, FOLDS) == fold for fold in range(FOLDS)]
    walks = [walk(record, rows, horizon_days=horizon_days) for rows in told]
    done = walks[0]
    for rows, other in zip(told[1:], walks[1:], strict=True):
        for column in ("learnt", "plain", "status"):
            getattr(done, column)[rows] = getattr(other, column)[rows]
    table = gains(record, done, draws=draws, coverage=coverage, seed=seed)
    used, why = verdict(table, coverage)
    return Learning(_chances(scores, record, done), _fits(walks, themes), table, used, why)


def _record(
    scores: pd.DataFrame, event: ArrayLike, horizon_days: int, known_by: ArrayLike | None
) -> tuple[Record, list[str]]:
    """Check what comes in, and return it as arrays with the themes' columns."""
    themes = sorted(column for column in scores.columns if str(column).startswith(THEME))
    came = np.asarray(event, dtype=float)
    missing = [column for column in REQUIRED if column not in scores]
    problems = []
    if missing:
        problems.append(f"Scores have no column {', '.join(missing)}.")
    if not themes:
        problems.append(f"Scores have no column {THEME}<theme>: there is nothing to weigh.")
    if came.shape != (len(scores),):
        problems.append(f"There are {len(scores)} scores and events of shape {came.shape}.")
    elif not np.isin(came[~np.isnan(came)], (0.0, 1.0)).all():
        problems.append("Events are not all 1, 0 or NaN.")
    if problems:
        raise UsageError(" ".join(problems))
    score = scores["score"].to_numpy(dtype=float)
    if not np.isfinite(score).all():
        raise UsageError(f"Rows without a score: {int((~np.isfinite(score)).sum())}. Drop them.")
    as_of, known = as_days(scores["as_of"], horizon_days, known_by)
    points = scores[themes].fillna(0.0).to_numpy(dtype=float)
    who = scores["authority"].astype(str).to_numpy(dtype=str)
    return Record(who, as_of, known, points, score, came), themes


def _chances(scores: pd.DataFrame, record: Record, done: Walk) -> pd.DataFrame:
    table = scores[["authority", "as_of"]].assign(
        event=record.event, learnt=done.learnt, plain=done.plain, status=done.status
    )
    return table[list(CHANCES)]


def _fits(walks: list[Walk], themes: list[str]) -> pd.DataFrame:
    """Return one row a date and fold, the themes' weights in columns."""
    rows = [fit | {"fold": fold} for fold, done in enumerate(walks) for fit in done.fits]
    nothing = np.full(len(themes), np.nan)
    weights = np.array([row.pop("weights", nothing) for row in rows]).reshape(-1, len(themes))
    table = pd.DataFrame(rows, columns=list(FITS))
    table[themes] = weights
    return table.sort_values(["as_of", "fold"], ignore_index=True)
