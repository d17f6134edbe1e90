"""What the tests of saved models share: made-up panels, and equality to the last bit."""

import dataclasses

import numpy as np
import pandas as pd

from earlywarning import EarlyWarning, as_catalogue, as_panel

TABLES = ("signals", "flags", "authorities", "contributions", "trends", "issues", "metrics")
YEARS = {"annual": 1, "quarterly": 4, "monthly": 12}
CATALOGUE = as_catalogue(
    pd.DataFrame(
        {
            "metric": ["debt", "calls", "size", "share"],
            "title": ["Debt", "Calls", "Size", "Share"],
            "higher_is": ["worse", "better", "context", "worse"],
            "unit": ["", "count", "", "percent"],
            "transform": ["identity", "log", "asinh", "logit"],
            "target": [None, None, 4.5, 20.0],
        }
    ),
    aliases={"debt": ["owed"]},
)


def labels(frequency, n):
    """Return so many periods in a row."""
    if frequency == "annual":
        return [f"{year}-{(year + 1) % 100:02d}" for year in range(2013, 2013 + n)]
    starts = pd.date_range(
        "2015-04-01", periods=n, freq="3MS" if frequency == "quarterly" else "MS"
    )
    if frequency == "monthly":
        return [f"{day:%Y-%m}" for day in starts]
    return [f"{day.year} Q{(day.month + 2) // 3}" for day in starts]


def rows_of(rng, metric, frequency, n_periods, *, n=40, gaps=0.1, tails=np.inf):
    """Return one metric of a made-up sector: seasons, gaps, late authorities, maybe cases."""
    season = np.sin(2 * np.pi * np.arange(n_periods) / YEARS[frequency])
    noise = (
        rng.standard_t(tails, (n, n_periods))
        if np.isfinite(tails)
        else rng.normal(size=(n, n_periods))
    )
    x = (
        3
        + 0.4 * rng.normal(size=(n, 1))
        + 0.3 * noise
        + 0.2 * season
        + 0.1 * rng.normal(size=n_periods)
    )
    x[rng.random(x.shape) < gaps] = np.nan
    x[1 : n // 4, -1] = np.nan  # late
    x[-2:, -1] = 8  # in trouble
    codes = [f"E0{6 + i % 2}{i:06d}" for i in range(n)]
    rows = pd.DataFrame(
        {
            "authority": np.repeat(codes, n_periods),
            "metric": metric,
            "period": np.tile(labels(frequency, n_periods), n),
            "value": x.ravel(),
        }
    ).dropna()
    if metric == "calls":
        return rows.assign(value=np.round(np.exp(rows["value"])) + 1)
    if metric == "share":
        bottom = rng.integers(200, 5000, size=len(rows)).astype(float)
        top = np.clip(np.round(bottom * rows["value"] / 20), 0, bottom)
        return rows.assign(value=100 * top / bottom, numerator=top, denominator=bottom)
    return rows


def fitted(rows, **options):
    """Return a panel of these rows and a model fitted on it."""
    panel = as_panel(pd.concat(rows), catalogue=CATALOGUE)
    return panel, EarlyWarning(catalogue=CATALOGUE, **options).fit(panel)


def assert_same_bits(one, other, where="model"):
    """Hold two things that were learnt together, field by field, to the last bit."""
    if dataclasses.is_dataclass(one):
        assert type(one) is type(other), where
        for field in dataclasses.fields(one):
            name = field.name
            assert_same_bits(getattr(one, name), getattr(other, name), f"{where}.{name}")
    elif isinstance(one, np.ndarray):
        assert (one.dtype, one.shape) == (other.dtype, other.shape), where
        assert one.tobytes() == other.tobytes(), where
    elif isinstance(one, dict):
        assert list(one) == list(other), where
        for key in one:
            assert_same_bits(one[key], other[key], f"{where}[{key}]")
    elif isinstance(one, tuple):
        assert len(one) == len(other), where
        for place, (mine, yours) in enumerate(zip(one, other, strict=True)):
            assert_same_bits(mine, yours, f"{where}[{place}]")
    else:
        assert one == other or (one != one and other != other), where


def assert_same_results(one, other):
    """Hold two results' tables together, every number to the last bit."""
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
