"""Does looking back on real English data come out as published, and the same each time?"""

import json

import pandas as pd
import pytest
from benchmarks.validation.debt import (
    PUBLISHED,
    areas,
    debt_for_class,
    distance_in_class,
    in_oracle,
)
from benchmarks.validation.looks import OUTCOMES, PANELS
from typer.testing import CliRunner

from earlywarning.cli import app
from earlywarning.validation.outcomes import episodes, read_outcomes
from earlywarning.validation.written import TABLES

pytestmark = pytest.mark.xdist_group("looking back")  # what takes minutes is done once


@pytest.fixture(scope="module")
def distance(shared):
    return debt_for_class(shared)


@pytest.mark.parametrize("outcome", PUBLISHED)
def test_debt_for_its_class_tells_each_outcome_as_well_as_was_published(shared, distance, outcome):
    assert areas(shared, distance)[outcome].area == pytest.approx(PUBLISHED[outcome], abs=0.01)


@pytest.mark.parametrize("outcome", PUBLISHED)
def test_among_the_published_councils_it_does_so_too(shared, distance, outcome):
    there = distance[distance.index.isin(in_oracle(shared).index)]
    assert len(there) == 347
    assert areas(shared, there)[outcome].area == pytest.approx(PUBLISHED[outcome], abs=0.01)


def test_from_the_published_ratios_each_council_s_distance_is_the_published_one(shared):
    published = in_oracle(shared)
    found = distance_in_class(published["debt_to_nre"], published["class"])
    assert found.to_numpy() == pytest.approx(published["z_debt_within_class"].to_numpy(), abs=1e-5)


def test_from_the_panels_most_councils_distances_are_the_published_ones_too(shared, distance):
    """The others: net revenue expenditure of another vintage, and four more councils."""
    published = in_oracle(shared)["z_debt_within_class"]
    assert (distance.reindex(published.index) - published).abs().median() < 0.01


def test_those_who_had_it_are_those_of_the_published_table(shared, distance):
    published = in_oracle(shared)
    found = areas(shared, distance[distance.index.isin(published.index)])
    notices = published["label_s114_after_2018_09"].eq(1)
    support = published["label_efs_2021_02_to_2026_02"].eq(1)
    assert found["section 114"].n_events == notices.sum()
    assert found["exceptional financial support"].n_events == (support & ~notices).sum()


def test_a_notice_before_the_figures_were_known_does_not_count(shared, distance):
    assert "E10000021" in distance.index  # Northamptonshire, February and July 2018
    assert areas(shared, distance)["section 114"].n_events == 6


def ran(shared, out):
    """Run the command as a user would, in this process; return the tables' bytes."""
    data = shared / "data"
    words = ["validate", *(str(data / f"panels/{name}.csv.gz") for name in PANELS)]
    words += ["--catalogue", "finance", "--authorities", data / "authorities.csv"]
    words += ["--outcomes", data / "outcomes.csv", "--areas", data / "authorities.csv"]
    for name, kinds in OUTCOMES.items():
        words += ["--outcome", f"{name}={','.join(kinds)}"]
    result = CliRunner().invoke(app, [str(word) for word in [*words, "--out", out]])
    assert result.exit_code == 0, result.output
    return {name: (out / f"{name}.csv").read_bytes() for name in TABLES}


@pytest.fixture(scope="module")
def runs(shared, tmp_path_factory):
    """Return the folder of a run, and the bytes of its tables and of a second one's."""
    first, second = (tmp_path_factory.mktemp("validation") / word for word in ("first", "second"))
    return first, ran(shared, first), ran(shared, second)


@pytest.fixture(scope="module")
def tables(runs):
    folder = runs[0]
    return {
        name: pd.read_csv(folder / f"{name}.csv", parse_dates=[day] if day else False)
        for name, day in (("labels", "as_of"), ("scores", "as_of"), ("timeline", "date"))
    }


@pytest.mark.slow
def test_the_command_writes_every_file_that_it_says_it_writes(runs):
    folder = runs[0]
    run = json.loads((folder / "validation.json").read_text(encoding="utf-8"))
    there = {path.name for path in folder.iterdir()} - {"validation.json"}
    assert set(run["files"]) == there
    assert {"report.html", "timeline_1.svg", "precision_2.svg"} <= there
    assert not folder.with_name("first.days").exists()


@pytest.mark.slow
def test_two_runs_give_the_same_bytes_of_every_table(runs):
    _, first, second = runs
    assert [name for name in TABLES if first[name] != second[name]] == []


@pytest.mark.slow
def test_every_authority_day_and_outcome_has_one_label(tables):
    labels, scores = tables["labels"], tables["scores"]
    looks = pd.MultiIndex.from_frame(scores[["authority", "as_of"]])
    for outcome in OUTCOMES:
        rows = labels[labels["outcome"].eq(outcome)]
        told = pd.MultiIndex.from_frame(rows[["authority", "as_of"]])
        assert told.is_unique
        assert set(told) == set(looks)
    assert set(labels["outcome"]) == set(OUTCOMES)


@pytest.mark.slow
def test_nobody_s_event_comes_from_an_outcome_at_or_before_the_look(shared, tables):
    labels = tables["labels"]
    had = labels[labels["event"].eq(1)]
    assert len(had) > 0
    assert (pd.to_datetime(had["date"]) > had["as_of"]).all()
    record = read_outcomes(shared / "data/outcomes.csv")
    for outcome, kinds in OUTCOMES.items():
        named = record[record["outcome"].isin(kinds)].assign(outcome=outcome)
        met = episodes(named.assign(kind=outcome), within_days=730)
        begun = set(met["start_earliest"])
        days = pd.to_datetime(had.loc[had["outcome"].eq(outcome), "date"])
        assert set(days) <= begun


@pytest.mark.slow
def test_whoever_was_in_an_episode_on_the_day_is_not_judged(tables):
    labels = tables["labels"]
    assert labels.loc[labels["status"].ne("at risk"), "event"].isna().all()
    assert labels["status"].eq("under way").any()
