"""Is the chance of an outcome learnt as it should be, and do more points never lower it?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import minimize
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from earlywarning.errors import UsageError
from earlywarning.models import outcome
from earlywarning.models.outcome import OutcomeLogistic

TOWARDS = pytest.mark.parametrize("towards", ["zero", "equal"])


@pytest.fixture
def points(rng):
    """Return points of 500 authorities in four themes."""
    return rng.gamma(1.0, 4.0, size=(500, 4))


@pytest.fixture
def draw(rng):
    """Return a function that draws events at these log odds."""
    return lambda log_odds: rng.random(len(log_odds)) < 1 / (1 + np.exp(-log_odds))


def slsqp(X, event, C, penalty):
    """Return intercept and coefficients of the bounded problem, by another solver."""

    def value(at):
        log_odds = at[0] + X @ at[1:]
        loss = np.logaddexp(0, log_odds) - event * log_odds
        return (C * loss.sum() + penalty(at[1:])) / (C * len(X))

    bounds = [(None, None)] + [(0, None)] * X.shape[1]
    start = np.full(1 + X.shape[1], 0.1)
    options = {"ftol": 1e-15, "maxiter": 2000}
    return minimize(value, start, method="SLSQP", bounds=bounds, options=options).x


@pytest.mark.parametrize("C", [0.001, 0.1, 1.0, 10.0])
def test_without_a_binding_bound_it_is_the_logistic_regression_of_scikit_learn(points, draw, C):
    event = draw(-3 + points @ [0.3, 0.2, 0.1, 0.1])
    ours = OutcomeLogistic(C=C).fit(points, event)
    theirs = LogisticRegression(C=C, solver="newton-cholesky", tol=1e-12).fit(
        points / ours.scale_, event
    )
    assert (theirs.coef_ > 0).all()
    assert_allclose(ours.coef_ * ours.scale_, theirs.coef_, rtol=1e-6)
    assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-6)
    assert_allclose(ours.predict_proba(points), theirs.predict_proba(points / ours.scale_))


def test_weights_count_as_in_scikit_learn(points, draw, rng):
    event, weight = draw(-3 + points @ [0.3, 0.2, 0.1, 0.1]), rng.random(500)
    ours = OutcomeLogistic().fit(points, event, sample_weight=weight)
    theirs = LogisticRegression(solver="newton-cholesky", tol=1e-12)
    theirs.fit(points / ours.scale_, event, sample_weight=weight)
    assert_allclose(ours.coef_ * ours.scale_, theirs.coef_, rtol=1e-6)


def test_weights_below_nought_are_refused(points, draw):
    event = draw(-1 + points @ [0.2, 0.2, 0.1, 0.1])
    with pytest.raises(ValueError, match="Negative values in data passed to `sample_weight`"):
        OutcomeLogistic().fit(points, event, sample_weight=np.full(len(points), -1.0))


def test_where_bounds_bind_it_is_what_another_solver_finds(points, draw):
    event = draw(-1 + points @ [0.2, -0.2, 0.1, -0.1])
    ours = OutcomeLogistic(C=0.5).fit(points, event)
    expected = slsqp(points / ours.scale_, event, 0.5, lambda w: 0.5 * (w**2).sum())
    assert_array_equal(ours.coef_[0, [1, 3]], 0.0)
    assert_allclose(ours.coef_[0] * ours.scale_, expected[1:], atol=1e-5)
    assert_allclose(ours.intercept_, expected[0], atol=1e-5)


@pytest.mark.parametrize("C", [0.002, 0.5])
def test_drawn_to_equal_it_is_what_another_solver_finds(points, draw, C):
    event = draw(-2 + points @ [0.3, -0.2, 0.1, 0.0])
    ours = OutcomeLogistic(C=C, towards="equal").fit(points, event)
    X = points / ours.scale_
    plain = X.sum(axis=1)
    part = np.array([np.cov(x, plain)[0, 1] for x in X.T]) / np.var(plain, ddof=1)

    def penalty(w):
        return 0.5 * ((w - part @ w) ** 2).sum() + 0.5 * C * (part @ w) ** 2 * np.var(plain)

    assert_allclose(ours.coef_[0] * ours.scale_, slsqp(X, event, C, penalty)[1:], atol=1e-5)


def test_a_feature_against_the_event_leaves_the_base_rate():
    """By hand: at a coefficient of 0 the gradient keeps it there, so log odds are log 2."""
    model = OutcomeLogistic().fit([[1.0], [2.0], [3.0]], [True, True, False])
    assert_array_equal(model.coef_, [[0.0]])
    assert_allclose(model.intercept_, np.log(2))


def test_a_feature_held_at_none_changes_no_other(points, draw):
    event = draw(-1 + points @ [0.2, -0.5, 0.1, 0.0])
    whole = OutcomeLogistic().fit(points, event)
    others = [0, 2, 3]
    part = OutcomeLogistic().fit(points[:, others] / whole.scale_, event)
    same = OutcomeLogistic(C=part.scale_**2).fit(points[:, others] / whole.scale_, event)
    assert whole.coef_[0, 1] == 0
    assert_allclose(whole.coef_[0, others] * whole.scale_, same.coef_[0], rtol=1e-5)


@TOWARDS
@given(seed=st.integers(0, 10_000), log_c=st.floats(-4, 3))
def test_more_points_never_lower_the_chance(towards, seed, log_c):
    rng = np.random.default_rng(seed)
    X, event = rng.normal(size=(30, 3)) * [1, 10, 0.1], np.arange(30) % 3 == 0
    model = OutcomeLogistic(C=10**log_c, towards=towards).fit(X, event)
    more = X + rng.exponential(size=X.shape) * (rng.random(X.shape) < 0.5)
    assert (model.predict_proba(more)[:, 1] >= model.predict_proba(X)[:, 1]).all()


@TOWARDS
@pytest.mark.parametrize("C", [1e-12, 1e-4, 1.0, 1e6])
@pytest.mark.parametrize("seed", [1064, 1680])
def test_at_the_end_no_small_step_is_better(towards, C, seed):
    """By the conditions of Karush, Kuhn and Tucker; quasi-Newton steps stop short at seed 1064."""
    rng = np.random.default_rng(seed)
    X, event = rng.normal(size=(30, 3)) * [1, 10, 0.1], np.arange(30) % 3 == 0
    model = OutcomeLogistic(C=C, towards=towards).fit(X, event)
    chance = model.predict_proba(X)[:, 1]
    assert_allclose(chance.mean(), 1 / 3, rtol=1e-7)
    if towards == "zero":
        slope = X.T @ (chance - event) / model.scale_ + model.coef_[0] * model.scale_ / C
        free = model.coef_[0] > 0
        assert_allclose(slope[free], 0.0, atol=1e-6)
        assert (slope[~free] > 0).all()


@TOWARDS
def test_points_that_are_the_same_for_all_teach_nothing(towards):
    model = OutcomeLogistic(towards=towards).fit(np.ones((6, 2)), np.arange(6) < 2)
    assert_allclose(model.coef_, [[0.0, 0.0]], atol=1e-12)
    assert_allclose(model.intercept_, -np.log(2))


def test_an_end_that_was_not_reached_is_warned_of(points, draw, monkeypatch):
    monkeypatch.setattr(outcome, "MOST_STEPS", 1)
    with pytest.warns(ConvergenceWarning, match="stopped early"):
        OutcomeLogistic().fit(points, draw(-3 + points @ [0.3, 0.2, 0.1, 0.1]))


def test_drawn_to_equal_and_hardly_heeding_the_data_only_the_sum_counts(points, draw):
    event = draw(-3 + points @ [0.4, 0.2, 0.0, 0.0])
    equal = OutcomeLogistic(C=1e-7, towards="equal").fit(points, event)
    plain = OutcomeLogistic().fit(points.sum(axis=1, keepdims=True), event)
    assert_allclose(equal.coef_, np.full((1, 4), plain.coef_[0, 0]), rtol=1e-4)
    assert_allclose(equal.intercept_, plain.intercept_, rtol=1e-4)


@TOWARDS
def test_a_theme_nobody_has_points_in_changes_no_other(points, draw, towards):
    event = draw(-2 + points @ [0.4, 0.2, 0.0, 0.0])
    alone = OutcomeLogistic(C=0.01, towards=towards).fit(points, event)
    beside = OutcomeLogistic(C=0.01, towards=towards).fit(np.c_[points, np.zeros(500)], event)
    assert_allclose(beside.coef_[:, :4], alone.coef_, rtol=1e-6)
    assert_allclose(beside.intercept_, alone.intercept_, rtol=1e-6)


@TOWARDS
def test_the_order_of_rows_does_not_matter(points, draw, rng, towards):
    event, shuffled = draw(-3 + points @ [0.3, 0.2, 0.1, 0.1]), rng.permutation(500)
    straight = OutcomeLogistic(towards=towards).fit(points, event)
    mixed = OutcomeLogistic(towards=towards).fit(points[shuffled], event[shuffled])
    assert_allclose(mixed.coef_, straight.coef_, rtol=1e-6)


@TOWARDS
def test_a_unit_of_points_does_not_matter(points, draw, towards):
    event = draw(-3 + points @ [0.3, 0.2, 0.1, 0.1])
    one = OutcomeLogistic(towards=towards).fit(points, event)
    other = OutcomeLogistic(towards=towards).fit(points * 1000, event)
    assert_allclose(other.coef_ * 1000, one.coef_, rtol=1e-6)


def test_all_that_is_wrong_with_the_parameters_is_said_at_once(points):
    with pytest.raises(UsageError, match=r"C is -1.*towards is 'one'"):
        OutcomeLogistic(C=-1, towards="one").fit(points, points[:, 0] > 1)


def test_one_class_alone_is_refused(points):
    with pytest.raises(UsageError, match="one class"):
        OutcomeLogistic().fit(points, np.zeros(500))
