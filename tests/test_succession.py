"""Which history a new council brings, by which rule, and when it is cut."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from earlywarning.authorities import read_register
from earlywarning.catalogue import Catalogue, as_catalogue
from earlywarning.panel import Panel, as_panel
from earlywarning.succession import carry_history

OLD, NEW = ["E07000026", "E07000028"], "E06000063"
COUNTY = "E10000006"
LAST_DAY = "2023-03-31"


def register(*, old=OLD, successor=NEW, extra=()) -> pd.DataFrame:
    rows = [(code, LAST_DAY, successor) for code in old] + [(NEW, None, None), *extra]
    return read_register(pd.DataFrame(rows, columns=["authority", "end", "successor"]))


def panel(rows, **columns) -> Panel:
    frame = pd.DataFrame(rows, columns=["authority", "metric", "period", "value"])
    return as_panel(frame.assign(**columns), catalogue=catalogue())


def catalogue(unit="count", metric="homes") -> Catalogue:
    table = {"metric": [metric], "higher_is": ["worse"], "unit": [unit], "lag_days": [100]}
    return as_catalogue(pd.DataFrame(table))


def homes(first=2.0, second=3.0, own=6.0):
    return [
        (OLD[0], "homes", "2021-22", first),
        (OLD[1], "homes", "2021-22", second),
        (NEW, "homes", "2023-24", own),
    ]


def history(result: Panel, metric="homes", code=NEW):
    matrix = result.matrix(metric)
    values = matrix.values[matrix.authorities.index(code)]
    return dict(zip(matrix.periods, values, strict=True))


@pytest.mark.parametrize("unit", ["count", "gbp", "gbp_thousand", "gbp_thousand_signed"])
def test_counts_and_money_are_summed(unit):
    result = carry_history(panel(homes()), register(), catalogue(unit))
    assert history(result) == pytest.approx({"2021/22": 5.0, "2022/23": np.nan, "2023/24": 6.0},
                                            nan_ok=True)  # fmt: skip
    (issue,) = result.issues[result.issues["code"] == "history_carried"].to_dict("records")
    assert issue["authority"] == NEW
    assert "the sum of its predecessors for homes" in issue["message"]


def test_the_predecessors_own_series_and_the_panel_given_stay():
    before = panel(homes())
    rows = before.frame.copy()
    result = carry_history(before, register(), catalogue())
    assert history(result, code=OLD[0])["2021/22"] == 2.0
    assert len(result.series) == len(before.series)
    pd.testing.assert_frame_equal(before.frame, rows)


def test_a_sum_lacks_nobody():
    rows = [*homes(), (OLD[0], "homes", "2020-21", 4.0), (OLD[0], "homes", "2022-23", 4.0),
            (OLD[1], "homes", "2022-23", None)]  # fmt: skip
    result = carry_history(panel(rows), register(), catalogue())
    assert list(history(result)) == ["2020/21", "2021/22", "2022/23", "2023/24"]
    assert_array_equal(list(history(result).values()), [np.nan, 5.0, np.nan, 6.0])


def test_rates_are_averaged_weighted_by_the_denominator():
    result = carry_history(
        panel(homes(10.0, 40.0), numerator=[10, 120, 1], denominator=[100, 300, 1]),
        register(),
        catalogue("percent"),
    )
    assert history(result)["2021/22"] == pytest.approx(32.5)
    matrix = result.matrix("homes")
    assert matrix.numerator[0, 0] == 130
    assert matrix.denominator[0, 0] == 400
    assert "weighted by the denominator for homes" in " ".join(result.issues["message"])


@pytest.mark.parametrize("unit", ["percent", "score", ""])
def test_without_a_rule_the_history_is_cut_and_an_issue_names_the_metric(unit):
    result = carry_history(panel(homes()), register(), catalogue(unit))
    assert np.isnan(history(result)["2021/22"])
    (issue,) = result.issues[result.issues["code"] == "history_cut"].to_dict("records")
    assert "for homes" in issue["message"]


def test_a_period_the_successor_has_itself_is_never_overwritten():
    rows = [*homes(), (NEW, "homes", "2021-22", 99.0)]
    assert history(carry_history(panel(rows), register(), catalogue()))["2021/22"] == 99.0


def test_a_renamed_authority_keeps_its_values_whatever_the_unit():
    codes = {"authority": ["E06000048", "E06000057"], "end": ["2013-03-31", None],
             "successor": ["E06000057", None]}  # fmt: skip
    rows = [("E06000048", "homes", "2011-12", 7.0), ("E06000057", "homes", "2013-14", 8.0)]
    result = carry_history(panel(rows), read_register(pd.DataFrame(codes)), catalogue("score"))
    assert history(result, code="E06000057")["2011/12"] == 7.0


def test_a_divided_predecessor_cuts_the_metrics_it_had():
    other = "E06000064"
    table = register(extra=[(other, None, None), (COUNTY, LAST_DAY, f"{NEW};{other}")])
    rows = [*homes(), (COUNTY, "homes", "2021-22", 50.0)]
    assert np.isnan(history(carry_history(panel(rows), table, catalogue()))["2021/22"])
    assert history(carry_history(panel(homes()), table, catalogue()))["2021/22"] == 5.0


def test_counties_and_districts_each_answer_for_their_own_tasks():
    table = register(extra=[(COUNTY, LAST_DAY, NEW)])
    rows = [(COUNTY, "homes", "2021-22", 50.0), (NEW, "homes", "2023-24", 60.0)]
    assert history(carry_history(panel(rows), table, catalogue()))["2021/22"] == 50.0
    both = [*rows, (OLD[0], "homes", "2021-22", 1.0)]
    assert np.isnan(history(carry_history(panel(both), table, catalogue()))["2021/22"])


def test_districts_alone_do_not_stand_in_for_a_county_that_is_not_named():
    rows = [*homes(), ("E10000003", "homes", "2021-22", 50.0)]  # another county reports it
    assert np.isnan(history(carry_history(panel(rows), register(), catalogue()))["2021/22"])


def test_history_goes_on_through_two_reorganisations():
    codes = {
        "authority": ["E07000190", "E07000191", "E07000246", "E07000187", "E06000066"],
        "end": ["2019-03-31", "2019-03-31", LAST_DAY, LAST_DAY, None],
        "successor": ["E07000246", "E07000246", "E06000066", "E06000066", None],
    }
    rows = [(code, "homes", "2017-18", 1.0) for code in codes["authority"][:2]]
    rows += [("E07000187", "homes", f"{year}-{year - 1999}", 1.0) for year in (2017, 2020)]
    rows += [("E07000246", "homes", "2020-21", 5.0), ("E06000066", "homes", "2023-24", 9.0)]
    result = carry_history(panel(rows), read_register(pd.DataFrame(codes)), catalogue())
    final = history(result, code="E06000066")
    assert (final["2017/18"], final["2020/21"]) == (3.0, 6.0)


def test_nothing_is_carried_into_the_time_before_the_successor_or_before_it_was_known():
    result = carry_history(panel(homes()), register(), catalogue())
    before = result.known_at("2023-03-31").matrix("homes")
    assert np.isnan(before.values[before.authorities.index(NEW)]).all()
    after = result.known_at("2023-04-01").matrix("homes")
    assert after.values[after.authorities.index(NEW), 0] == 5.0


def test_a_revision_or_withdrawal_of_a_part_revises_the_sum_from_that_day():
    rows = [*homes(), (OLD[0], "homes", "2021-22", 20.0), (OLD[1], "homes", "2021-22", None)]
    days = ["2022-07-01", "2022-07-01", "2024-07-01", "2023-07-01", "2023-09-01"]
    result = carry_history(panel(rows, published=days), register(), catalogue())
    for day, value in (("2023-06-30", 5.0), ("2023-07-01", 23.0), ("2023-09-01", np.nan)):
        assert history(result.known_at(day))["2021/22"] == pytest.approx(value, nan_ok=True)


def test_without_successors_the_panel_comes_back_as_it_was():
    before = panel(homes())
    assert carry_history(before, register(successor=None), catalogue()) is before


def test_real_reorganisations_carry_money_and_never_touch_a_published_value(shared):
    folder = shared / "data"
    frame = pd.read_csv(folder / "panels" / "homelessness_hclic.csv.gz")
    frame = frame.rename(columns={"authority_code": "authority"})
    before = as_panel(frame)
    table = as_catalogue(pd.DataFrame(
        {"metric": before.metrics, "higher_is": "worse", "unit": "count"}
    ))  # fmt: skip
    result = carry_history(before, read_register(folder / "authorities.csv"), table)
    added = result.frame[result.frame["status"].str.startswith("carried")]
    assert set(added["authority"]) == set(result.issues.loc[
        result.issues["code"] == "history_carried", "authority"
    ])  # fmt: skip
    assert len(result.frame) == len(before.frame) + len(added)
    assert len(added) > 100
