"""The sample is the one printed in data/sample, and holds what its README says."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from earlywarning import schema
from earlywarning.authorities import read_neighbours, read_register
from earlywarning.catalogue import read_catalogue
from earlywarning.panel import as_panel
from earlywarning.sample import SEED, Sample, sample_tables, write_sample
from earlywarning.sample.axis import axis
from earlywarning.sample.laws import LAWS
from earlywarning.sample.places import ENDED, NEW
from earlywarning.units import UNITS

PRINTED = Path(__file__).resolve().parents[1] / "data" / "sample"
FILES = (
    "authorities.csv", "catalogue.toml", "engagements.csv", "neighbours.csv", "outcomes.csv",
    "panel.csv", "troubles.csv",
)  # fmt: skip


@pytest.fixture(scope="module")
def sample() -> Sample:
    return sample_tables()


@pytest.fixture(scope="module")
def printed_again(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "new"
    write_sample(folder)
    return folder


@pytest.mark.parametrize("name", FILES)
def test_the_sample_is_printed_again_byte_for_byte(name, printed_again):
    assert (printed_again / name).read_bytes() == (PRINTED / name).read_bytes()


def test_nothing_else_is_printed(printed_again):
    assert sorted(path.name for path in printed_again.iterdir()) == sorted(FILES)


def test_the_panel_file_says_what_the_table_says(sample, printed_again):
    rows = pd.read_csv(
        printed_again / "panel.csv", parse_dates=["published"], na_values="[c]",
        dtype={"status": str}, keep_default_na=True,
    )  # fmt: skip
    rows["published"] = rows["published"].astype("datetime64[ns]")
    hidden = sample.panel["status"] == "[c]"
    expected = sample.panel.assign(status=sample.panel["status"].mask(hidden, ""))
    assert_frame_equal(rows.fillna({"status": ""}), expected, check_dtype=False)
    assert hidden.sum() == (printed_again / "panel.csv").read_text().count(",[c],")


def test_the_catalogue_file_says_what_the_table_says(sample, printed_again):
    rows = tomllib.loads((printed_again / "catalogue.toml").read_text())["metric"]
    wanted = [
        {key: value for key, value in row.items() if value != "" and not pd.isna(value)}
        for row in sample.catalogue.to_dict("records")
    ]
    assert rows == wanted


def test_a_sample_is_small_enough_to_keep():
    assert (PRINTED / "panel.csv").stat().st_size < 4_000_000


def test_another_seed_gives_another_panel_of_the_same_metrics(sample):
    other = sample_tables(seed=SEED + 1)
    assert not other.panel["value"].head(5000).equals(sample.panel["value"].head(5000))
    assert not other.troubles.equals(sample.troubles)
    assert other.troubles["authority"].nunique() == 15
    assert_frame_equal(other.catalogue, sample.catalogue)


def test_the_tables_have_the_columns_of_the_schema(sample):
    columns = {
        "panel": [c for c in schema.PANEL if c not in ("lower", "upper")],
        "register": schema.REGISTER, "neighbours": schema.NEIGHBOURS,
        "catalogue": schema.CATALOGUE, "outcomes": schema.OUTCOMES,
        "engagements": schema.ENGAGEMENTS,
        "troubles": ("authority", "kind", "metric", "start_period", "size_in_noise_sds"),
    }  # fmt: skip
    assert {f.name for f in fields(sample)} == set(columns)
    for name, wanted in columns.items():
        assert tuple(getattr(sample, name).columns) == tuple(wanted)


def test_there_are_120_authorities_of_four_types_and_24_metrics_in_six_themes(sample):
    types = sample.register["type"].value_counts()
    assert types.to_dict() == {
        "unitary": 36, "district": 42, "county": 18, "metropolitan district": 24,
    }  # fmt: skip
    assert sample.catalogue["theme"].nunique() == 6
    assert set(sample.panel["metric"]) == set(sample.catalogue["metric"])
    assert len(sample.catalogue) == sample.catalogue["metric"].nunique() == 24
    assert set(sample.panel["authority"]) == set(sample.register["authority"])
    assert sample.catalogue["higher_is"].value_counts()["context"] == 3
    assert set(sample.catalogue["higher_is"]) == set(schema.HIGHER_IS)
    assert set(sample.catalogue["transform"]) - {""} <= set(schema.TRANSFORMS)


def test_names_are_unique_and_codes_look_like_no_published_code(sample):
    assert sample.register["name"].is_unique
    assert sample.register["authority"].is_unique
    assert not any(re.fullmatch(r"[A-Z]\d{8}", code) for code in sample.register["authority"])
    assert sample.register["authority"].str.fullmatch(r"ZZ[UDCM]\d{3}").all()


def test_no_name_is_that_of_a_real_authority(sample, shared):
    real = pd.read_csv(shared / "data" / "authorities.csv")["authority_name"].str.casefold()
    words = {word for name in real for word in re.findall(r"\w{5,}", name)}
    stems = set(sample.register["name"].str.casefold().str.split().str[0])
    assert not stems & words


def test_each_metric_has_the_periods_of_its_frequency(sample):
    annual = sample.panel.groupby("metric")["period"].nunique()
    for law in LAWS:
        expected = 24 if law.frequency == "quarterly" else 8 if law.first else 12
        assert annual[law.metric] == expected
    assert set(sample.catalogue["frequency"]) == {"annual", "quarterly"}
    assert sum(law.first is not None for law in LAWS) == 2


def test_no_type_has_a_metric_that_is_not_its_business(sample):
    kinds = sample.panel["authority"].map(sample.register.set_index("authority")["type"])
    found = kinds.groupby(sample.panel["metric"]).agg(set)
    assert found.to_dict() == {law.metric: set(law.types) for law in LAWS}


def test_a_value_is_numerator_over_denominator_where_they_are_published(sample):
    per = sample.panel["metric"].map({law.metric: law.per for law in LAWS})
    decimals = sample.panel["metric"].map({law.metric: law.decimals for law in LAWS})
    sums = per * sample.panel["numerator"] / sample.panel["denominator"]
    has = sums.notna()
    assert has.groupby(sample.panel["metric"]).any().sum() == sum(bool(law.base) for law in LAWS)
    off = (sums - sample.panel["value"])[has].abs()
    assert (off <= 0.5 * 10.0 ** -decimals[has] + 1e-9).all()


def test_shares_stay_shares_and_only_an_overspend_falls_below_nothing(sample):
    units = sample.panel["metric"].map(sample.catalogue.set_index("metric")["unit"])
    assert sample.panel.loc[units == "percent", "value"].dropna().between(0, 100).all()
    below = sample.panel[sample.panel["value"] < 0]
    assert set(below["metric"]) == {"budget_overspend_pct"}


def test_general_reserves_are_part_of_all_reserves(sample):
    wide = sample.panel.pivot_table(
        index=["authority", "period"], columns="metric", values="value"
    ).dropna(subset=["general_reserves_pct", "total_reserves_pct"])
    assert (wide["general_reserves_pct"] < wide["total_reserves_pct"]).mean() > 0.995


def test_each_theme_has_a_pair_of_metrics_that_move_together(sample):
    values = sample.panel.drop_duplicates([*schema.KEY], keep="last")
    wide = values.pivot(index=["authority", "period"], columns="metric", values="value")
    for law in LAWS:
        if law.twin:
            found = wide[[law.metric, law.twin]].corr(method="spearman").iloc[0, 1]
            assert found * np.sign(law.likeness) > 0.5
    themes = [law.theme for law in LAWS if law.twin]
    assert len(set(themes)) == len(themes) == 6


def test_a_key_comes_twice_only_where_it_was_revised_later(sample):
    again = sample.panel[sample.panel.duplicated([*schema.KEY], keep="first")]
    assert set(again["status"]) == {"revised"}
    assert set(again["metric"]) == {"care_home_admissions_rate"}
    assert set(again["period"]) == {"2021/22"}
    assert len(again) > 30
    first = sample.panel[sample.panel["status"] != "revised"]
    both = again.merge(first, on=[*schema.KEY])
    assert (both["published_x"] > both["published_y"]).all()
    assert (both["value_x"] != both["value_y"]).mean() > 0.9


def test_values_are_published_after_their_period_and_the_metrics_lag(sample):
    ends = {
        str(label): end
        for name in ("annual", "quarterly")
        for label, end in zip(axis(name).labels, axis(name).ends, strict=True)
    }
    waited = (sample.panel["published"] - sample.panel["period"].map(ends)).dt.days
    lags = sample.panel["metric"].map(sample.catalogue.set_index("metric")["lag_days"])
    first = sample.panel["status"] != "revised"
    assert (waited - lags)[first].between(0, 13).all()


def test_small_counts_are_hidden_with_their_parts(sample):
    hidden = sample.panel[sample.panel["status"] == "[c]"]
    assert len(hidden) > 30
    assert hidden[["value", "numerator", "denominator"]].isna().all(axis=None)
    shown = sample.panel[sample.panel["status"] != "[c]"]
    assert shown["value"].notna().all()
    assert shown.loc[shown["metric"] == "child_plan_repeat_pct", "numerator"].min() >= 10


def test_some_values_are_missing_and_twelve_returns_are_late(sample):
    series = sample.panel.groupby(["metric", "authority"])["period"]
    newest = series.max().reset_index()
    newest = newest[~newest["authority"].isin(ENDED)]
    behind = newest["period"] < newest.groupby("metric")["period"].transform("max")
    late = behind.groupby(newest["metric"]).sum()
    assert late["recycling_pct"] >= 4
    assert late["homelessness_prevented_pct"] >= 5
    assert late["child_plan_repeat_pct"] >= 3
    old = sample.panel[~sample.panel["authority"].isin([*ENDED, NEW])]
    places = old.groupby("metric")["authority"].nunique()
    full = (places * old.groupby("metric")["period"].nunique()).sum()
    assert 0.005 < 1 - len(old.drop_duplicates([*schema.KEY])) / full < 0.04


def test_three_districts_end_and_a_new_unitary_takes_over(sample):
    register = sample.register.set_index("authority")
    ended = register[register["end"].notna()]
    assert set(ended["end"]) == {pd.Timestamp("2021-03-31")}
    assert set(ended["type"]) == {"district"}
    assert set(ended["successor"]) == {NEW}
    assert len(ended) == 3
    assert register.loc[NEW, "start"] == pd.Timestamp("2021-04-01")
    periods = sample.panel.groupby("authority")["period"]
    assert periods.max()[list(ended.index)].max() <= "2020/21 Q4"
    assert periods.min()[NEW] == "2021/22"


def test_every_authority_has_15_neighbours_of_its_type_that_exist(sample):
    register = sample.register.set_index("authority")
    near = sample.neighbours
    assert near.groupby("authority")["rank"].agg(list).map(lambda r: r == [*range(1, 16)]).all()
    assert near["authority"].nunique() == len(register)
    assert (near["authority"] != near["neighbour"]).all()
    assert not near.duplicated(["authority", "neighbour"]).any()
    kinds = register["type"]
    assert (near["authority"].map(kinds) == near["neighbour"].map(kinds)).all()
    assert register.loc[near["neighbour"], "end"].isna().all()


def test_the_register_and_neighbours_are_accepted_by_the_library(sample):
    for source in (sample.register, PRINTED / "authorities.csv"):
        register = read_register(source)
        assert register["authority"].tolist() == sample.register["authority"].tolist()
        assert set(register.loc[register["end"].notna(), "successor"]) == {NEW}
    for source in (sample.neighbours, PRINTED / "neighbours.csv"):
        assert len(read_neighbours(source)) == len(sample.neighbours)


def test_the_panel_is_accepted_by_the_library_without_an_issue(sample):
    panel = as_panel(sample.panel, catalogue=read_catalogue(PRINTED / "catalogue.toml"))
    assert panel.issues.empty
    assert len(panel.frame) == len(sample.panel)


def test_the_catalogue_is_accepted_by_the_library_and_knows_every_metric(sample):
    catalogue = read_catalogue(PRINTED / "catalogue.toml")
    assert catalogue.unknown(sample.panel["metric"].unique()) == []
    assert set(sample.catalogue["unit"]) <= set(UNITS)
    for column in ("title", "theme", "unit", "higher_is", "frequency", "lag_days"):
        assert catalogue.table[column].tolist() == sample.catalogue[column].tolist()
