"""Is it told where limits are wider, and only there?"""

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from earlywarning import EarlyWarning, Settings, as_catalogue, as_panel
from earlywarning.store import append
from earlywarning.stored import score_store

FAST = Settings(null_draws=200, tail_draws=200, rank_draws=50)
CATALOGUE = as_catalogue(
    pd.DataFrame({"metric": ["calm", "upset"], "title": ["Calm", "Upset <b>"], "unit": "count"})
    .assign(higher_is="worse", transform="identity", lag_days=0)
)  # fmt: skip
YEARS = range(2014, 2024)
CODES = [f"E06{i:06d}" for i in range(60)]


@pytest.fixture(scope="module")
def panel():
    """Return noise; in one metric it is four times as large in the newest year, for everybody."""
    rng = np.random.default_rng(2)
    parts = []
    for metric, times in (("calm", 1), ("upset", 4)):
        values = rng.normal(size=(len(CODES), len(YEARS)))
        values[:, -1] *= times
        if times > 1:
            values[7, -1] = 60.0
        index = pd.MultiIndex.from_product([CODES, [str(y) for y in YEARS]])
        rows = pd.DataFrame({"value": 100 + values.ravel()}, index=index).reset_index()
        parts.append(rows.set_axis(["authority", "period", "value"], axis=1).assign(metric=metric))
    return as_panel(pd.concat(parts), catalogue=CATALOGUE)


@pytest.fixture(scope="module")
def result(panel):
    return EarlyWarning(catalogue=CATALOGUE, settings=FAST).fit_score(panel)


def rough(issues):
    return issues[issues["code"].eq("rough_release")]


def test_a_rough_release_is_an_issue_and_a_smooth_one_none(result):
    (told,) = rough(result.issues).itertuples()
    assert (told.stage, told.metric, told.period, told.n_rows) == ("release", "upset", "2023", 60)
    assert "In 2023 authorities moved further" in told.message
    assert 1.5 < float(told.message.split("up to ")[1].split(" ")[0]) < 4


def test_it_is_told_again_where_the_model_was_fitted_before(panel, result):
    model = EarlyWarning(catalogue=CATALOGUE, settings=FAST).fit(panel)
    assert_frame_equal(rough(model.score(panel).issues), rough(result.issues))
    earlier = rough(model.score(panel, as_of="2023-06-30").issues)
    assert earlier.empty


def test_a_store_tells_the_same(panel, result, tmp_path):
    found = score_store(append(tmp_path, [panel]), EarlyWarning(catalogue=CATALOGUE, settings=FAST))
    assert_frame_equal(found.issues, result.issues)
    assert_frame_equal(found.flags, result.flags)


def test_a_brief_tells_whose_change_is_flagged_in_it(result):
    assert CODES[7] in set(result.flags.query("kind == 'change'")["authority"])
    told = str(result.explain(CODES[7]))
    assert "Rough release, “Upset <b>”: In 2023 authorities moved further" in told
    assert "Rough release" not in str(result.explain(CODES[8]))
