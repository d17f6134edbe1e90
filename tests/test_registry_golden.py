"""Do models that were saved earlier still open, and say what they said?"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from earlywarning import EarlyWarning, carry_history, read_catalogue, read_panel
from earlywarning.authorities import read_register
from earlywarning.panel import hash_of
from earlywarning.registry import load_model
from earlywarning.registry.manifest import FORMAT
from make_golden import GOLDEN, golden_panel

ROOT = Path(__file__).resolve().parents[1]
REMAKE = "run 'python models/remake_sample.py' where what fit learns has changed"
FORMATS = [f"format-{number}" for number in range(1, FORMAT + 1)]


def flags_of(model, panel):
    """Return flags as a CSV file has them."""
    flags = model.score(panel).flags
    return flags.assign(published=flags["published"].dt.strftime("%Y-%m-%d"))


@pytest.mark.parametrize("name", FORMATS)
def test_a_model_of_every_format_loads_and_gives_its_golden_flags(name):
    model = load_model(GOLDEN / name)
    golden = pd.read_csv(GOLDEN / f"{name}.csv", keep_default_na=True)
    assert len(golden) >= 4
    found = flags_of(model, golden_panel(GOLDEN / name)).reset_index(drop=True)
    for column in golden:
        if golden[column].dtype.kind in "fi":
            np.testing.assert_allclose(found[column].astype(float), golden[column], rtol=1e-9)
        else:
            assert found[column].astype(str).to_list() == golden[column].astype(str).to_list()


def test_golden_flags_are_of_what_was_learnt_then_and_not_of_the_panel_alone():
    model = load_model(GOLDEN / "format-1")
    panel = golden_panel(GOLDEN / "format-1")
    anew = EarlyWarning(catalogue=model.catalogue).fit(panel)
    assert not anew.score(panel).signals["p"].equals(model.score(panel).signals["p"])


@pytest.fixture(scope="module")
def committed():
    """Return the committed model of the sample, and the committed sample as it was read."""
    data = ROOT / "data" / "sample"
    catalogue, register = (
        read_catalogue(data / "catalogue.toml"),
        read_register(data / "authorities.csv"),
    )
    panel = read_panel(data / "panel.csv", catalogue=catalogue)
    return load_model(ROOT / "models" / "sample"), carry_history(panel, register, catalogue)


def test_the_committed_model_of_the_sample_scores_it(committed, sample):
    model, panel = committed
    result = model.score(panel)
    assert result.counts == sample.result.counts
    assert_frame_equal(result.signals, sample.result.signals, rtol=1e-9, atol=1e-12)


def test_the_committed_model_is_what_fit_learns_today(committed, sample):
    model, panel = committed
    assert model.learnt_.data == hash_of(panel.known_at(panel.latest_publication)), REMAKE
    assert model.learnt_.metrics.keys() == sample.model.learnt_.metrics.keys(), REMAKE
    for name, by_period in sample.model.learnt_.metrics.items():
        for period, today in by_period.items():
            kept = model.learnt_.metrics[name][period].fit
            for one, other in (
                (today.fit.priors.weight, kept.priors.weight),
                (today.fit.priors.usual, kept.priors.usual),
                (today.fit.averages, kept.averages),
            ):
                np.testing.assert_allclose(other, one, rtol=1e-6, atol=1e-9, err_msg=REMAKE)


def test_the_committed_model_is_small():
    folder = ROOT / "models" / "sample"
    assert sum(path.stat().st_size for path in folder.iterdir()) < 2**20
