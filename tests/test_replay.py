import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from earlywarning import EarlyWarning, as_panel
from earlywarning.schema import REPLAYED_BASELINES, REPLAYED_FLAGS
from earlywarning.validation.days import as_of_days
from earlywarning.validation.replay import replay

N, YEARS = 12, range(2008, 2018)


def table(seed=0, metrics=("debt", "tax")):
    rng = np.random.default_rng(seed)
    rows = [
        (f"E060000{a:02d}", metric, f"{year}-{(year + 1) % 100:02d}", value)
        for metric in metrics
        for a in range(N)
        for year, value in zip(YEARS, rng.normal(50, 5, len(YEARS)), strict=True)
    ]
    return pd.DataFrame(rows, columns=["authority", "metric", "period", "value"])


def looked(rows, **options):
    panel = as_panel(rows)
    days = as_of_days(as_panel(table()), min_periods=5)
    return replay(EarlyWarning(), panel, days, **options)


def by_chance(result):
    codes = result.authorities["authority"].astype(str)
    return pd.DataFrame({"authority": codes, "scorer": "alphabet", "score": np.arange(len(codes))})


@pytest.fixture(scope="module")
def then():
    return looked(table(), scorers=[by_chance])


def test_every_authority_has_a_row_a_day(then):
    assert then.scores.groupby("as_of").size().eq(N).all()
    assert not then.scores.duplicated(["authority", "as_of"]).any()


def test_themes_add_up_to_the_score_on_every_day(then):
    themes = then.scores.filter(like="theme:").sum(axis=1)
    np.testing.assert_allclose(themes, then.scores["score"], atol=1e-9)


def test_tables_have_their_columns(then):
    assert list(then.flags) == list(REPLAYED_FLAGS)
    assert list(then.baselines) == list(REPLAYED_BASELINES)


def test_a_day_is_what_scoring_by_hand_gives(then):
    day = then.scores["as_of"].max()
    result = EarlyWarning().fit_score(as_panel(table()), as_of=day)
    here = then.scores[then.scores["as_of"].eq(day)]
    np.testing.assert_array_equal(here["score"], result.authorities["score"])
    assert here["n_flags"].sum() == len(result.flags)


published = st.integers(0, len(YEARS) * 2 * N - 1)


@settings(max_examples=8)
@given(changed=st.lists(published, min_size=1, max_size=30, unique=True), seed=st.integers(0, 99))
def test_future_rows_and_revisions_change_no_past_row(then, changed, seed):
    """The leakage canary: revisions published later, further periods, another metric's future."""
    rng = np.random.default_rng(seed)
    rows = table()
    late = rows.iloc[changed].assign(
        value=rng.normal(500, 50, len(changed)), published=pd.Timestamp("2031-01-01")
    )
    future = rows[rows["period"].eq("2017-18")].assign(period="2029-30", value=9.0)
    now = looked(pd.concat([rows, late, future]))
    assert_frame_equal(now.scores, then.scores)
    assert_frame_equal(now.flags, then.flags)


def test_side_by_side_gives_the_same_bytes(then):
    beside = looked(table(), scorers=[by_chance], n_jobs=2)
    assert_frame_equal(beside.scores, then.scores, check_exact=True)
    assert_frame_equal(beside.baselines, then.baselines, check_exact=True)


def test_a_stopped_run_goes_on_where_it_was(tmp_path, then):
    """Days that are there are not looked at again; a damaged one is."""

    class StoppedError(Exception):
        pass

    def stop(_, done, of):
        if done == of // 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        looked(table(), store=tmp_path, progress=stop)
    there = sorted(path.name for path in tmp_path.iterdir())
    assert there
    assert not any(name.endswith(".part") for name in there)
    (tmp_path / there[0] / "scores.parquet").write_bytes(b"torn")
    shown = []
    now = looked(table(), store=tmp_path, progress=lambda *told: shown.append(told[1]))
    assert len(shown) == len(set(then.scores["as_of"])) - len(there) + 1
    assert_frame_equal(now.scores, then.scores)
    assert_frame_equal(now.flags, then.flags)


def test_days_of_other_data_are_not_taken(tmp_path):
    looked(table(), store=tmp_path)
    other = looked(table(seed=1), store=tmp_path)
    assert_frame_equal(other.scores, looked(table(seed=1)).scores)


def test_a_stored_day_serves_where_only_the_future_changed(tmp_path):
    looked(table(), store=tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    future = table().tail(1).assign(period="2029-30")
    looked(pd.concat([table(), future]), store=tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == before
