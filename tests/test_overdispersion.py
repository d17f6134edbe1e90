"""How much authorities differ beyond chance, against FunnelPlotR, metafor, and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy.optimize import brentq
from scipy.stats.mstats import winsorize

from earlywarning.errors import UsageError
from earlywarning.models.funnel.overdispersion import (
    additive_variance,
    between_variance,
    dispersion,
    heterogeneity,
    truncated,
    winsorised,
)
from earlywarning.models.funnel.scales import as_effects
from funnel_references import as_rows, compare, read, worst

# FunnelPlotR's configurations: scale, what becomes of the extremes, and how many they are.
CONFIGURATIONS = {
    "SR_SHMI": ("log", truncated, 0.1),
    "SR_SHMI_noround": ("log", truncated, 0.1),
    "SR_CQC": ("root", winsorised, 0.1),
    "SR_CQC_trim05": ("root", winsorised, 0.05),
    "PR_died": ("arcsine", winsorised, 0.1),
    "RC_los_n": ("log of counts", winsorised, 0.1),
}
# Where metafor's searches stop, by its manual (`control` of rma.uni): PM as soon as the root is
# known to eps**0.25, REML at the first step below 1e-5. Its digits beyond are not the estimate's.
STOPPED = {"PM": np.finfo(float).eps ** 0.25, "REML": 1e-5}


def column(series):
    return series.to_numpy(dtype=float)[:, None]


def of_configuration(name, table):
    """Yield comparisons of effects, errors, scores, phi, tau squared and adjusted scores."""
    scale, draw, share = CONFIGURATIONS[name]
    reference = f"FunnelPlotR 0.6.0, medpar, {name}"
    effects = as_effects(column(table["numerator"]), column(table["denominator"]), scale=scale)
    scores = (effects.value - column(table["target"])) / effects.error
    drawn = draw(scores, share=share)
    tau2 = additive_variance(drawn, effects.error)
    adjusted = (effects.value - column(table["target"])) / np.sqrt(effects.error**2 + tau2)
    ours = {
        "Y": effects.value, "s": effects.error,
        "z_unadj": scores, "z_wins": drawn, "z_adj": adjusted,
    }  # fmt: skip
    for theirs, found in ours.items():
        # A score is a difference of numbers of order 1 over an error.
        size = 1 / effects.error.min() if theirs.startswith("z") else 1
        yield compare(reference, found, column(table[theirs]), size=size)
    known = read("funnelplotr_medpar_phi_tau2.csv").set_index("config").loc[name]
    assert np.isfinite(drawn).sum() == known["n_used"]
    yield compare(reference, dispersion(drawn), [known["phi"]], size=10 * known["phi"])
    yield compare(reference, tau2, [known["tau2"]], size=10 * known["tau2"])


def funnelplotr():
    scores = read("funnelplotr_medpar_zscores.csv")
    assert set(scores["config"]) == set(CONFIGURATIONS)
    return [
        one for name, table in scores.groupby("config") for one in of_configuration(name, table)
    ]


def metafor():
    trials = read("metafor_bcg_yi_vi.csv")
    known = read("metafor_bcg_tau2.csv").set_index("stat")["value"]
    y, v = column(trials["yi"]), column(trials["vi"])
    yield compare("metafor, BCG, Q", heterogeneity(y, v), [known["QE"]])
    yield compare("metafor, BCG, DL", between_variance(y, v), [known["tau2_DL"]])
    for method, allowed in STOPPED.items():
        found = between_variance(y, v, method=method)
        theirs = [known[f"tau2_{method}"]]
        yield compare(f"metafor, BCG, {method}", found, theirs, allowed=allowed)


def comparisons():
    return [*funnelplotr(), *metafor()]


def agreements():
    return as_rows(comparisons())


def test_funnelplotr_s_scores_and_overdispersion_are_reproduced(shared):
    found = funnelplotr()
    assert sum(one.n_values for one in found) == 6 * (5 * 54 + 2) - 2 * 10
    assert worst(found).in_allowed <= 1, worst(found)


def test_metafor_s_heterogeneity_is_reproduced(shared):
    found = list(metafor())
    assert len(found) == 4
    assert worst(found).in_allowed <= 1, worst(found)


def test_where_metafor_stopped_early_ours_solves_the_equation(shared):
    trials = read("metafor_bcg_yi_vi.csv")
    known = read("metafor_bcg_tau2.csv").set_index("stat")["value"]
    y, v = column(trials["yi"]), column(trials["vi"])
    ours = between_variance(y, v, method="PM")
    assert_allclose(heterogeneity(y, v, ours), 12, rtol=1e-12)
    assert abs(heterogeneity(y, v, known["tau2_PM"])[0] - 12) > 1e-4


matrices = arrays(
    float, st.tuples(st.integers(0, 12), st.integers(1, 3)),
    elements=st.one_of(st.integers(-40, 40).map(lambda i: i / 4), st.just(np.nan)),
)  # fmt: skip
shares = st.sampled_from([0.0, 0.05, 0.1, 0.25, 0.4])


@given(scores=matrices, share=shares)
def test_winsorising_is_clipping_at_numpy_s_quantiles(scores, share):
    found = winsorised(scores, share=share)
    assert_array_equal(np.isnan(found), np.isnan(scores))
    for ours, period in zip(found.T, scores.T, strict=True):
        known = period[np.isfinite(period)]
        if known.size:
            lower, upper = np.quantile(known, [share, 1 - share])
            assert_allclose(ours[np.isfinite(ours)], np.clip(known, lower, upper), atol=1e-12)


@given(scores=matrices, share=shares)
def test_truncating_leaves_out_whole_authorities_from_the_ends(scores, share):
    found = truncated(scores, share=share)
    for ours, period in zip(found.T, scores.T, strict=True):
        known = np.sort(period[np.isfinite(period)])
        cut = int(share * known.size + 1e-9)
        assert_array_equal(np.sort(ours[np.isfinite(ours)]), known[cut : known.size - cut])


def test_scores_drawn_in_are_those_of_scipy_where_quantiles_are_authorities(rng):
    scores = rng.normal(size=(11, 1))  # the 10% quantile of 11 is the second
    assert_allclose(winsorised(scores).ravel(), np.asarray(winsorize(scores.ravel(), 0.1)))


@given(scores=matrices)
def test_phi_is_the_mean_square_of_what_is_known(scores):
    for ours, period in zip(dispersion(scores), scores.T, strict=True):
        known = period[np.isfinite(period)]
        assert_allclose(ours, np.mean(known**2) if known.size else np.nan)


effects = arrays(float, (8, 2), elements=st.floats(-5, 5))
variances = arrays(float, (8, 2), elements=st.floats(0.1, 3))


@given(y=effects, v=variances)
def test_the_variance_of_dersimonian_and_laird_is_that_of_scores_about_their_mean(y, v):
    mean = (y / v).sum(axis=0) / (1 / v).sum(axis=0)
    scores = (y - mean) / np.sqrt(v)
    assert_allclose(between_variance(y, v), additive_variance(scores, np.sqrt(v)), atol=1e-12)
    assert_allclose(heterogeneity(y, v), (scores**2).sum(axis=0), rtol=1e-9, atol=1e-12)


@given(y=effects, v=variances)
def test_paule_and_mandel_is_the_root_of_their_equation(y, v):
    found = between_variance(y, v, method="PM")
    for i, ours in enumerate(found):
        gap = lambda tau2, i=i: heterogeneity(y[:, [i]], v[:, [i]], tau2)[0] - 7  # noqa: E731
        expected = brentq(gap, 0, 1e4, xtol=1e-13) if gap(0) > 0 else 0.0
        assert_allclose(ours, expected, rtol=1e-8, atol=1e-10)


@given(y=effects, v=variances)
def test_restricted_likelihood_is_nowhere_higher_nearby(y, v):
    def loglik(tau2):
        weight = 1 / (v + tau2)
        return -0.5 * (
            np.log(v + tau2).sum(axis=0) + np.log(weight.sum(axis=0)) + heterogeneity(y, v, tau2)
        )

    found = between_variance(y, v, method="REML")
    for step in (-1e-3, 1e-3):
        assert (loglik(found) >= loglik(np.maximum(found + step, 0)) - 1e-9).all()


@pytest.mark.parametrize("method", ["DL", "PM", "REML"])
def test_each_estimate_is_near_the_truth_where_there_are_many(method, rng):
    v = rng.uniform(0.2, 2, size=(4000, 3))
    y = rng.normal(size=v.shape) * np.sqrt(v + np.array([0.0, 0.5, 2.0]))
    assert_allclose(between_variance(y, v, method=method), [0, 0.5, 2], atol=0.15)


@pytest.mark.parametrize("method", ["DL", "PM", "REML"])
def test_gaps_and_rows_out_of_order_change_nothing(method, rng):
    y, v = rng.normal(size=(9, 2)) * 3, rng.uniform(0.5, 2, size=(9, 2))
    straight = between_variance(y, v, method=method)
    order = rng.permutation(10)
    gaps = np.vstack([y, [[np.nan, np.nan]]])[order], np.vstack([v, [[1.0, 1.0]]])[order]
    assert_allclose(between_variance(*gaps, method=method), straight, rtol=1e-9)
    assert_allclose(between_variance(10 * y, 100 * v, method=method), 100 * straight, rtol=1e-9)


@pytest.mark.parametrize("method", ["DL", "PM", "REML"])
@pytest.mark.parametrize("n", [0, 1])
def test_fewer_than_two_values_show_no_variance(method, n):
    y = np.zeros((n, 2))
    assert np.isnan(between_variance(y, np.ones((n, 2)), method=method)).all()
    assert np.isnan(additive_variance(y, np.ones((n, 2)))).all()


def test_authorities_that_all_agree_do_not_differ():
    y = np.full((6, 1), 2.0)
    for method in ("DL", "PM", "REML"):
        assert between_variance(y, np.ones((6, 1)), method=method) == 0


@pytest.mark.parametrize("share", [-0.1, 0.5, 10, np.nan])
def test_a_share_that_leaves_nobody_is_refused(share):
    for draw in (winsorised, truncated):
        with pytest.raises(UsageError, match=r"from 0 to below 0\.5"):
            draw(np.zeros((3, 1)), share=share)


def test_an_unknown_method_is_refused_with_those_that_are_known():
    with pytest.raises(UsageError, match="'DL', 'PM' or 'REML'"):
        between_variance(np.zeros((3, 1)), np.ones((3, 1)), method="ML")
