"""What does statsforecast expect of the newest period, given those before?

Gaps are left out, as its models refuse them; a history it calls too short gives NaN.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from statsforecast import StatsForecast
from statsforecast.models import AutoETS, AutoTheta

FEWEST = 7  # values of a history that AutoETS takes for sure
LIMITS = ("mean", "lo-80", "hi-80", "lo-95", "hi-95")


def _one_step(kind: type[Any], season: int, series: np.ndarray) -> np.ndarray:
    """Return what a kind of model expects next of each series' history: (n, 5), as in `LIMITS`.

    Where it cannot fit a season, it is asked again without one.
    """
    models = [kind(season_length=length) for length in dict.fromkeys((season, 1))]
    found = np.full((len(series), len(LIMITS)), np.nan)
    for row, values in zip(found, series, strict=True):
        history = values[:-1][np.isfinite(values[:-1])]
        for model in models:
            try:
                told = model.forecast(y=history, h=1, level=[80, 95])
            except Exception:  # it says "tiny datasets" or "no model able to be fitted"
                continue
            row[:] = [told[name][0] for name in LIMITS]
            break
    return found


def auto_ets_frame(series: np.ndarray) -> np.ndarray:
    """Return AutoETS's mean and 95% limits by the way its manual begins with: a long table.

    One series it cannot fit stops the whole run, so that too short ones are left out.
    """
    rows = np.flatnonzero(np.isfinite(series[:, :-1]).sum(axis=1) >= FEWEST)
    found = np.full((len(series), 3), np.nan)
    if not rows.size:
        return found
    index = pd.MultiIndex.from_product(
        [rows, range(series.shape[1] - 1)], names=["unique_id", "ds"]
    )
    table = pd.DataFrame({"y": series[rows, :-1].ravel()}, index=index).dropna().reset_index()
    table["ds"] = table.groupby("unique_id").cumcount()  # its frame wants no gaps
    told = StatsForecast(models=[AutoETS(season_length=1)], freq=1, n_jobs=1).forecast(
        df=table, h=1, level=[95]
    )
    columns = ["AutoETS", "AutoETS-lo-95", "AutoETS-hi-95"]
    found[told["unique_id"].to_numpy()] = told[columns].to_numpy()
    return found


FORECASTERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    f"{kind.__name__}{told}": partial(_one_step, kind, season)
    for kind in (AutoETS, AutoTheta)
    for told, season in (("", 1), (", quarters", 4), (", months", 12))
}
FORECASTERS["AutoETS, long table"] = auto_ets_frame
