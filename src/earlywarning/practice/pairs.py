"""Who like it does well in what an authority is flagged on?"""

from __future__ import annotations

import pandas as pd

from earlywarning.schema import PRACTICE_PAIRS

MOST = 3  # named for each flag


def practice_pairs(
    flags: pd.DataFrame,
    good: pd.DataFrame,
    register: pd.DataFrame,
    neighbours: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Name for each flag up to three authorities to learn from.

    Parameters
    ----------
    flags, good : DataFrame
        Columns `schema.FLAGS` and `schema.PRACTICE`.
    register : DataFrame
        Columns `schema.REGISTER`.
    neighbours : DataFrame, optional
        Columns `schema.NEIGHBOURS`: the nearest come first.

    Returns
    -------
    DataFrame
        Columns `schema.PRACTICE_PAIRS`, one row a flagged series and one who does well in the
        same metric: nearest neighbours first, then of the same type and region, then of
        the same type. Nobody of another type: what it does may not be its to do.

    Examples
    --------
    >>> flags = pd.DataFrame({"authority": ["A"], "metric": ["x"]})
    >>> good = pd.DataFrame({"authority": ["B", "C"], "metric": "x", "expected": [-1.0, -2.0]})
    >>> register = pd.DataFrame({"authority": list("ABC"), "type": "county", "region": list("NNS")})
    >>> practice_pairs(flags, good, register)["learns_from"].to_list()
    ['B', 'C']
    """
    about = register.set_index("authority")[["type", "region"]]
    asked = flags[["authority", "metric"]].astype(str).drop_duplicates()
    both = asked.merge(
        good[["authority", "metric", "expected"]].rename(columns={"authority": "learns_from"}),
        on="metric",
    )
    both = both[both["authority"] != both["learns_from"]]
    mine, theirs = (about.reindex(both[name]) for name in ("authority", "learns_from"))
    same_type = mine["type"].to_numpy() == theirs["type"].to_numpy()
    same_region = mine["region"].to_numpy() == theirs["region"].to_numpy()
    both = both.assign(rank=_ranks(both, neighbours), near=same_region)[same_type]
    both = both.sort_values(
        ["authority", "metric", "rank", "near", "expected"], ascending=[True] * 3 + [False, True]
    )
    first = both.groupby(["authority", "metric"], sort=False).head(MOST)
    why = first["rank"].map(lambda rank: f"its neighbour {rank:.0f}", na_action="ignore")
    why = why.where(
        why.notna(), first["near"].map({True: "same type and region", False: "same type"})
    )
    table: pd.DataFrame = first.assign(why=why).reset_index(drop=True)
    return table.reindex(columns=list(PRACTICE_PAIRS))


def _ranks(pairs: pd.DataFrame, neighbours: pd.DataFrame | None) -> pd.Series[float]:
    """Return how near each pair is by the table of neighbours; missing where it does not say."""
    if neighbours is None:
        return pd.Series(float("nan"), index=pairs.index)
    near = neighbours.set_index(["authority", "neighbour"])["rank"].astype(float)
    near = near[~near.index.duplicated()]
    wanted = pd.MultiIndex.from_frame(pairs[["authority", "learns_from"]])
    return pd.Series(near.reindex(wanted).to_numpy(), index=pairs.index)
