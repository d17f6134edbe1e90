"""Do published systems of points give what their publishers, or a sum by hand, give?"""

import re

import numpy as np
import pandas as pd
import pytest

from earlywarning.errors import PointsSystemError, UsageError
from earlywarning.panel import as_panel
from earlywarning.pipeline import EarlyWarning
from earlywarning.validation.baselines import (
    POINTS_SYSTEMS,
    Indicator,
    PointsSystem,
    built_in_system,
    indicator_values,
    points_scores,
    read_points_system,
)
from earlywarning.validation.baselines.points_arrays import total_points

WORDS = {
    "0 of": 0,
    "none": 0,
    "3 of": 3,
    "3 years": 3,
    "2 of": 2,
    "2 years": 2,
    "1 of": 1,
    "current year": 1,
}


def rule_edges(rule):
    """Return the upper edge of a rule such as '0%<x<=10%', infinite without one."""
    if match := re.search(r"(?:x|avg)<=?([\d.]+)%$", rule):
        return float(match[1])
    if re.fullmatch(r"x=([\d.]+)%", rule):
        return float(rule[2:-1])
    if re.search(r"x>|avg>=", rule):
        return np.inf
    return float(next(n for words, n in WORDS.items() if words in rule))


def from_rules(rules):
    """Return one indicator from the published lines of its table."""
    edges = rules["rule"].map(rule_edges)
    ordered = rules.assign(edge=edges).sort_values("edge")
    above = "above" if rules["rule"].str.contains("avg").any() else "below"
    return Indicator(name=str(rules["name"].iloc[0]), numerator=("x",), at_a_cut=above,
                     cuts=ordered["edge"].iloc[:-1], points=ordered["points"])  # fmt: skip


def published_system(shared, kind):
    """Return New York's whole table for cities and counties, or villages and towns."""
    table = pd.read_csv(shared / "oracles" / "nyfsms_scoring_2017.csv", keep_default_na=False)
    table = table[table["class"].eq("local_government") & table["note"].isin(["", kind])]
    found = [from_rules(rules) for _, rules in table.groupby("indicator", sort=True)]
    assert len(found) == 9
    return PointsSystem(name=kind, indicator=found)


def run_up_to_now(years):
    """Return for '110', newest first, how many years it was so up to now."""
    return len(years) - len(years.lstrip("1"))


@pytest.mark.parametrize("row", range(4))
def test_the_worked_examples_of_new_york_are_met(shared, row):
    source = shared / "oracles" / "nyfsms_worked_examples_derived.csv"
    example = pd.read_csv(source, dtype={"i7_current_prior1_prior2": str}).iloc[row]
    cities = example["class"] in ("city", "county")
    system = published_system(shared, "cities/counties" if cities else "villages/towns")
    given = example.iloc[1:10].to_list()
    values = [run_up_to_now(v) if isinstance(v, str) else v for v in given]
    assert sum(indicator.size for indicator in system.indicator) == 100
    found = total_points(system, [values], [example["class"]])
    assert found[0] == pytest.approx(example["total_points_rounded1"], abs=0.0501)


def test_what_of_new_yorks_system_is_built_in_has_its_cut_offs_and_points(shared):
    theirs = published_system(shared, "cities/counties").indicator
    built_in = built_in_system("nyfsms-2017").indicator
    units = {"years": 1, "investments": 1200}  # of our cut-offs, to theirs in percent or years
    counterparts = [theirs[at] for at in (0, 1, 2, 4, 5, 6, 8)]
    for ours, counterpart in zip(built_in, counterparts, strict=True):
        unit = units.get(ours.name.split()[0], 100)
        assert np.array(ours.cuts) * unit == pytest.approx(counterpart.cuts, abs=1e-3)
        assert (ours.points, ours.at_a_cut) == (counterpart.points, counterpart.at_a_cut)


def test_what_of_cipfas_index_is_built_in_has_its_weights(shared):
    table = pd.read_csv(shared / "oracles" / "cipfa_resilience_2018_consultation_weights.csv")
    ours = [indicator.size for indicator in built_in_system("cipfa-2018").indicator]
    assert ours == table["weight"].iloc[:4].to_list()


def area_under_curve(scores, event):
    above = scores[event][:, None] - scores[~event]
    return float(np.mean((above > 0) + 0.5 * (above == 0)))


