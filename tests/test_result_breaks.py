"""Definition breaks of all metrics in one table: proposed, by period, and never applied."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal

from earlywarning.catalogue import as_catalogue
from earlywarning.models.breaks import find_breaks
from earlywarning.panel import as_panel
from earlywarning.pipeline import EarlyWarning
from earlywarning.schema import BREAKS
from earlywarning.settings import Settings

FAST = Settings(null_draws=200, tail_draws=200, rank_draws=50)
N, T = 60, 10
METRICS = ["steady", "anew", "share"]


def result_of(panel, higher_is):
    catalogue = as_catalogue(
        pd.DataFrame(
            {
                "metric": METRICS,
                "higher_is": higher_is,
                "unit": ["", "count", "percent"],
                "transform": ["identity", "log", "logit"],
                "lag_days": 100,
            }
        )
    )
    return EarlyWarning(catalogue=catalogue, settings=FAST).fit_score(
        as_panel(panel, catalogue=catalogue)
    )


@pytest.fixture(scope="module")
def rows(long):
    rng = np.random.default_rng(5)
    own, noise = rng.normal(size=(3, N, 1)), 0.3 * rng.normal(size=(3, N, T))
    x = own + noise
    x[1, :, 6:] += 0.5
    values = [x[0], 100 * np.exp(x[1]), 100 / (1 + np.exp(-x[2]))]
    tables = [long(v, metric) for v, metric in zip(values, METRICS, strict=True)]
    return pd.concat(tables)


@pytest.fixture(scope="module")
def worse(rows):
    return result_of(rows, "worse")


def test_the_metric_that_was_defined_anew_is_proposed_with_its_period_and_no_other(worse):
    table = worse.breaks
    assert tuple(table.columns) == BREAKS
    assert table[["metric", "period", "before"]].to_numpy().tolist() == [
        ["anew", "2016/17", "2015/16"]
    ]
    proposed = table.iloc[0]
    assert proposed["scale"] == "log"
    assert proposed["jump"] == pytest.approx(0.5, abs=0.15)
    assert proposed["p"] < 0.01
    assert proposed["evidence"].startswith("From 2015/16 to 2016/17 (60 known)")


def test_a_rise_is_called_a_rise_whichever_way_is_worse(rows, worse):
    better = result_of(rows, "better").breaks
    assert_frame_equal(better, worse.breaks)
    assert "moved up" in better["evidence"].iloc[0]


def test_the_figures_are_those_of_the_proposal(worse):
    prepared = worse.measured["anew"].prepared
    (proposed,) = find_breaks(prepared.x)
    row = worse.breaks.iloc[0]
    numbers = ["p", "statistic", "share_moved", "jump", "usual", "spread_ratio", "kept"]
    assert_allclose(row[numbers].astype(float), [getattr(proposed, name) for name in numbers])
    assert (row["shows_in"], row["n_authorities"]) == ("level", N)


def test_no_break_is_applied(rows, worse):
    """The values judged are those that came in, the jump still in them."""
    assert len(worse.breaks)
    prepared = worse.measured["anew"].prepared
    given = rows[rows["metric"].eq("anew")]["value"].to_numpy().reshape(N, T)
    assert_allclose(prepared.matrix.values, given)
    assert_allclose(prepared.x, np.log(given))


@pytest.fixture(scope="module")
def flagged(rows):
    """Return a result with flags of the metric that was defined anew, and of one that was not."""
    newest = rows["period"].eq("2019-20")
    steady = newest & rows["metric"].eq("steady") & rows["authority"].eq("E06000001")
    anew = newest & rows["metric"].eq("anew") & rows["authority"].eq("E06000002")
    return result_of(rows.assign(value=rows["value"] * (1 + 9 * anew) + 9 * steady), "worse")


def test_a_page_tells_the_breaks_of_the_metrics_that_are_flagged_there(flagged):
    told = {code: str(flagged.explain(code)) for code in flagged.flags["authority"]}
    assert "breaks" not in vars(flagged)  # only the flagged metrics were looked at
    mine = flagged.flags.groupby("authority")["metric"].agg(set)
    assert "anew" in mine["E06000002"]
    assert "anew" not in mine["E06000001"]
    evidence = flagged.breaks["evidence"].item().split(". ")[0]
    for code, text in told.items():
        flat = " ".join(text.split())
        assert (f"by a shock, in 2016/17. {evidence}." in flat) == ("anew" in mine[code])


def test_the_breaks_that_are_written_are_those_of_flagged_metrics(flagged):
    chosen = flagged.breaks["metric"].isin(flagged.flags["metric"])
    assert chosen.any()
    assert_frame_equal(flagged.flagged_breaks, flagged.breaks[chosen].reset_index(drop=True))
    nothing = replace(flagged, flags=flagged.flags.iloc[:0])
    assert nothing.flagged_breaks.empty
    assert tuple(nothing.flagged_breaks.columns) == BREAKS


def test_where_there_is_nothing_to_propose_the_table_is_empty_with_its_columns(rows):
    short = rows[rows["period"].isin(["2018-19", "2019-20"])]
    table = result_of(short, "worse").breaks
    assert table.empty
    assert tuple(table.columns) == BREAKS


def test_a_drawing_marks_where_its_metric_may_be_defined_anew_and_no_other(worse):
    authority = worse.authorities["authority"].iloc[0]
    assert "Perhaps defined anew: 2016/17." in worse.plot(authority, "anew").description
    assert "Perhaps defined anew" not in worse.plot(authority, "steady").description
