"""Are saved models listed as they are, and told apart?"""

import numpy as np
import pytest

from earlywarning import EarlyWarning, Settings
from earlywarning.errors import UsageError
from earlywarning.registry import compare_models, list_models, load_model, save_model
from make_golden import GOLDEN
from registry_models import fitted, rows_of


@pytest.fixture(scope="module")
def debt():
    return rows_of(np.random.default_rng(3), "debt", "annual", 9)


def test_every_model_of_a_folder_is_listed_and_a_damaged_one_says_why(debt, tmp_path):
    model = fitted([debt])[1]
    for name in ("b", "a", "damaged"):
        save_model(model, tmp_path / name)
    with (tmp_path / "damaged" / "arrays.npz").open("r+b") as file:
        file.write(b"?")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes.txt").write_text("no model")
    table = list_models(tmp_path)
    assert table["name"].to_list() == ["a", "b", "damaged"]
    assert table["status"].to_list() == ["ok", "ok", "arrays.npz is damaged or altered"]
    assert table["metrics"].to_list()[:2] == [1, 1]
    assert table["format"].isna().to_list() == [False, False, True]
    assert table["as_of"].iloc[0] == model.learnt_.as_of


def test_an_empty_folder_has_no_models_and_one_that_is_not_there_is_refused(tmp_path):
    assert len(list_models(tmp_path)) == 0
    with pytest.raises(UsageError, match="no folder"):
        list_models(tmp_path / "nowhere")


def test_a_model_does_not_differ_from_itself_loaded(debt, tmp_path):
    model = fitted([debt])[1]
    assert len(compare_models(model, load_model(save_model(model, tmp_path / "model")))) == 0


def test_what_differs_is_named_and_nothing_else(debt):
    other = debt.copy()
    other.loc[other["authority"] == other["authority"].iloc[0], "value"] *= 1.5
    size = rows_of(np.random.default_rng(4), "size", "annual", 9)
    one = fitted([debt])[1]
    two = fitted([other, size], settings=Settings(min_peers=6))[1]
    table = compare_models(one, two)
    told = {about: set(part["what"]) for about, part in table.groupby("about")}
    assert told["model"] == {"data"}
    assert told["settings"] == {"min_peers"}
    assert table.query("about == 'metric' and metric == 'size'")["first"].isna().all()
    assert "scale" in told["learnt"]
    assert set(table.query("about == 'learnt'")["metric"]) == {"debt"}


def test_twice_the_values_have_twice_the_scale(debt):
    one, two = fitted([debt])[1], fitted([debt.assign(value=debt["value"] * 2)])[1]
    table = compare_models(one, two)
    scales = table[table["what"] == "scale"]
    assert len(scales) > 0
    np.testing.assert_allclose((scales["second"] / scales["first"]).astype(float), 2, rtol=1e-6)


def test_a_model_that_learnt_nothing_is_not_compared():
    with pytest.raises(UsageError, match="learnt nothing"):
        compare_models(EarlyWarning(), load_model(GOLDEN / "format-1"))
