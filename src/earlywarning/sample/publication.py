"""What of the values was published, and when?

Returns are missing, come late, hide small counts, and are revised. Series in
trouble are published whole, so that what was planted can be found.
"""

import numpy as np
import pandas as pd

from earlywarning.sample.chance import Flags, pick, stream
from earlywarning.sample.metrics import Law
from earlywarning.sample.places import Places
from earlywarning.sample.series import Series, Values, exists

GAPS = 0.012  # share of single values missing
HOLES = 0.01  # share of series that miss three periods running
LATE = {  # metric: how many authorities have not sent the newest period
    "recycling_pct": 4, "homelessness_prevented_pct": 5, "child_plan_repeat_pct": 3,
}  # fmt: skip
REVISED = ("care_home_admissions_rate", "2021/22")
REVISED_SHARE = 0.6  # of the authorities
REVISED_AFTER = pd.Timedelta(days=190)
HIDDEN = "[c]"


def publish(
    series: Series, values: Values, troubled: Flags, *, places: Places, seed: int
) -> pd.DataFrame:
    """Return one metric's rows of the panel, one an (authority, period, published)."""
    law, when = series.law, series.axis
    rng = stream(seed, "publication", law.metric)
    shown = exists(series, places)
    shown &= ~_missing(shown, law, rng) | troubled[:, None]
    place, period = np.nonzero(shown)
    days = law.lag + np.floor(14 * rng.random(when.size)).astype(int)
    rows = pd.DataFrame({
        "authority": places.codes.to_numpy()[place],
        "metric": law.metric,
        "period": when.labels[period],
        "value": values.value[shown],
        "numerator": values.numerator[shown],
        "denominator": values.denominator[shown],
        "published": pd.to_datetime((when.ends + days)[period]).astype("datetime64[ns]"),
        "status": "",
    })  # fmt: skip
    if law.metric == REVISED[0]:
        rows = pd.concat([rows, _revision(rows, law, rng)], ignore_index=True)
    return _hidden(rows, law) if law.small_counts_hidden else rows


def _missing(shown: Flags, law: Law, rng: np.random.Generator) -> Flags:
    """Return which values never came, or not yet."""
    n, size = shown.shape
    missing = np.less(rng.random((n, size)), GAPS)
    first = np.floor(rng.random(n) * (size - 3)).astype(int)
    since = np.arange(size) - first[:, None]
    holed = np.less(rng.random((n, 1)), HOLES)
    missing |= holed & (since >= 0) & (since < 3)
    late = pick(rng, np.flatnonzero(shown[:, -1]), LATE.get(law.metric, 0))
    missing[late, -1] = True
    return missing


def _revision(rows: pd.DataFrame, law: Law, rng: np.random.Generator) -> pd.DataFrame:
    """Return the rows published again: one year's, for many authorities."""
    again = rows[rows["period"] == REVISED[1]]
    again = again[rng.random(len(again)) < REVISED_SHARE]
    counts = (again["numerator"] * (1 + 0.04 * rng.standard_normal(len(again)))).round()
    return again.assign(
        numerator=counts,
        value=(law.per * counts / again["denominator"]).round(law.decimals),
        published=again["published"] + REVISED_AFTER,
        status="revised",
    )


def _hidden(rows: pd.DataFrame, law: Law) -> pd.DataFrame:
    """Blank the values and parts that would tell of a few people."""
    few = rows["numerator"] < law.small_counts_hidden
    parts = ["value", "numerator", "denominator"]
    rows[parts] = rows[parts].mask(few)
    rows["status"] = rows["status"].mask(few, HIDDEN)
    return rows