def test_reserves_and_their_change_by_cipfas_rule_rank_later_notices_as_published(shared):
    """Area under the curve .574 in the notes on the reference values."""
    table = pd.read_csv(shared / "oracles" / "backtest_reserves_vs_s114.csv")
    system = built_in_system("cipfa-2018")
    system = system.model_copy(update={"indicator": system.indicator[:2]})
    values = table[["total_reserves_to_nre", "reserves_change_3y"]]
    scores = total_points(system, values, table["class"])
    event = table["label_s114_after_2018_09"].to_numpy(dtype=bool)
    assert area_under_curve(scores, event) == pytest.approx(0.574, abs=5e-4)


def weighed(**options):
    return Indicator(name=options.pop("name", "a"), numerator=("x",), **options)


def test_a_value_at_a_cut_off_is_on_the_side_that_is_said():
    cuts = {"cuts": (1, 2), "points": (0, 3, 4)}
    values = [[0.9], [1], [1.5], [2], [2.1]]
    for side, wanted in {"below": [0, 0, 75, 75, 100], "above": [0, 75, 75, 100, 100]}.items():
        system = PointsSystem(name="s", indicator=(weighed(**cuts, at_a_cut=side),))
        assert total_points(system, values, ["t"] * 5).tolist() == wanted


def test_a_value_is_placed_between_the_least_and_the_most_of_its_type():
    low = PointsSystem(name="s", indicator=(weighed(worse="low", weight=1),))
    high = PointsSystem(name="s", indicator=(weighed(worse="high", weight=1),))
    values, types = [[1], [3], [2], [10], [30], [5]], ["t", "t", "t", "u", "u", "v"]
    assert total_points(low, values, types)[:5].tolist() == [100, 0, 50, 100, 0]
    assert total_points(high, values, types)[:5].tolist() == [0, 100, 50, 0, 100]
    assert np.isnan(total_points(low, values, types)[5])  # nobody to be set among


def test_what_is_unknown_or_not_for_a_type_leaves_its_weight_to_the_others():
    system = PointsSystem(
        name="s", min_known=0.5,
        indicator=(weighed(name="a", cuts=(0,), points=(3, 0)),
                   weighed(name="b", cuts=(0,), points=(1, 0), not_for=("district",)),
                   weighed(name="c", cuts=(0,), points=(2, 0))),
    )  # fmt: skip
    nan = np.nan
    values = [[-1, 1, 1], [-1, nan, 1], [nan, -1, -1], [nan, -1, nan], [-1, -1, 1], [nan, -1, -1]]
    types = ["county"] * 4 + ["district"] * 2
    assert total_points(system, values, types) == pytest.approx(
        [50, 60, 100, nan, 60, nan], nan_ok=True
    )


def test_against_the_median_the_middle_of_each_type_is_at_nought():
    system = PointsSystem(
        name="s", total="against median", indicator=(weighed(worse="low", weight=1),)
    )
    found = total_points(system, [[0], [4], [10], [0], [9], [10]], list("tttuuu"))
    assert found == pytest.approx([100, 0, -150, 100, 0, -100 / 9])


def scored(rows, as_of="2022-06-30"):
    """Return a result of (authority, metric, period, value)."""
    table = pd.DataFrame(rows, columns=["authority", "metric", "period", "value"])
    return EarlyWarning().fit_score(as_panel(table), as_of=as_of)


def yearly(code, metric, *values, last=2021):
    """Return rows of consecutive financial years up to the one that ends in `last`."""
    first = last - len(values)
    return [(code, metric, f"{first + i}-{(first + i + 1) % 100:02d}", value)
            for i, value in enumerate(values) if value is not None]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, [4.0, 2.0]),
        ({"numerator": ("x", "-y")}, [-1.0, 1.0]),
        ({"denominator": ("y",)}, [0.8, 2.0]),
        ({"numerator": ("x", "y"), "denominator": ("y", "y")}, [0.9, 1.5]),
        ({"denominator": ("z",)}, [np.nan, np.nan]),
        ({"denominator": ("missing",)}, [np.nan, np.nan]),
        ({"over": "mean", "years": 2}, [3.5, 1.5]),
        ({"over": "mean", "years": 4}, [2.5, np.nan]),
        ({"over": "change", "years": 3}, [3.0, np.nan]),
        ({"over": "change", "years": 2}, [1.0, np.nan]),
        ({"over": "years below zero", "years": 3}, [0, 1]),
        ({"over": "run above zero", "years": 3}, [3, 2]),
        ({"over": "run above zero", "numerator": ("w",), "years": 3}, [1, 0]),
    ],
)
def test_an_indicator_takes_of_its_years_what_it_says(options, wanted):
    result = scored([
        *yearly("A", "x", 1, 2, 3, 4), *yearly("B", "x", -1, 1, 2), *yearly("A", "y", 5),
        *yearly("B", "y", 1), *yearly("A", "z", 0), *yearly("B", "z", -2),
        *yearly("A", "w", 5, 0, 5), *yearly("B", "w", 5, 5, 0),
    ])  # fmt: skip
    given = {"name": "a", "numerator": ("x",), "worse": "low", "weight": 1, **options}
    system = PointsSystem(name="s", indicator=(Indicator(**given),))
    found = indicator_values(result, system)
    assert found["a"].to_list() == pytest.approx(wanted, nan_ok=True)


