"""A flag's effect, its sentence and its pictures speak of the same contrast."""

import numpy as np
import pandas as pd
import pytest

from earlywarning import EarlyWarning, as_panel
from earlywarning.charts.series import series_chart
from earlywarning.explain import with_signals
from earlywarning.report.site.series import Signal, strongest
from earlywarning.schema import CONTRASTS
from earlywarning.signals.strongest import as_compared

SHOWN = {
    "last": "Expected of the newest: ",
    "step": "Expected of the last two's average: ",
    "drift": "Expected, had it not crept: ",
}


@pytest.fixture(scope="module")
def result():
    """What is found of a metric in which some authorities jump so far that chance never does."""
    values = np.random.default_rng(3).normal(50, 1, size=(40, 12))
    values[:6, -2:] += 90.0, 40.0
    rows = pd.DataFrame(
        [(f"E{i:02d}", "debt", f"{2010 + t}", values[i, t]) for i in range(40) for t in range(12)],
        columns=["authority", "metric", "period", "value"],
    )
    return EarlyWarning().fit_score(as_panel(rows))


def made(p):
    """Return signals of one series, each contrast with an expectation of its own."""
    return pd.DataFrame(
        {"authority": "E1", "metric": "debt", "signal": CONTRASTS, "p": p, "status": "ok",
         "value": 9.0, "expected": [1.0, 2.0, 3.0], "lower": [0.5, 1.5, 2.5],
         "upper": [1.5, 2.5, 3.5], "n_peers": 9, "n_periods": 9}
    )  # fmt: skip


def told_of(result):
    told = with_signals(result.flags, result.signals, result.metrics)
    return told[told["kind"].eq("change")]


def test_contrasts_that_chance_never_reaches_are_among_those_tested(result):
    p = result.signals[result.signals["signal"].isin(CONTRASTS)]["p"]
    p = p.to_numpy(float).reshape(-1, 3)
    assert (p.argmin(axis=1) != as_compared(p).argmin(axis=1)).any()


def test_the_effect_of_a_flag_is_that_of_the_contrast_in_its_sentence(result):
    told = told_of(result)
    assert len(told) > 3
    np.testing.assert_allclose(told["value"] - told["expected"], told["effect"])


@pytest.mark.parametrize(
    ("p", "which"),
    [([0.1, 0.01, 0.02], "step"), ([0.1, 0.1 - 1e-15, 0.2], "last"),
     ([1e-15, 1e-20, 1e-30], "last"), ([np.nan, 0.2, 0.1], "drift"),
     ([0.3, 0.2, 0.2 - 1e-16], "step")],
)  # fmt: skip
def test_sentence_chart_and_site_show_the_same_contrast_in_whatever_order(p, which):
    signals = made(p)
    flags = pd.DataFrame({"authority": ["E1"], "metric": ["debt"], "kind": ["change"]})
    metrics = pd.DataFrame({"metric": ["debt"], "title": "Debt", "unit": "", "higher_is": "worse"})
    values = pd.DataFrame({"period": ["2020", "2021"], "value": [2.0, 9.0],
                           "end": pd.to_datetime(["2020-12-31", "2021-12-31"])})  # fmt: skip
    for rows in (signals, signals[::-1]):
        assert with_signals(flags, rows, metrics)["signal"].item() == which
        usable = rows[rows["p"].notna()]
        assert SHOWN[which] in series_chart(values, usable, title="Debt", unit="").description
        named = {row.signal: Signal("2021", 9.0, 1.0, 0.5, 1.5, 3.0, row.p, "worse", 9, "ok")
                 for row in usable.itertuples()}  # fmt: skip
        assert strongest(named)[0] == which
