"""Is nothing learnt before it could be known, and used only where it is worth more?"""

import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from earlywarning.errors import UsageError
from earlywarning.models.outcome import OutcomeLogistic
from earlywarning.validation.learning import learn_out_of_time, time_splits
from earlywarning.validation.learning.gains import DECISIVE, verdict
from earlywarning.validation.learning.splits import fold_of
from earlywarning.validation.learning.walk import PENALTIES, Record, best_penalty

YEAR = np.timedelta64(365, "D")
UNEQUAL = (0.35, 0.25, 0.05, 0.0, 0.0, 0.0)
days = st.integers(0, 2000).map(lambda n: np.datetime64("2015-01-01") + n)


def history(seed, weights, *, base=0.05, n=120, dates=6):
    """Return scores of so many authorities whose points persist, and events by these weights."""
    rng = np.random.default_rng(seed)
    z = np.zeros((dates, n, len(weights)))
    z[0] = rng.normal(size=z[0].shape)
    for t in range(1, dates):
        z[t] = 0.8 * z[t - 1] + 0.6 * rng.normal(size=z[0].shape)
    points = np.maximum(4 * z, 0).reshape(dates * n, -1)
    odds = points @ np.asarray(weights)
    at = np.linspace(-20, 5, 2501)
    shares = (1 / (1 + np.exp(-at[:, None] - odds))).mean(axis=1)
    event = rng.random(len(odds)) < 1 / (1 + np.exp(-at[np.abs(shares - base).argmin()] - odds))
    scores = pd.DataFrame(points, columns=[f"theme:{i}" for i in range(len(weights))])
    scores.insert(0, "score", points.sum(axis=1))
    as_of = pd.date_range("2015-04-01", periods=dates, freq="365D").repeat(n)
    scores.insert(0, "as_of", as_of)
    scores.insert(0, "authority", np.tile([f"A{i:03d}" for i in range(n)], dates))
    return scores, event.astype(float)


def learnt(scores, event, **options):
    return learn_out_of_time(scores, event, horizon_days=365, draws=100, **options)


@pytest.fixture(scope="module")
def told():
    """Return a history, and what is learnt from it."""
    scores, event = history(1, UNEQUAL, base=0.1)
    return scores, event, learnt(scores, event)


@given(
    as_of=st.lists(days, min_size=1, max_size=40),
    late=st.lists(st.integers(-400, 900), min_size=40, max_size=40),
    horizon=st.integers(1, 800),
    authorities=st.sampled_from(["all", "others"]),
)
def test_no_row_teaches_before_its_horizon_is_over_and_its_label_is_known(
    as_of, late, horizon, authorities
):
    as_of = np.array(as_of)
    known_by = as_of + horizon + np.array(late[: as_of.size])
    groups = np.array([f"A{i % 7}" for i in range(as_of.size)])
    options = {"horizon_days": horizon, "known_by": known_by, "authorities": authorities}
    seen = []
    for train, test in time_splits(as_of, groups, **options):
        (day,) = np.unique(as_of[test])
        assert (as_of[train] + horizon <= day).all()
        assert (known_by[train] <= day).all()
        if authorities == "others":
            assert not set(groups[train]) & set(groups[test])
        seen.extend(test)
    assert len(seen) == len(set(seen))
    if authorities == "all":
        settled = np.maximum(known_by, as_of + horizon)
        assert set(seen) == set(np.flatnonzero(as_of >= settled.min()))


def test_all_that_may_teach_does():
    as_of = np.array(["2020-01-01", "2020-07-01", "2021-01-01"], dtype="datetime64[D]")
    (train, test), *more = time_splits(as_of, list("ABA"), horizon_days=366)
    assert (train.tolist(), test.tolist(), more) == ([0], [2], [])


def test_a_label_never_known_never_teaches():
    as_of = np.array(["2018-01-01", "2018-01-01", "2021-01-01"], dtype="datetime64[D]")
    known_by = np.array(["NaT", "2019-02-01", "NaT"], dtype="datetime64[D]")
    (train, _), *more = time_splits(as_of, list("ABA"), horizon_days=365, known_by=known_by)
    assert (train.tolist(), more) == ([1], [])


def test_who_joins_later_moves_nobody_to_another_fold():
    names = np.array([f"E{i:08d}" for i in range(300)])
    assert_array_equal(fold_of(names, 5)[:50], fold_of(names[:50], 5))
    assert np.bincount(fold_of(names, 5)).min() > 30


