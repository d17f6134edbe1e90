"""What would have been said on each of some days, knowing what was known then?

Each day is looked at by itself: everything is learnt anew from what had been published, so
no day depends on another, and they can be looked at side by side and in any order.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd
from joblib import Parallel, delayed

from earlywarning.panel import Panel
from earlywarning.pipeline import EarlyWarning, Progress
from earlywarning.result import Result
from earlywarning.schema import AUTHORITIES, REPLAYED_BASELINES, REPLAYED_FLAGS, SEVERITIES, THEME
from earlywarning.validation.store import Store

Scorer = Callable[[Result], pd.DataFrame]


@dataclass(frozen=True, eq=False)
class Replay:
    """What would have been said on each day.

    Attributes
    ----------
    scores : DataFrame
        One row an (authority, as_of): `as_of`, columns `schema.AUTHORITIES`, `n_flags`,
        `severity` of the gravest flag, and `theme:<theme>`, which add up to the score.
    flags : DataFrame
        Columns `schema.REPLAYED_FLAGS`.
    baselines : DataFrame
        Columns `schema.REPLAYED_BASELINES`: what other ways of ranking said.
    """

    scores: pd.DataFrame
    flags: pd.DataFrame
    baselines: pd.DataFrame


def replay(
    model: EarlyWarning,
    panel: Panel,
    days: Sequence[pd.Timestamp],
    *,
    scorers: Sequence[Scorer] = (),
    store: Path | None = None,
    n_jobs: int = 1,
    progress: Progress | None = None,
) -> Replay:
    """Score a panel as it stood on each of some days, everything learnt anew.

    Parameters
    ----------
    model : EarlyWarning
        Its catalogue, register, neighbours and settings are used; it is not changed.
    panel : Panel
        What is looked at; only what had been published by a day takes part in it.
    days : sequence of Timestamp
        The days.
    scorers : sequence of callable
        Other ways of ranking: each takes the day's `Result`, and gives columns `authority,
        scorer, score`.
    store : path, optional
        A folder in which each day is kept once it is done, so that a run that was stopped goes
        on where it was. What was made from other data or settings is not used.
    n_jobs : int
        Days looked at side by side, each in a process of its own.
    progress : callable, optional
        Called with what is being done, how much of it is done, and how much there is.

    Returns
    -------
    Replay
        The days one below the other, in their order.

    Examples
    --------
    >>> from earlywarning import EarlyWarning, as_panel, sample_tables
    >>> panel = as_panel(sample_tables().panel.query("metric == 'roads_poor_pct'"))
    >>> found = replay(EarlyWarning(), panel, [pd.Timestamp("2022-12-31")])
    >>> found.scores["authority"].is_unique
    True
    """
    kept = Store(store)
    plain = copy.copy(model)
    plain.progress = None
    keys = [kept.key(plain, panel, day, scorers) for day in days]
    parts = [kept.read(key) for key in keys]
    missing = [at for at, part in enumerate(parts) if part is None]
    done = len(days) - len(missing)
    looked = _side_by_side(plain, panel, [days[at] for at in missing], scorers, n_jobs)
    for at, part in zip(missing, looked, strict=True):
        parts[at] = part
        kept.write(keys[at], part)
        done += 1
        if progress:
            progress("looking back", done, len(days))
    return _one_below_the_other([part for part in parts if part is not None])


def look(
    model: EarlyWarning, panel: Panel, day: pd.Timestamp, scorers: Sequence[Scorer]
) -> dict[str, pd.DataFrame]:
    """Return the tables of one day, by their name in `Replay`."""
    result = copy.copy(model).fit_score(panel, as_of=day)
    flags = result.flags.assign(as_of=day)[list(REPLAYED_FLAGS)]
    ranked = [scorer(result) for scorer in scorers]
    baselines = pd.concat(ranked) if ranked else pd.DataFrame(columns=list(REPLAYED_BASELINES))
    tables = {
        "scores": _with_flags(result.authorities.assign(as_of=day), flags),
        "flags": flags,
        "baselines": baselines.assign(as_of=day)[list(REPLAYED_BASELINES)],
    }
    return {name: _plain(table) for name, table in tables.items()}


def _side_by_side(
    model: EarlyWarning,
    panel: Panel,
    days: Sequence[pd.Timestamp],
    scorers: Sequence[Scorer],
    n_jobs: int,
) -> Iterator[dict[str, pd.DataFrame]]:
    """Yield each day's tables, in order, as soon as they are there."""
    jobs = (delayed(look)(model, panel, day, scorers) for day in days)
    yield from Parallel(n_jobs=n_jobs, return_as="generator", pre_dispatch="n_jobs")(jobs)


def _with_flags(authorities: pd.DataFrame, flags: pd.DataFrame) -> pd.DataFrame:
    """Add how many flags each authority has, and how grave the gravest is."""
    by = flags.groupby(flags["authority"].astype(str))["severity"]
    place = {word: at for at, word in enumerate(SEVERITIES)}
    gravest = by.agg(lambda words: max(words, key=lambda word: place[word]))
    themes = _themes(authorities)
    codes = authorities["authority"].astype(str)
    added = authorities.assign(
        n_flags=by.size().reindex(codes).fillna(0).astype(int).to_numpy(),
        severity=gravest.reindex(codes).fillna("none").to_numpy(),
    )
    return added[["as_of", *AUTHORITIES, "n_flags", "severity", *themes]]


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose words are words, however they were kept."""
    words = table.select_dtypes("category").columns
    return table.astype(dict.fromkeys(words, object)).reset_index(drop=True)


def _one_below_the_other(parts: Sequence[dict[str, pd.DataFrame]]) -> Replay:
    """Return the days' tables as one each; a theme that was not there yet added nothing."""
    whole = {
        field.name: pd.concat([part[field.name] for part in parts], ignore_index=True)
        for field in fields(Replay)
    }
    nothing: dict[str, float] = dict.fromkeys(_themes(whole["scores"]), 0.0)
    return Replay(**whole | {"scores": whole["scores"].fillna(nothing)})


def _themes(table: pd.DataFrame) -> list[str]:
    return [name for name in map(str, table.columns) if name.startswith(THEME)]
