"""Who could speak on a theme: good in several of its metrics, or in its only one?"""

from __future__ import annotations

import pandas as pd

from earlywarning.schema import NO_THEME, PRACTICE_THEMES

ENOUGH = 2  # metrics of a theme that has so many; else one


def practice_by_theme(good: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """Put good practice together by theme: a short list of whom to ask to a webinar.

    Parameters
    ----------
    good : DataFrame
        Columns `schema.PRACTICE`.
    metrics : DataFrame
        Columns `schema.CATALOGUE`.

    Returns
    -------
    DataFrame
        Columns `schema.PRACTICE_THEMES`, by theme, then in how many metrics, then how well.

    Examples
    --------
    >>> good = pd.DataFrame({"authority": ["A", "A", "B"], "theme": "Care", "metric": list("xyx"),
    ...                      "expected": [-1.0, -2.0, -3.0], "kept": 0.5})
    >>> metrics = pd.DataFrame({"metric": list("xyz"), "theme": "Care", "higher_is": "worse"})
    >>> practice_by_theme(good, metrics)["authority"].to_list()
    ['A']
    """
    judged = metrics[metrics["higher_is"].ne("context") & metrics["theme"].ne(NO_THEME)]
    wanted = judged.groupby("theme").size().clip(upper=ENOUGH)
    rows = good[good["theme"].isin(wanted.index)]
    by = rows.groupby(["theme", "authority"], sort=True)
    table = by.agg(
        n_metrics=("metric", "nunique"),
        expected=("expected", "mean"),
        kept=("kept", "mean"),
        metrics=("metric", lambda names: "; ".join(sorted(names))),
    ).reset_index()
    table = table[table["n_metrics"] >= table["theme"].map(wanted)]
    order = ["theme", "n_metrics", "expected"]
    table = table.sort_values(order, ascending=[True, False, True], ignore_index=True)
    return table.reindex(columns=list(PRACTICE_THEMES))
