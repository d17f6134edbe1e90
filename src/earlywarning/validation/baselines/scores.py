"""The one table in which all baselines come, and how many authorities each leaves out."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from earlywarning.schema import empty

BASELINES = ("authority", "scorer", "score")


def as_scores(authorities: Iterable[str], scores: Mapping[str, ArrayLike]) -> pd.DataFrame:
    """Return scorers' scores as one long table, those without a score left out."""
    codes = np.array(list(authorities), dtype=object)
    tables = [
        pd.DataFrame({"authority": codes, "scorer": scorer, "score": np.asarray(score, float)})
        for scorer, score in scores.items()
    ]
    nothing = empty(BASELINES).astype({"score": float})
    table: pd.DataFrame = pd.concat(tables, ignore_index=True) if tables else nothing
    kept: pd.DataFrame = table[np.isfinite(table["score"].to_numpy(dtype=float))]
    return kept.reset_index(drop=True)


def coverage(scores: pd.DataFrame, authorities: Iterable[Any]) -> pd.DataFrame:
    """Count for each scorer the authorities that it scores, and those it does not.

    Parameters
    ----------
    scores : DataFrame
        Columns `BASELINES`, of one as-of date.
    authorities : iterable of str
        All that were to be scored.

    Returns
    -------
    DataFrame
        Columns `scorer, n_scored, n_without`, in order of scorer.

    Examples
    --------
    >>> scores = as_scores(["A", "B"], {"size": [3.0, None]})
    >>> coverage(scores, ["A", "B"]).values.tolist()
    [['size', 1, 1]]
    """
    asked = set(map(str, authorities))
    among = scores[scores["authority"].isin(asked)]
    counts = among.groupby("scorer")["authority"].nunique()
    counts = counts.reindex(sorted(scores["scorer"].unique()), fill_value=0)
    return pd.DataFrame(
        {"scorer": counts.index, "n_scored": counts.to_numpy(),
         "n_without": len(asked) - counts.to_numpy()}
    )  # fmt: skip
