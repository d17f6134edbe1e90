"""Is it said where new data are not like those that were learnt from, and only there?"""

import numpy as np
import pandas as pd
import pytest

from earlywarning import EarlyWarning, Settings, as_panel
from earlywarning.errors import DataRefusedError, UsageError
from earlywarning.models.orientation import Orientation
from earlywarning.registry import drift, drift_issues, load_model, save_model
from earlywarning.schema import DRIFT, ISSUES
from earlywarning.signals import seen_of
from registry_models import CATALOGUE, fitted, rows_of


def panel_of(rows):
    return as_panel(rows, catalogue=CATALOGUE)


@pytest.fixture(scope="module")
def debt():
    return rows_of(np.random.default_rng(3), "debt", "annual", 9, n=60, gaps=0.05)


@pytest.fixture(scope="module")
def model(debt):
    return fitted([debt])[1]


def status_of(model, rows):
    (found,) = drift(model, panel_of(rows))["status"]
    return found


def test_the_data_that_were_learnt_from_have_not_drifted(model, debt):
    (found,) = drift(model, panel_of(debt)).to_dict("records")
    assert found["status"] == "as learnt"
    assert (found["shift"], found["spread_ratio"]) == (0, 1)
    assert list(found) == list(DRIFT)


def test_a_loaded_model_tells_the_same_drift(model, debt, tmp_path):
    other = panel_of(debt.assign(value=debt["value"] * 3))
    again = load_model(save_model(model, tmp_path / "model"))
    pd.testing.assert_frame_equal(drift(model, other), drift(again, other))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda t: t.assign(value=t["value"] * 1000), "level moved"),
        (lambda t: t.assign(value=t["value"] - 5), "level moved"),
        (lambda t: t.assign(value=3 + (t["value"] - 3) * 3), "spread changed"),
        (lambda t: t.assign(value=3 + (t["value"] - 3) / 3), "spread changed"),
        (lambda t: t[~((t["period"] == "2021-22") & (t.index % 3 > 0))], "coverage fell"),
        (lambda t: t[(t["period"] != "2018-19") | (t.index % 2 > 0)], "as learnt"),
        (lambda t: t[~t["period"].isin(["2017-18", "2018-19"]) | (t.index % 9 < 1)], "more gaps"),
        (lambda t: t[~t["period"].isin(["2017-18", "2018-19"])], "as learnt"),  # nobody's
        (lambda t: t.assign(value=t["value"] * 1.02), "as learnt"),
    ],
)
def test_what_has_drifted_is_named(model, debt, change, status):
    assert status_of(model, change(debt.reset_index(drop=True))) == status


def test_another_frequency_is_named(model):
    rows = rows_of(np.random.default_rng(3), "debt", "quarterly", 12, n=60)
    assert status_of(model, rows) == "other frequency"


def test_values_that_the_scale_cannot_take_are_named():
    calls = rows_of(np.random.default_rng(3), "calls", "annual", 9)
    model = fitted([calls])[1]
    assert model.learnt_.seen["calls"].orientation.transform == "log"
    lowest = calls["value"].min()
    assert status_of(model, calls.assign(value=calls["value"] - lowest)) == "off the scale"


def test_metrics_that_came_or_went_are_named(model, debt):
    size = rows_of(np.random.default_rng(4), "size", "annual", 9)
    both = drift(model, panel_of(pd.concat([debt, size]))).set_index("metric")["status"]
    assert both.to_dict() == {"debt": "as learnt", "size": "new"}
    assert drift(model, panel_of(size)).set_index("metric")["status"].to_dict() == {
        "debt": "gone", "size": "new",
    }  # fmt: skip


def test_up_is_worse_in_a_shift(debt):
    calls = rows_of(np.random.default_rng(3), "calls", "annual", 9)
    model = fitted([debt, calls])[1]
    more = [rows.assign(value=rows["value"] * 1.5) for rows in (debt, calls)]
    shift = drift(model, panel_of(pd.concat(more))).set_index("metric")["shift"]
    assert shift["debt"] > 0 > shift["calls"]  # fewer calls are worse


def test_only_what_was_known_that_day_is_looked_at(model, debt):
    later = debt.assign(value=debt["value"] * 1000, published="2030-01-01")
    panel = panel_of(pd.concat([debt.assign(published="2023-01-01"), later]))
    assert drift(model, panel, as_of="2024-01-01")["status"].to_list() == ["as learnt"]
    assert drift(model, panel)["status"].to_list() == ["level moved"]
    with pytest.raises(DataRefusedError):
        drift(model, panel, as_of="2020-01-01")


def test_the_thresholds_are_the_model_s_settings(debt):
    moved = debt.assign(value=debt["value"] + 0.3)
    wide = EarlyWarning(settings=Settings(drift_level=5)).fit(as_panel(debt))
    tight = EarlyWarning(settings=Settings(drift_level=0.1)).fit(as_panel(debt))
    assert (status_of(wide, moved), status_of(tight, moved)) == ("as learnt", "level moved")


def test_each_metric_that_drifted_has_an_issue_with_a_remedy(model, debt):
    assert len(drift_issues(drift(model, panel_of(debt)))) == 0
    size = rows_of(np.random.default_rng(4), "size", "annual", 9)
    changed = pd.concat([debt.assign(value=debt["value"] * 1000), size])
    issues = drift_issues(drift(model, panel_of(changed)))
    assert list(issues) == list(ISSUES)
    assert issues["metric"].to_list() == ["debt", "size"]
    assert issues["code"].to_list() == ["drift_level_moved", "drift_new"]
    assert issues["remedy"].ne("").all()
    assert "nan" not in " ".join(issues["message"])


def test_a_model_that_learnt_nothing_has_no_drift(debt):
    with pytest.raises(UsageError, match="Nothing is learnt"):
        drift(EarlyWarning(), panel_of(debt))


def test_gaps_are_those_inside_a_series_and_not_those_nobody_filled():
    rows = pd.DataFrame(
        [("A1", "2013-14"), ("A1", "2015-16"), ("A1", "2017-18"), ("B1", "2014-15"),
         ("B1", "2015-16")],
        columns=["authority", "period"],
    )  # fmt: skip
    panel = as_panel(rows.assign(metric="debt", value=1.0))
    seen = seen_of(panel.matrix("debt"), Orientation())
    assert seen.gaps == pytest.approx(1 / 6)  # A1 lacks 2014-15; 2016-17 is nobody's
    assert seen.coverage == 0.5
