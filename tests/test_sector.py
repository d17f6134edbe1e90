"""What the whole sector does: by hand, and whatever the order, the unit or the polarity."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from pandas.testing import assert_frame_equal
from scipy.stats import false_discovery_control

from earlywarning.catalogue import Metric
from earlywarning.models.robust import MAD_TO_SIGMA
from earlywarning.panel import as_panel
from earlywarning.schema import SECTOR_MOVEMENT, SECTOR_THEMES
from earlywarning.sector import sector_movement, sector_themes
from earlywarning.settings import Settings
from earlywarning.signals import Company, prepare

SETTINGS = Settings()
STANDARDISED = ["moved_sd", "usual_sd", "moved_since_sd", "p", "q", "p_since", "q_since",
                "spread_ratio", "spread_p", "spread_q"]  # fmt: skip
few = settings(max_examples=3)
CODES = [f"E06{i:06d}" for i in range(1, 21)]


def measured_of(rows, types=None, as_of=None, **about):
    """Return every metric of a long table made ready, as far as the sector asks for it."""
    panel = as_panel(rows)
    company = Company({} if types is None else types)
    told = {"higher_is": "worse", "theme": "Money", **about}
    day = panel.latest_publication if as_of is None else pd.Timestamp(as_of)
    return [
        SimpleNamespace(prepared=prepare(
            panel.matrix(name), Metric(metric=name, title=name, **told), company, day,
            settings=SETTINGS,
        ))
        for name in panel.metrics
    ]  # fmt: skip


def register_of(regions=None):
    return pd.DataFrame({"authority": CODES, "region": regions})


def moved(rows, regions=None, **about):
    return sector_movement(measured_of(rows, **about), register_of(regions), settings=SETTINGS)


def everyone(table):
    (row,) = table[table["group_kind"].eq("everyone")].to_dict("records")
    return row


@pytest.fixture
def values(rng):
    """Twenty authorities, eight years; all but two rise by 2 in the newest, one of them by 40."""
    values = 50 + 10 * rng.normal(size=(20, 1)) + rng.normal(size=(20, 8))
    values[:, -1] = values[:, -2] + 2
    values[:2, -1] = values[:2, -2] - 1
    values[7, -1] += 38
    return values


def test_a_movement_is_the_median_change_told_in_units_and_in_spreads(long, values):
    row = everyone(moved(long(values)))
    spread = np.median(np.abs(values[:, -2] - np.median(values[:, -2]))) * MAD_TO_SIGMA
    assert (row["before"], row["period"], row["since"]) == ("2016/17", "2017/18", "2010/11")
    assert (row["n_authorities"], row["n_since"], row["status"]) == (20, 20, "ok")
    assert row["moved"] == pytest.approx(2)
    assert row["moved_sd"] == pytest.approx(2 / spread)
    assert row["p"] == pytest.approx(2 * (1 + 20 + 190) / 2**20)  # 18 of 20 rose
    assert row["moved_since"] == pytest.approx(np.median(values[:, -1] - values[:, 0]))
    assert row["direction"] == "worse"


def test_who_drives_a_movement_is_named_first_and_the_rest_without_them_is_told(long, values):
    row = everyone(moved(long(values)))
    assert row["moved_by"].split("; ")[0] == CODES[7]
    assert len(row["moved_by"].split("; ")) <= 3
    assert row["moved_without"] == pytest.approx(2)
    assert row["spread_by"].split("; ")[0] == CODES[7]


def test_what_is_usual_is_the_median_size_of_the_earlier_steps(long, values):
    before, after = values[:, :-2], values[:, 1:-1]
    centre = np.median(before, axis=0)
    spread = np.median(np.abs(before - centre), axis=0) * MAD_TO_SIGMA
    expected = np.median(np.abs(np.median(after - before, axis=0)) / spread)
    assert everyone(moved(long(values)))["usual_sd"] == pytest.approx(expected)


def test_a_spread_that_doubles_is_wider_and_one_that_halves_narrower(long, values):
    values[:, -1] = values[:, -2] + (values[:, -2] - 50)
    row = everyone(moved(long(values)))
    assert (row["spread_ratio"], row["spread_change"]) == (pytest.approx(2), "wider")
    values[:, -1] = values[:, -2] - (values[:, -2] - 50) / 2
    row = everyone(moved(long(values)))
    assert (row["spread_ratio"], row["spread_change"]) == (pytest.approx(0.5), "narrower")


def test_a_spread_is_called_wider_only_where_test_and_ratio_agree(long):
    """Twelve in the middle draw apart a little, four on each side come in: rho is -0.57."""
    before = np.linspace(-10, 10, 20)
    after = np.where(np.abs(before) > 6, 0.9 * before, 1.02 * before)
    row = everyone(moved(long(np.stack([before, before, after], axis=1), first=2013)))
    assert row["spread_ratio"] > 1
    assert row["spread_q"] < 0.1  # nearer together, by the ranks
    assert row["spread_change"] == "none"


def test_where_half_have_one_value_no_spread_is_judged(long, rng):
    values = np.where(np.arange(20)[:, None] < 12, 0.0, rng.normal(size=(20, 4)))
    row = everyone(moved(long(values)))
    assert (row["status"], row["spread_change"]) == ("peers do not differ", "none")
    assert np.isnan(row["spread_p"])


def test_false_discoveries_are_controlled_over_all_groups_and_metrics_by_kind_of_test(long, rng):
    rows = pd.concat([long(rng.normal(size=(20, 6)), f"m{i}") for i in range(4)])
    table = moved(rows, ["N"] * 10 + ["S"] * 10)
    for p, q in (("p", "q"), ("p_since", "q_since"), ("spread_p", "spread_q")):
        assert_allclose(table[q], false_discovery_control(table[p]))


def test_groups_are_everyone_each_type_and_each_region_and_nobody_is_left_out(long, values):
    types = dict(zip(CODES, ["county"] * 12 + ["district"] * 8, strict=True))
    table = moved(long(values), ["N"] * 9 + [None] * 11, types=types)
    assert tuple(table) == SECTOR_MOVEMENT
    sizes = table.set_index(["group_kind", "group"])["n_authorities"].to_dict()
    assert sizes == {
        ("everyone", "everyone"): 20, ("type", "county"): 12, ("type", "district"): 8,
        ("region", "N"): 9, ("region", "unknown"): 11,
    }  # fmt: skip


def test_without_types_and_regions_there_is_only_everyone(long, values):
    assert moved(long(values))["group"].to_list() == ["everyone"]
    assert moved(long(values), [""] * 20)["group"].to_list() == ["everyone"]


def test_a_period_that_few_have_yet_is_not_the_newest(long, values):
    values[4:, -1] = np.nan
    row = everyone(moved(long(values)))
    assert (row["period"], row["before"]) == ("2016/17", "2015/16")


def test_seasons_are_set_beside_the_same_season(rng):
    """A step that comes every year is as large as usual, and over the window nothing happened."""
    winters = np.tile([0.0, 0.0, 0.0, 30.0], 4)
    values = 50 + 5 * rng.normal(size=(20, 1)) + 0.1 * rng.normal(size=(20, 16)) + winters
    labels = [f"20{10 + i // 4}-{11 + i // 4} Q{i % 4 + 1}" for i in range(16)]
    index = pd.MultiIndex.from_product([CODES, labels], names=["authority", "period"])
    rows = pd.DataFrame({"value": values.ravel()}, index).reset_index().assign(metric="bins")
    row = everyone(moved(rows))
    assert row["since"] == "2010/11 Q4"
    assert row["moved_sd"] == pytest.approx(row["usual_sd"], rel=0.1)
    assert abs(row["moved_since_sd"]) < 0.05


@pytest.mark.parametrize(
    ("cut", "why"),
    [
        (lambda values: values[:1], "too few peers"),
        (lambda values: values[:, :1], "too few periods"),
        (lambda values: np.full_like(values, 7.0), "peers do not differ"),
    ],
)
def test_what_cannot_be_assessed_says_why_and_is_called_nothing(long, values, cut, why):
    table = moved(long(cut(values), first=2013))
    assert everyone(table)["status"] == why
    assert set(table["direction"]) == set(table["spread_change"]) == {"none"}
    assert len(sector_themes(table, pd.DataFrame({"metric": ["debt"], "higher_is": "worse"}))) == 1


def test_a_metric_that_nobody_publishes_any_more_is_stale(long, values):
    row = everyone(moved(long(values), as_of="2035-01-01"))
    assert row["status"] == "stale"
    assert np.isnan(row["moved"])


def test_no_metric_is_an_empty_table_with_the_same_columns():
    table = sector_movement([], register_of(), settings=SETTINGS)
    assert (len(table), tuple(table)) == (0, SECTOR_MOVEMENT)
    themes = sector_themes(table, pd.DataFrame(columns=["metric", "higher_is"]))
    assert (len(themes), tuple(themes)) == (0, SECTOR_THEMES)


# Properties.


@few
@given(seed=st.integers(0, 10**6), unit=st.sampled_from([0.001, 3.0, 1e6]))
@pytest.mark.parametrize("transform", ["identity", "log", "asinh"])
def test_the_unit_of_a_metric_changes_no_standardised_movement(long, transform, seed, unit):
    values = np.exp(1 + 0.3 * np.random.default_rng(seed).normal(size=(12, 6)))
    one, other = (moved(long(values * by), transform=transform) for by in (1.0, unit))
    assert_allclose(one[STANDARDISED].to_numpy(float), other[STANDARDISED].to_numpy(float),
                    rtol=1e-6, atol=1e-9)  # fmt: skip
    assert_allclose(other["moved"], unit * one["moved"], rtol=1e-6)
    assert one["moved_by"].to_list() == other["moved_by"].to_list()


@pytest.mark.parametrize("end", ["", "_since"])
def test_the_polarity_turns_worse_into_better_and_nothing_else(long, values, end):
    worse, better, context = (
        everyone(moved(long(values + 3 * np.arange(8)), higher_is=side))
        for side in ("worse", "better", "context")
    )
    words = [row[f"direction{end}"] for row in (worse, better, context)]
    assert words == ["worse", "better", "unusual"]
    assert worse["moved_sd"] == pytest.approx(-better["moved_sd"])
    same = ["moved", "p", "spread_ratio", "spread_p", "moved_by", "spread_by", "usual_sd"]
    assert [worse[name] for name in same] == pytest.approx([better[name] for name in same])


@few
@given(order=st.permutations(range(40)))
def test_the_order_of_rows_changes_nothing(long, order):
    values = np.random.default_rng(3).normal(size=(10, 4))
    values[2, 3] = np.nan
    rows = long(values)
    mixed = rows.iloc[[place for place in order if place < len(rows)]]
    assert_frame_equal(moved(rows), moved(mixed))


# Themes.


def test_a_theme_counts_its_metrics_and_takes_the_middle_of_those_with_a_worse_side():
    table = pd.DataFrame(
        {
            "metric": list("wxyz"), "theme": "Care", "group_kind": "everyone", "group": "everyone",
            "direction": ["worse", "better", "none", "unusual"], "direction_since": "worse",
            "spread_change": ["wider", "narrower", "none", "wider"],
            "spread_change_since": "none", "moved_sd": [0.4, -0.2, 0.1, 9.0],
            "moved_since_sd": [1.0, 2.0, 3.0, 99.0], "q": [0.01, 0.01, np.nan, 0.01],
        }
    )  # fmt: skip
    about = pd.DataFrame({"metric": list("wxyz"), "higher_is": ["worse"] * 3 + ["context"]})
    (row,) = sector_themes(table, about).to_dict("records")
    counts = [
        "n_metrics",
        "n_assessed",
        "n_worse",
        "n_better",
        "n_unusual",
        "n_wider",
        "n_narrower",
    ]
    assert [row[name] for name in counts] == [4, 3, 1, 1, 1, 2, 1]
    assert (row["moved_sd"], row["moved_since_sd"], row["most_moved"]) == (0.1, 2.0, "z")


def test_the_sample_s_sector_is_told_whole(sample):
    table, metrics = sample.result.sector_movement, sample.result.metrics
    assert tuple(table) == SECTOR_MOVEMENT
    assert not table.duplicated(["metric", "group_kind", "group"]).any()
    assert (table["group_kind"].eq("everyone")).sum() == len(metrics)
    row = table[table["metric"].eq("missed_bins_rate") & table["group"].eq("everyone")].iloc[0]
    assert row["direction"] == "worse"  # the newest quarter is a winter, as every year
    assert row["moved_sd"] < 1.5 * row["usual_sd"]
    themes = sample.result.sector_themes
    counted = themes.loc[themes["group"].eq("everyone"), "n_metrics"].sum()
    assert (tuple(themes), counted) == (SECTOR_THEMES, len(metrics))
