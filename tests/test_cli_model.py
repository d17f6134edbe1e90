"""Does `earlywarning model` do what the library does, and say it in words?"""

import pytest

from earlywarning import EarlyWarning, as_panel
from earlywarning.registry import load_model, save_model
from earlywarning.settings import Settings
from make_golden import GOLDEN
from test_cli import figures, refused, run


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty folder with a file of figures, to stand in."""
    monkeypatch.chdir(tmp_path)
    figures().to_csv("figures.csv", index=False)
    return tmp_path


def test_a_model_is_saved_listed_shown_and_does_not_differ_from_itself(home):
    assert "1 metrics" in run("model", "save", "figures.csv", "--out", "models/a").stdout
    assert load_model("models/a").learnt_.metrics.keys() == {"debt"}
    assert "ok" in run("model", "list").stdout
    shown = run("model", "show", "models/a").stdout
    assert load_model("models/a").learnt_.data in shown
    assert "debt" in shown
    assert "do not differ" in run("model", "compare", "models/a", "models/a").stdout


def test_a_model_of_an_earlier_day_differs_and_knows_nothing_later(home):
    run("model", "save", "figures.csv", "--out", "models/now")
    run("model", "save", "figures.csv", "--as-of", "2021-12-31", "--out", "models/then")
    assert load_model("models/then").learnt_.as_of.year == 2021
    assert "as_of" in run("model", "compare", "models/now", "models/then").stdout


def test_drift_is_told(home):
    run("model", "save", "figures.csv", "--out", "models/a")
    assert "as learnt" in run("model", "drift", "models/a", "figures.csv").stdout
    figures().assign(value=lambda t: t["value"] * 10).to_csv("other.csv", index=False)
    assert "level moved" in run("model", "drift", "models/a", "other.csv").stdout


def test_drift_dates_the_figures_by_the_models_settings(home):
    model = EarlyWarning(settings=Settings(lag_days_annual=30, null_draws=200))
    save_model(model.fit(as_panel(figures().drop(columns="name"))), "models/soon")
    told = run("model", "drift", "models/soon", "figures.csv", "--as-of", "2023-05-15").stdout
    assert "2022/23" in told


def test_a_folder_without_models_says_how_to_save_one(home):
    (home / "models").mkdir()
    assert "model save" in run("model", "list").stdout


def test_a_damaged_model_is_refused_with_status_3_and_listed_with_the_reason(home):
    run("model", "save", "figures.csv", "--out", "models/a")
    (home / "models/a/arrays.npz").write_bytes(b"PK")
    assert "damaged or altered" in refused(3, "model", "show", "models/a")
    assert "damaged or altered" in run("model", "list").stdout


def test_wrong_usage_has_status_2_and_leaves_nothing(home):
    assert "figures.csv" in refused(2, "model", "save", "figures.csv", "--out", "figures.csv")
    assert "no file" in refused(2, "model", "drift", GOLDEN / "format-1", "nothing.csv")
    assert "no folder" in refused(2, "model", "list", "nowhere")
    assert [path.name for path in home.iterdir()] == ["figures.csv"]


@pytest.mark.parametrize("name", ["save", "list", "show", "compare", "drift"])
def test_every_command_of_models_has_help_with_an_example(name):
    assert "Example: earlywarning model" in run("model", name, "--help").stdout


def test_drift_of_a_metric_that_is_gone_shows_no_numbers(home):
    run("model", "save", "figures.csv", "--out", "models/a")
    figures().assign(metric="tax").to_csv("other.csv", index=False)
    told = run("model", "drift", "models/a", "other.csv").stdout
    assert "gone" in told
    assert "nan" not in told
    assert "– (" in told