def test_an_authority_a_release_behind_is_taken_as_it_then_was_and_no_further_behind():
    result = scored([
        *yearly("A", "x", 1, 2, 3), *yearly("B", "x", 4, 5, None), *yearly("C", "x", 6, None, None),
    ])  # fmt: skip
    system = PointsSystem(
        name="s", indicator=(weighed(worse="low", weight=1, over="mean", years=1),)
    )
    found = indicator_values(result, system)["a"].to_list()
    assert found == pytest.approx([3, 5, np.nan], nan_ok=True)


def test_all_that_is_wrong_with_a_system_is_named_at_once(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(
        'name = "own"\ncolour = 1\n'
        '[[indicator]]\nname = "a"\nnumerator = ["x"]\ncuts = [2, 1]\npoints = [1, 2, 3]\n'
        '[[indicator]]\nname = "b"\nnumerator = []\nworse = "low"\nweight = -1\n'
        '[[indicator]]\nname = "c"\nnumerator = ["x"]\nworse = "low"\n'
        '[[indicator]]\nname = "d"\nnumerator = ["x"]\ncuts = [1]\npoints = [1]\n'
        '[[indicator]]\nname = "e"\nnumerator = ["x"]\ncuts = [1]\npoints = [0, 0]\n'
        '[[indicator]]\nname = "f"\nnumerator = ["x"]\ncuts = [1, 1]\npoints = [0, 1, 2]\n',
        encoding="utf-8",
    )
    with pytest.raises(PointsSystemError) as refusal:
        read_points_system(path)
    for words in (
        "own.toml: ", "colour: ", "indicator 1: Value error, cuts must rise",
        "indicator 2 numerator: ", "indicator 2 weight: ",
        "indicator 3: Value error, needs cuts and points, or worse",
        "indicator 4: Value error, needs one more", "indicator 5: Value error, points must be",
        "indicator 6: Value error, cuts must rise",
    ):  # fmt: skip
        assert words in str(refusal.value)


def test_a_file_that_is_no_system_is_refused(tmp_path):
    (tmp_path / "not.toml").write_text("name = ")
    with pytest.raises(PointsSystemError, match=r"not\.toml is no TOML file"):
        read_points_system(tmp_path / "not.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PointsSystemError, match=r"bytes\.toml is no TOML file"):
        read_points_system(tmp_path / "bytes.toml")
    twice = (
        'name = "t"\n'
        + '[[indicator]]\nname = "a"\nnumerator = ["x"]\nworse = "low"\nweight = 1\n' * 2
    )
    (tmp_path / "twice.toml").write_text(twice)
    with pytest.raises(PointsSystemError, match="two indicators have one name"):
        read_points_system(tmp_path / "twice.toml")
    with pytest.raises(UsageError, match=r"did you mean 'cipfa-2018'"):
        built_in_system("cipfa-2019")


def test_built_in_systems_look_at_metrics_that_english_returns_give(shared):
    known = set(pd.read_csv(shared / "data" / "metrics.csv")["metric"])
    for name in POINTS_SYSTEMS:
        assert set(built_in_system(name).metrics) <= known
        assert built_in_system(name).source


def test_the_built_in_systems_score_nearly_all_councils_of_2018(shared):
    needed = {m for name in POINTS_SYSTEMS for m in built_in_system(name).metrics}
    rows = pd.read_csv(shared / "data" / "panels" / "revenue_outturn_rs.csv.gz")
    rows = rows[rows["metric"].isin(needed)].drop(columns="authority_name")
    panel = as_panel(rows.rename(columns={"authority_code": "authority"}))
    result = EarlyWarning().fit_score(panel)
    for name in POINTS_SYSTEMS:
        scores = points_scores(result, built_in_system(name))
        assert len(scores) > 330
        assert scores["scorer"].unique().tolist() == [f"points: {name}"]
        rank = scores.set_index("authority")["score"].rank(ascending=False, pct=True)
        assert rank["E10000021"] < 0.2  # Northamptonshire
