"""Does a store, scored a block of metrics at a time, give what its panel in memory gives?"""

import sys

import pandas as pd
import pytest
from joblib import parallel_config
from pandas.testing import assert_frame_equal

from earlywarning import EarlyWarning, Settings, as_catalogue, as_panel, sample_tables
from earlywarning.errors import DataRefusedError, UsageError
from earlywarning.flags import recheck
from earlywarning.pipeline import BATCH
from earlywarning.signals import BLOCK
from earlywarning.store import Lot, append, compact, open_store, revise
from earlywarning.stored import score_store

TABLES = ("flags", "authorities", "contributions", "issues", "metrics", "register")
FAST = Settings(null_draws=200, tail_draws=200, rank_draws=50)


@pytest.fixture(scope="module")
def wide():
    """Return a panel of more metrics than are measured at once, and their catalogue."""
    tables = sample_tables()
    metric = tables.panel["metric"]
    rows = pd.concat([tables.panel.assign(metric=metric + word) for word in ("", " b", " c")])
    rows["value"] += rows["metric"].str.len() % 3
    names = sorted(rows["metric"].unique())
    catalogue = as_catalogue(pd.DataFrame({
        "metric": names, "theme": [f"Theme {n % 4}" for n in range(len(names))],
        "higher_is": [("worse", "better", "context")[n % 3] for n in range(len(names))],
    }))  # fmt: skip
    panel = as_panel(rows, catalogue=catalogue)
    assert len(panel.metrics) > 2 * BLOCK
    assert panel.revised
    return panel, catalogue


@pytest.fixture(scope="module")
def stored(wide, tmp_path_factory):
    """Return the same in a store."""
    return append(tmp_path_factory.mktemp("wide"), [wide[0]])


@pytest.fixture(scope="module")
def whole(wide):
    """Return what its panel in memory gives."""
    return model(wide[1]).fit_score(wide[0])


def model(catalogue=None):
    return EarlyWarning(catalogue=catalogue, settings=FAST)


def assert_same(found, whole):
    assert found.as_of == whole.as_of
    for name in TABLES:
        assert_frame_equal(getattr(found, name), getattr(whole, name), check_exact=True)
    assert found.counts.items() <= whole.counts.items()
    assert found.expected_false_flags == whole.expected_false_flags


def test_a_store_is_scored_to_the_bit_as_its_panel(wide, stored, whole):
    assert len(whole.flags) > 20
    assert_same(score_store(stored, model(wide[1])), whole)


def test_a_past_day_is_scored_to_the_bit_as_in_memory(wide, stored):
    then = model(wide[1]).fit_score(wide[0], as_of="2022-06-30")
    assert_same(score_store(stored, model(wide[1]), as_of="2022-06-30"), then)


def test_metrics_in_no_catalogue_are_judged_as_in_memory(wide, stored):
    assert_same(score_store(stored, model()), model().fit_score(wide[0]))


def test_named_neighbours_and_a_register_count_as_in_memory(tmp_path):
    tables = sample_tables()
    panel = as_panel(tables.panel)
    about = {"register": tables.register, "neighbours": tables.neighbours, "settings": FAST}
    whole = EarlyWarning(**about).fit_score(panel)
    assert_same(score_store(append(tmp_path, [panel]), EarlyWarning(**about)), whole)


def test_how_values_came_in_does_not_matter(wide, whole, tmp_path):
    panel, catalogue = wide
    rows = panel.frame.drop(columns=["lower", "upper"])
    first = rows[~rows.duplicated(["authority", "metric", "period"])]
    later = rows[rows.duplicated(["authority", "metric", "period"])]
    odd = first["metric"].str.len() % 2 == 1
    append(tmp_path, [as_panel(first[odd]), as_panel(first[~odd])])
    revise(tmp_path, [as_panel(later)])
    for opened in (open_store, compact):
        found = score_store(opened(tmp_path), model(catalogue))
        assert_frame_equal(found.flags, whole.flags)


def test_nothing_flagged_gives_the_same_empty_table(tmp_path):
    rows = sample_tables().panel
    panel = as_panel(rows[rows["metric"] == rows["metric"].iloc[0]])
    quiet = Settings(false_flag_share=1e-12)
    whole = EarlyWarning(settings=quiet).fit_score(panel)
    assert whole.flags.empty
    found = score_store(append(tmp_path, [panel]), EarlyWarning(settings=quiet))
    assert_frame_equal(found.flags, whole.flags)


def test_suppressed_values_come_out_with_nothing_assessed(tmp_path):
    rows = sample_tables().panel.query("metric == 'roads_poor_pct'").assign(value=float("nan"))
    panel = as_panel(rows.assign(status="suppressed"))
    found = score_store(append(tmp_path, [panel]), model())
    assert_same(found, model().fit_score(panel))
    assert found.counts["series_assessed"] == 0


def test_no_more_than_a_block_of_metrics_is_read_at_a_time(wide, stored, monkeypatch):
    read = Lot.panel
    sizes = []

    def counted(lot):
        sizes.append(len(lot.metrics))
        return read(lot)

    monkeypatch.setattr(Lot, "panel", counted)
    score_store(stored, model(wide[1]))
    assert max(sizes) == BLOCK
    assert sum(sizes) <= 2 * len(stored.metrics)


@pytest.mark.parametrize("backend", ["sequential", "threading", "loky"])
def test_every_backend_gives_the_same_bytes(backend, wide, stored, whole):
    with parallel_config(backend=backend, n_jobs=1 if backend == "sequential" else 2):
        found = score_store(stored, model(wide[1]))
    assert_same(found, whole)
    assert all(getattr(found, name).to_csv() == getattr(whole, name).to_csv() for name in TABLES)


def test_flags_are_asked_again_with_those_of_their_own_block_alone(wide, monkeypatch):
    module = sys.modules[recheck.__module__]
    ask, together = module.recheck_changes, []

    def asked(cases, then):
        together.append({wide[0].metrics.index(case.metric) // BLOCK for case in cases})
        return ask(cases, then)

    monkeypatch.setattr(module, "recheck_changes", asked)
    model(wide[1]).fit_score(wide[0])
    assert together == [{0}, {1}, {2}]  # rounding follows from what is multiplied together


def test_metrics_are_made_ready_in_whole_blocks():
    assert BATCH % BLOCK == 0  # else a panel's blocks of more metrics are not the store's


def test_progress_is_told_to_its_end(wide, stored):
    told = []
    about = EarlyWarning(catalogue=wide[1], settings=FAST, progress=lambda *step: told.append(step))
    score_store(stored, about)
    assert {doing for doing, _, _ in told} == {"measuring", "flagging"}
    assert all(done <= of for _, done, of in told)
    assert told[-1][1] == told[-1][2]


def test_a_day_before_anything_was_published_is_refused(stored):
    with pytest.raises(DataRefusedError, match="Nothing was published by 1990-01-01"):
        score_store(stored, model(), as_of="1990-01-01")
    with pytest.raises(UsageError, match="no date"):
        score_store(stored, model(), as_of="soon")
