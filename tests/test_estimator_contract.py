"""What every estimator owes: scikit-learn's own checks, then ours."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.base import clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from earlywarning.models.control.cusum import Cusum
from earlywarning.models.control.ewma import Ewma
from earlywarning.models.control.xmr import XmR
from earlywarning.models.funnel.funnel import Funnel
from earlywarning.models.joint import JointDistance
from earlywarning.models.outcome import OutcomeLogistic
from earlywarning.models.peers import PeerComparison
from earlywarning.models.structural_bank import StructuralBank
from earlywarning.models.trends import MannKendall, TheilSen

ESTIMATORS = [
    StructuralBank(),
    PeerComparison(),
    PeerComparison(own="included", unit="mad"),
    XmR(),
    Ewma(baseline=None, centre=50.0, sigma=5.0),
    Cusum(baseline=None, centre=50.0, sigma=5.0),
    MannKendall(),
    MannKendall(method="exact"),
    TheilSen(),
    TheilSen(interval="sen"),
    Funnel(),
    Funnel(spread="multiplicative", extremes="truncated"),
    JointDistance(),
]
CLASSIFIERS = [OutcomeLogistic(), OutcomeLogistic(towards="equal")]
every_estimator = pytest.mark.parametrize("estimator", ESTIMATORS, ids=repr)


@pytest.fixture
def councils(rng):
    """Return 40 authorities over 10 periods, with gaps and an authority that never published."""
    X = rng.normal(50, 5, size=(40, 10))
    X[rng.random(X.shape) < 0.1] = np.nan
    X[7] = np.nan
    return X


@parametrize_with_checks([*ESTIMATORS, *CLASSIFIERS])
def test_scikit_learn_contract(estimator, check):
    check(estimator)


@every_estimator
def test_gaps_stay_gaps(estimator, councils):
    found = clone(estimator).fit_transform(councils)
    assert np.isnan(found[7]).all()
    if found.shape == councils.shape:
        assert_array_equal(np.isnan(found), np.isnan(councils))


@every_estimator
def test_an_authority_that_never_published_changes_no_other(estimator, councils):
    without = clone(estimator).fit_transform(np.delete(councils, 7, axis=0))
    assert_allclose(np.delete(clone(estimator).fit_transform(councils), 7, axis=0), without)


@every_estimator
def test_the_order_of_authorities_does_not_matter(estimator, councils, rng):
    shuffled = rng.permutation(len(councils))
    straight = clone(estimator).fit_transform(councils)
    assert_allclose(clone(estimator).fit_transform(councils[shuffled]), straight[shuffled])


@every_estimator
def test_the_input_is_untouched(estimator, councils):
    before = councils.copy()
    clone(estimator).fit(councils).transform(councils)
    assert_array_equal(councils, before)


@every_estimator
def test_a_second_fit_forgets_the_first(estimator, councils, rng):
    twice = clone(estimator).fit(rng.normal(size=(30, 10))).fit(councils)
    assert_array_equal(twice.transform(councils), clone(estimator).fit_transform(councils))