@pytest.mark.parametrize("authorities", ["all", "others"])
@settings(max_examples=6)
@given(seed=st.integers(0, 1000), cut=st.integers(3, 4))
def test_what_was_not_known_on_a_day_changes_nothing_told_by_then(authorities, seed, cut):
    scores, event = history(seed, (0.3, 0.1, 0.0), base=0.4, n=60)
    rng = np.random.default_rng(seed)
    known_by = scores["as_of"] + pd.to_timedelta(365 + rng.integers(0, 400, len(scores)), "D")
    day = scores["as_of"].unique()[cut]
    now = scores["as_of"] <= day
    changed = np.where(known_by > day, rng.integers(0, 2, len(scores)), event)
    later = scores.assign(**{"theme:new": np.where(now, np.nan, 9.0)})
    later.loc[~now, "theme:0"] *= 50
    whole = learnt(later, changed, known_by=known_by, authorities=authorities)
    part = learnt(scores[now], event[now], known_by=known_by[now], authorities=authorities)
    assert np.isfinite(part.chances["learnt"]).any()
    for column in ("learnt", "plain"):
        assert_allclose(whole.chances.loc[now, column], part.chances[column], rtol=1e-6)
    assert (whole.chances.loc[now, "status"] == part.chances["status"]).all()


@pytest.mark.parametrize("authorities", ["all", "others"])
def test_chances_are_those_of_a_model_learnt_from_the_rows_of_the_split(authorities):
    scores, event = history(2, UNEQUAL, base=0.1)
    found = learnt(scores, event, authorities=authorities)
    points = scores.filter(like="theme:").to_numpy()
    score = scores[["score"]].to_numpy()
    splits = time_splits(
        scores["as_of"], scores["authority"], horizon_days=365, authorities=authorities
    )
    fits = found.fits.set_index(["as_of", "fold"])
    folds = fold_of(scores["authority"].to_numpy(str), 5) * (authorities == "others")
    n_told = 0
    for train, test in splits:
        fit, told = (
            fits.loc[(scores["as_of"].iloc[test[0]], folds[test[0]])],
            found.chances.iloc[test],
        )
        assert fit["n_rows"] == train.size
        if fit["status"] != "ok":
            assert told[["learnt", "plain"]].isna().all(axis=None)
            continue
        model = OutcomeLogistic(C=fit["C"], towards="equal").fit(points[train], event[train])
        plain = OutcomeLogistic().fit(score[train], event[train])
        assert_allclose(told["learnt"], model.predict_proba(points[test])[:, 1], rtol=1e-6)
        assert_allclose(told["plain"], plain.predict_proba(score[test])[:, 1], rtol=1e-6)
        n_told += len(told)
    assert n_told == found.chances["learnt"].notna().sum() > 300


def test_the_penalty_used_is_the_one_that_had_told_known_rows_best():
    event = np.array([1.0, 0.0] * 20)
    known = as_record(event)
    good, middling = np.where(event == 1, 0.8, 0.2), np.full(40, 0.5)
    tried = np.array([middling, middling, good, 1 - good, middling])
    assert best_penalty(tried, known) == 2


def test_the_plainest_penalty_is_used_while_few_events_have_been_told():
    event = np.array([1.0] * 9 + [0.0] * 31)
    good, middling = np.where(event == 1, 0.8, 0.2), np.full(40, 0.5)
    assert best_penalty(np.array([middling, good]), as_record(event)) == 0


def as_record(event):
    day = np.full(event.size, "2020-01-01", dtype="datetime64[D]")
    names = np.array([f"A{i}" for i in range(event.size)])
    return Record(names, day, day + YEAR, np.zeros((event.size, 1)), np.zeros(event.size), event)


def test_later_dates_choose_their_penalty_and_the_first_takes_the_plainest(told):
    C = told[2].fits.set_index("as_of")["C"]
    assert C.dropna().iloc[0] == PENALTIES[0]
    assert C.iloc[-1] > PENALTIES[0]


def test_losses_are_those_of_scikit_learn(told):
    _, event, found = told
    rows = found.chances["learnt"].notna()
    table = found.gains.set_index("measure")
    for side in ("plain", "learnt"):
        chance = found.chances.loc[rows, side]
        assert table.loc["log_loss", side] == pytest.approx(log_loss(event[rows], chance))
        assert table.loc["brier", side] == pytest.approx(brier_score_loss(event[rows], chance))
    assert table["gain"]["brier"] == pytest.approx(
        table["plain"]["brier"] - table["learnt"]["brier"]
    )


def test_the_auc_compares_rows_of_one_date_only(told):
    scores, event, found = told
    rows = found.chances["learnt"].notna().to_numpy()
    of_day, pairs = [], []
    for day in scores.loc[rows, "as_of"].unique():
        on = rows & (scores["as_of"] == day).to_numpy()
        of_day.append(roc_auc_score(event[on], scores.loc[on, "score"]))
        pairs.append(event[on].sum() * (1 - event[on]).sum())
    expected = np.average(of_day, weights=pairs)
    assert found.gains.set_index("measure").loc["roc_auc", "plain"] == pytest.approx(expected)


