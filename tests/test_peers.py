"""Distance from the peers, against Oflog's published figures, a loop, and simulation."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats
from scipy.stats import median_abs_deviation

from earlywarning.errors import UsageError
from earlywarning.models.peers import PeerComparison, position_quantile, position_tails

GROUP = ["Code", "Financial year"]


@pytest.fixture(scope="module")
def oflog(shared):
    return pd.read_csv(shared / "data" / "raw" / "oflog_asc_download.csv")


def compared(group):
    """Return the comparison as Oflog makes it, and the distances of one metric and year."""
    column = group["Value"].to_numpy()[:, None]
    estimator = PeerComparison(own="included", unit="mad").fit(column)
    return estimator, estimator.transform(column)[:, 0]


def test_every_distance_oflog_published_is_reproduced(oflog):
    """None of the 6,078 published distances is left out; 298 rows have neither value nor distance.

    The upper middle for even n, and missing values as 0, are in the wording that Oflog
    generates, not in these columns: here an even n has the mean of the middle two.
    """
    ours = pd.concat(
        pd.Series(compared(group)[1], index=group.index) for _, group in oflog.groupby(GROUP)
    )
    theirs = oflog["MADs_from_median"]
    published = theirs.notna()
    assert published.sum() == 6078
    assert (~published).sum() == 298
    assert ours.reindex(theirs.index).isna().equals(~published)
    assert_allclose(ours.reindex(theirs.index)[published], theirs[published], rtol=0, atol=1e-6)


def test_every_median_oflog_published_is_reproduced(oflog):
    for _, group in oflog.groupby(GROUP):
        median = compared(group)[0].median_[0]
        assert_allclose(median, group["MEDIAN"], rtol=0, atol=1e-6)


def test_every_spread_is_the_one_worked_out_apart(oflog, shared):
    expected = pd.read_csv(shared / "oracles" / "oflog_asc_median_mad.csv").set_index(GROUP)
    assert len(expected) == 42
    for key, group in oflog.groupby(GROUP):
        estimator, _ = compared(group)
        found = [estimator.n_peers_[0], estimator.median_[0], estimator.spread_[0]]
        assert_allclose(found, expected.loc[key], rtol=1e-9)


# Six peers are worth so little that a t distribution is cautious far out: 0.4% at 1%.
CAUTIOUS = {(6, 0.01): 0.35}


@pytest.mark.parametrize("n", [6, 10, 15, 30, 60, 300])
def test_a_healthy_authority_is_called_far_no_more_often_than_stated(n, rng):
    draws = 6_000_000 // max(n, 60)
    peers = rng.normal(size=(draws, n))
    median = np.median(peers, axis=1)
    mad = median_abs_deviation(peers, axis=1, scale="normal")
    distance = (rng.normal(size=draws) - median) / mad
    above, below = position_tails(distance, np.full(draws, n))
    for nominal in (0.05, 0.01):
        error = 3 * np.sqrt(nominal * (1 - nominal) / draws)
        fewest = CAUTIOUS.get((n, nominal), 0.5) * nominal
        for tail in (above, below):
            assert fewest <= (tail <= nominal).mean() <= nominal + error


@pytest.mark.parametrize("distance", [0.0, 0.3, -1.0, 2.5, -7.0])
def test_the_tails_are_those_of_a_t_distribution_worked_out_one_by_one(distance):
    n = np.array([2, 6, 6, 40, 300])
    t = distance / np.sqrt(1 + np.pi / 2 / n)
    above, below = position_tails(np.full(5, distance), n)
    assert_allclose(above, stats.t.sf(t, 0.3675 * (n - 1)), rtol=1e-9)
    assert_allclose(below, stats.t.cdf(t, 0.3675 * (n - 1)), rtol=1e-9)


@pytest.mark.parametrize("tail", [0.025, 0.4, np.array([1e-6, 0.1, 0.01, 0.3, 0.5])])
def test_a_quantile_has_its_tail_above_it_whatever_the_number_of_peers(tail):
    n = np.array([40, 6, 300, 6, 40])
    above, _ = position_tails(position_quantile(tail, n), n)
    assert_allclose(above, np.broadcast_to(tail, 5), rtol=1e-6)


def test_an_outlier_does_not_widen_the_yardstick_it_is_held_against(rng):
    X = rng.normal(size=(12, 1))
    near = PeerComparison().fit(X).yardstick(X)
    far = X.copy()
    far[5] += 1000
    beyond = PeerComparison().fit(far).yardstick(far)
    assert_allclose([column[5] for column in beyond], [column[5] for column in near], rtol=1e-9)


def test_peers_that_all_agree_give_no_distance():
    X = np.array([[2.0], [2.0], [2.0], [2.0], [5.0]])
    assert np.isnan(PeerComparison().fit_transform(X)).all()


def test_what_is_kept_does_not_tell_one_authority_from_another(rng):
    X = rng.normal(size=(30, 4))
    shuffled = PeerComparison().fit(rng.permutation(X))
    assert_allclose(PeerComparison().fit(X).sample_, shuffled.sample_)


@pytest.mark.parametrize("wrong", [{"own": "out"}, {"unit": "sd"}])
def test_an_unknown_word_is_refused_with_those_that_are_known(wrong):
    with pytest.raises(UsageError, match="own is 'left out' or 'included'"):
        PeerComparison(**wrong).fit(np.ones((5, 2)))
