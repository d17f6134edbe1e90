"""Does a saved model come back as it was?"""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earlywarning import EarlyWarning, Settings, as_panel, built_in
from earlywarning.errors import ModelError, UsageError
from earlywarning.panel import hash_of
from earlywarning.registry import load_model, save_model
from registry_models import (
    YEARS,
    assert_same_bits,
    assert_same_results,
    fitted,
    rows_of,
)

QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def files_of(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@st.composite
def metrics(draw):
    """Draw what one to four metrics are like."""
    names = draw(
        st.lists(st.sampled_from(["debt", "calls", "size", "share"]), min_size=1, unique=True)
    )
    return [
        (
            name,
            draw(st.sampled_from(list(YEARS))),
            draw(st.integers(2, 30)),
            {
                "n": draw(st.integers(2, 60)),
                "gaps": draw(st.sampled_from([0.0, 0.1, 0.5])),
                "tails": draw(st.sampled_from([3.0, np.inf])),
            },
        )
        for name in names
    ]


@given(metrics=metrics(), seed=st.integers(0, 2**32))
@settings(max_examples=12, suppress_health_check=QUIET)
def test_a_loaded_model_is_the_saved_one_and_scores_the_same_to_the_last_bit(
    metrics, seed, tmp_path
):
    rng = np.random.default_rng(seed)
    rows = [rows_of(rng, *one, **options) for *one, options in metrics]
    if not any(map(len, rows)):
        return
    panel, model = fitted(rows)
    again = load_model(save_model(model, tmp_path / "model"))
    assert_same_bits(model.learnt_, again.learnt_)
    revised = [one.assign(value=one["value"] * 0.99) for one in rows]
    other = fitted(
        [one.drop(columns=["numerator", "denominator"], errors="ignore") for one in revised]
    )[0]
    for judged in (panel, other):
        assert_same_results(model.score(judged), again.score(judged))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Return a panel, a model of it, and where that is saved."""
    rng = np.random.default_rng(5)
    rows = [rows_of(rng, "debt", "annual", 9), rows_of(rng, "share", "quarterly", 14)]
    panel, model = fitted(rows, settings=Settings(smallest_effect=0.4))
    return panel, model, save_model(model, tmp_path_factory.mktemp("models") / "small")


def test_the_sample_loads_and_scores_as_it_was_saved(sample, tmp_path):
    again = load_model(save_model(sample.model, tmp_path / "sample"))
    assert_same_results(sample.result, again.score(sample.panel))


def test_what_a_model_was_given_is_saved_with_it(small, sample, tmp_path):
    _, model, folder = small
    assert load_model(folder).settings == model.settings
    given = EarlyWarning(
        catalogue=built_in("finance"), register=sample.tables.register,
        neighbours=sample.tables.neighbours,
    ).fit(sample.panel)  # fmt: skip
    again = load_model(save_model(given, tmp_path / "given"))
    pd.testing.assert_frame_equal(again.register, given.register)
    pd.testing.assert_frame_equal(again.neighbours, given.neighbours)
    pd.testing.assert_frame_equal(again.catalogue.table, given.catalogue.table)
    assert {k: list(v) for k, v in given.catalogue.aliases.items()} == dict(again.catalogue.aliases)


def test_a_model_scores_the_same_in_a_fresh_process(small):
    panel, model, folder = small
    rows = folder.parent / "rows.parquet"
    panel.frame.astype({"authority": str, "metric": str, "period": str}).to_parquet(rows)
    source = f"""
import pandas as pd
from earlywarning import as_panel
from earlywarning.panel import hash_of
from earlywarning.registry import load_model
model = load_model({str(folder)!r})
panel = as_panel(pd.read_parquet({str(rows)!r}), catalogue=model.catalogue)
print(model.score(panel).flags.to_csv())
"""
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True
    )
    flags = model.score(panel).flags
    assert len(flags)
    assert done.stdout.strip() == flags.to_csv().strip()


def test_the_same_model_gives_the_same_bytes(small, tmp_path):
    _, model, folder = small
    assert files_of(save_model(model, tmp_path / "again")) == files_of(folder)
    assert files_of(save_model(load_model(folder), tmp_path / "loaded")) == files_of(folder)


def test_numpy_itself_opens_the_arrays_without_pickles(small):
    with np.load(small[2] / "arrays.npz", allow_pickle=False) as arrays:
        assert len(arrays["authority.average"]) == 6 * len(arrays["authority.word"])


def test_the_manifest_says_what_was_learnt_from_and_a_loaded_model_knows(small):
    _, model, folder = small
    assert json.loads((folder / "manifest.json").read_text())["data"] == model.learnt_.data
    assert load_model(folder).learnt_.data == model.learnt_.data


@pytest.mark.parametrize(
    ("column", "other"),
    [
        ("value", 99.0),
        ("numerator", 7.0),
        ("denominator", 99.0),
        ("period", "2030-31"),
        ("authority", "E06000099"),
        ("published", "2031-01-01"),
    ],
)
def test_one_other_cell_gives_another_hash_and_another_order_the_same(column, other):
    rows = rows_of(np.random.default_rng(6), "share", "annual", 5).reset_index(drop=True)
    rows = rows.assign(published="2030-01-01")
    altered = rows.copy()
    altered.loc[3, column] = other
    one, shuffled, two = (hash_of(as_panel(t)) for t in (rows, rows[::-1], altered))
    assert one == shuffled != two


def test_a_model_that_learnt_nothing_is_not_saved(tmp_path):
    with pytest.raises(UsageError, match="Nothing is learnt"):
        save_model(EarlyWarning(), tmp_path / "model")
    assert not list(tmp_path.iterdir())


def test_a_folder_of_other_things_is_left_untouched(small, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"notes\.txt"):
        save_model(small[1], tmp_path / "mine")
    assert files_of(tmp_path / "mine") == {"notes.txt": b"mine"}


def test_a_save_that_fails_leaves_the_model_before(small, tmp_path, monkeypatch):
    folder = save_model(small[1], tmp_path / "model")
    before = files_of(folder)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("earlywarning.registry.saving.write_arrays", full)
    with pytest.raises(UsageError, match="No space left"):
        save_model(small[1], folder)
    assert files_of(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_model_saved_while_a_swap_was_killed_is_found(small, tmp_path):
    folder = save_model(small[1], tmp_path / "model")
    folder.rename(tmp_path / "model.old")
    assert_same_bits(load_model(folder).learnt_, small[1].learnt_)


def test_a_model_that_could_not_be_loaded_again_is_not_saved_over_one_that_can(small, tmp_path):
    _, model, _ = small
    folder = save_model(model, tmp_path / "model")
    before = files_of(folder)
    odd = EarlyWarning(register=pd.DataFrame({"authority": ["E06000001"]}))
    odd.learnt_ = model.learnt_
    with pytest.raises(ModelError, match="register lacks columns"):
        save_model(odd, folder)
    assert files_of(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_the_same_numbers_in_another_column_give_another_hash():
    rows = rows_of(np.random.default_rng(6), "debt", "annual", 5)
    one, other = (rows.assign(**{name: 5.0}) for name in ("numerator", "denominator"))
    assert hash_of(as_panel(one)) != hash_of(as_panel(other))


def test_rows_that_are_left_of_a_panel_have_the_hash_of_a_panel_of_them_alone():
    """Authorities, metrics and periods that a cut took away say nothing any more."""
    parts = [rows_of(np.random.default_rng(6), name, "annual", 5) for name in ("debt", "fees")]
    panel = as_panel(pd.concat(parts, ignore_index=True))
    first, last = panel.metrics[0], panel.frame["published"].max()
    for cut in (panel.known_at(last - pd.Timedelta(days=1)), panel.only([first])):
        assert 0 < len(cut.frame) < len(panel.frame)
        words = dict.fromkeys(("authority", "metric", "period"), str)
        assert hash_of(as_panel(cut.frame.astype(words))) == hash_of(cut) != hash_of(panel)


def test_nought_has_one_hash_with_and_without_a_minus():
    rows = rows_of(np.random.default_rng(6), "debt", "annual", 5)
    nought, minus = (hash_of(as_panel(rows.assign(value=value))) for value in (0.0, -0.0))
    assert nought == minus