def test_the_newest_weights_are_larger_where_effects_are(told):
    newest = told[2].fits.iloc[-1]
    assert newest["theme:0"] > newest["theme:4"]
    assert (newest.filter(like="theme:") >= 0).all()


def test_with_few_events_nothing_is_learnt_and_it_says_so():
    scores, event = history(3, UNEQUAL)
    event[:] = 0.0
    event[:9] = 1.0
    found = learnt(scores, event)
    assert found.chances[["learnt", "plain"]].isna().all(axis=None)
    assert set(found.chances["status"]) == {"nothing known", "too few events"}
    assert set(found.fits["n_events"]) == {9}
    assert found.used == "plain score"
    assert found.why.startswith("Too few events")
    assert found.gains[["lower", "upper"]].isna().all(axis=None)


def test_events_of_one_authority_count_once():
    scores, event = history(3, UNEQUAL)
    event[:] = scores["authority"].isin([f"A{i:03d}" for i in range(9)]).astype(float)
    assert set(learnt(scores, event).fits["status"]) == {"too few events"}


def test_rows_whose_outcome_is_not_known_are_told_and_teach_nothing(told):
    scores, event, _ = told
    newest = (scores["as_of"] == scores["as_of"].max()).to_numpy()
    unknown = np.where(newest, np.nan, event)
    found = learnt(scores, unknown)
    assert found.chances.loc[newest, "learnt"].notna().all()
    assert_frame_equal(found.fits, told[2].fits)
    assert found.gains["n_rows"].iloc[0] == told[2].gains["n_rows"].iloc[0] - newest.sum()


def test_a_row_whose_outcome_is_not_known_teaches_nothing_later_either(told):
    scores, event, _ = told
    gone = np.arange(len(scores)) % 7 == 0
    found = learnt(scores, np.where(gone, np.nan, event))
    never = np.where(gone, np.datetime64("NaT"), scores["as_of"].to_numpy() + YEAR)
    assert_frame_equal(found.fits, learnt(scores, event, known_by=never).fits)


def test_a_theme_without_points_may_be_empty_or_none(told):
    scores, event, found = told
    gaps = scores.replace({f"theme:{i}": {0.0: np.nan} for i in range(6)})
    assert gaps.isna().any(axis=None)
    assert_frame_equal(learnt(gaps, event).chances, found.chances)


def test_inputs_are_untouched(told):
    scores, event, _ = told
    before, labels = scores.copy(), event.copy()
    learnt(scores, event)
    assert_frame_equal(scores, before)
    assert_array_equal(event, labels)


@pytest.mark.parametrize("lower", [(0.01, -0.01), (-0.01, 0.01), (np.nan, 0.01)])
def test_one_lower_limit_that_is_not_above_zero_keeps_the_plain_score(lower):
    assert verdict(gains_table(lower), 0.95)[0] == "plain score"


def test_two_lower_limits_above_zero_let_what_was_learnt_be_used():
    used, why = verdict(gains_table((0.01, 0.001)), 0.95)
    assert used == "learnt"
    assert "0.750 against 0.700" in why


def gains_table(lower):
    rows = [
        {"measure": m, "plain": 0.7, "learnt": 0.75, "gain": 0.05, "lower": low, "upper": 0.1}
        for m, low in zip(DECISIVE, lower, strict=True)
    ]
    return pd.DataFrame(rows).assign(n_events=30)


def test_all_that_is_wrong_with_scores_and_events_is_said_at_once():
    scores = pd.DataFrame({"authority": ["A"], "score": [1.0]})
    with pytest.raises(UsageError, match=r"no column as_of.*theme:<theme>.*Events are not all"):
        learnt(scores, [2.0])


def test_a_horizon_of_none_and_a_missing_date_are_refused():
    with pytest.raises(UsageError, match=r"without an as-of date: 1.*horizon is 0"):
        time_splits([pd.NaT], ["A"], horizon_days=0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "weights", "least", "most"),
    [
        ("unequal effects", UNEQUAL, 0.9, 1.0),
        ("equal effects", (0.1,) * 6, 0.0, 0.05),
        ("no effects", (0.0,) * 6, 0.0, 0.05),
    ],
)
def test_what_was_learnt_is_used_where_there_is_something_to_learn(name, weights, least, most):
    """300 authorities, 10 years, events in 5% of rows; 100 seeds."""
    found = [learnt(*history(seed, weights, n=300, dates=10)) for seed in range(100)]
    share = np.mean([one.used == "learnt" for one in found])
    table = pd.concat([one.gains for one in found]).groupby("measure").mean().round(4)
    sys.stdout.write(f"{name}: what was learnt is used in {share:.0%} of 100 runs\n{table}\n")
    assert least <= share <= most
