"""Farrington's flexible algorithm, against R's surveillance, statsmodels, and simulated counts."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import nbinom, norm
from scipy.stats import t as student

from earlywarning.errors import UsageError
from earlywarning.models.farrington import Surveillance, farrington
from earlywarning.models.farrington.expectation import expectation
from earlywarning.models.farrington.irls import leverage, pearson, quasi_poisson
from earlywarning.models.farrington.reference import reference_periods
from earlywarning.models.farrington.threshold import Prediction, limits
from earlywarning.models.trends import series as series_module

FIELDS = {
    "upper": "upper",
    "alarm": "alarm",
    "expected": "expected",
    "pvalue": "above",
    "phi": "dispersion",
    "trendcoef": "slope",
}
WEEKLY = {"frequency": 52, "years": 5, "window": 3, "arithmetic": "surveillance"}
SEASONAL = {"seasons": 10, "left_out": 26, "trend_level": 2}
RUNS = {
    "delta": Surveillance(**WEEKLY, threshold="delta", alpha=0.05),
    "nbPlugin": Surveillance(**WEEKLY, **SEASONAL, threshold="nbPlugin", alpha=0.01),
    "muan": Surveillance(**WEEKLY, **SEASONAL, threshold="muan", alpha=0.05),
}
FOUR_WEEKLY = Surveillance(
    frequency=13, years=3, window=2, threshold="delta", alpha=0.05, arithmetic="surveillance"
)


def difference(found, row, fields):
    """Return how many values were compared, and the largest difference.

    The package has no limit and no expectation where counts are too few for an alarm.
    """
    worst, n = 0.0, 0
    for column, field in fields.items():
        ours, theirs = float(getattr(found, field)[0]), float(row[column])
        if np.isnan(theirs) and field != "slope":
            assert not found.enough[0]
            continue
        assert np.isnan(ours) == np.isnan(theirs), (column, ours, theirs)
        n += 1
        worst = max(worst, 0.0 if np.isnan(ours) else abs(ours - theirs) / max(1.0, abs(theirs)))
    return n, float(worst)


def compared(counts, reference, options, fields):
    """Return values compared and largest difference, the series judged anew at each time."""
    ends = reference.index
    each = [
        difference(farrington(counts[None, :t], options), reference.loc[t], fields) for t in ends
    ]
    return sum(n for n, _ in each), max(worst for _, worst in each)


def threshold_rows(shared):
    """Yield each row of hand inputs of the threshold functions, and our limits."""
    rows = pd.read_csv(shared / "oracles" / "surveillance_farrington_threshold_unit_values.csv")
    for _, row in rows.iterrows():
        log_scale = row["method"] != "delta"
        fit, error = row["predFit"], row["predSeFit"]
        mean, log_error = (np.exp(fit), error) if log_scale else (fit, error / fit)
        options = Surveillance(
            frequency=52, threshold=row["method"], power=row["transform"], alpha=row["alpha"]
        )
        one = np.ones(1)
        expected = Prediction(mean * one, log_error * one, row["phi"] * one, 30 * one)
        yield row, mean, limits(expected, row["y"] * one, options)


def threshold_difference(shared):
    """Leave out two quirks: scores that mix logs and counts, and muan's lower limit."""
    worst, n = 0.0, 0
    for row, mean, found in threshold_rows(shared):
        pairs = [(found.upper[0], row["upper"]), (found.above[0], row["prob"])]
        if row["method"] != "muan":
            pairs.append((found.lower[0], row["lower"]))
        if row["method"] == "delta":
            pairs.append(((row["y"] - mean) / (found.upper[0] - mean), row["score"]))
        n += len(pairs)
        worst = max(worst, *(abs(ours - theirs) for ours, theirs in pairs))
    return n, float(worst)


def agreements(shared):
    """Return (reference, values compared, largest difference) for the table of agreements."""
    folder = shared / "oracles"
    agona = pd.read_csv(folder / "surveillance_salmonella_agona.csv")["observed"].to_numpy(float)
    weekly = pd.read_csv(
        folder / "surveillance_farringtonFlexible_agona_270_312.csv", index_col="t"
    )
    four = pd.read_csv(folder / "surveillance_farringtonFlexible_4weekly.csv", index_col="t")
    found = [
        (
            f"surveillance farringtonFlexible, Salmonella Agona, {name}",
            *compared(agona, weekly, run, {f"{c}_{name}": f for c, f in FIELDS.items()}),
        )
        for name, run in RUNS.items()
    ]
    judged = four[four["phi"].notna()]
    without_p = {c: f for c, f in FIELDS.items() if c != "pvalue"}
    counts = four["observed"].to_numpy(float)
    name = "surveillance farringtonFlexible, four-weekly counts"
    found.append((name, *compared(counts, judged, FOUR_WEEKLY, without_p)))
    name = "surveillance farrington thresholds, hand inputs"
    return [*found, (name, *threshold_difference(shared))]


def test_surveillance_is_reproduced_to_the_digits_printed(shared):
    """15 significant digits; two differ from ours by a unit or two of the last."""
    found = agreements(shared)
    assert [n for _, n, _ in found] == [240, 240, 240, 95, 22]
    for name, _, worst in found:
        assert worst < 5e-14, name


def test_the_score_is_on_the_scale_of_counts_unlike_the_packages(shared):
    for row, mean, found in threshold_rows(shared):
        if row["method"] != "delta":
            ours = (row["y"] - mean) / (found.upper[0] - mean)
            theirs = (row["y"] - np.log(mean)) / (found.upper[0] - np.log(mean))
            assert_allclose(theirs, row["score"], rtol=1e-12)
            assert abs(ours - theirs) > 0.02
    rng = np.random.default_rng(1)
    X = rng.poisson(30, size=(20, 60)).astype(float)
    found = farrington(X, Surveillance(frequency=12, threshold="nbPlugin"))
    assert_allclose(found.score, (X[:, -1] - found.expected) / (found.upper - found.expected))


def test_exact_arithmetic_is_that_of_surveillance_but_for_its_rounding_and_its_scale(shared):
    """Where trends do not depend on the scale, the difference is what R's glm leaves undone."""
    agona = pd.read_csv(shared / "oracles" / "surveillance_salmonella_agona.csv")
    counts = agona["observed"].to_numpy(float)[None]
    for t in range(280, 312, 4):
        theirs = farrington(counts[:, :t], RUNS["nbPlugin"])
        exact = Surveillance(
            frequency=52, years=5, window=3, **SEASONAL, threshold="nbPlugin", alpha=0.01
        )
        ours = farrington(counts[:, :t], exact)
        assert_allclose(ours.expected, theirs.expected, rtol=1e-5)
        assert_allclose(ours.dispersion, theirs.dispersion, rtol=1e-4)


def some_counts(rng, n=12, n_periods=60, mean=15.0):
    season = 1 + 0.4 * np.sin(2 * np.pi * np.arange(n_periods) / 12)
    level = mean * np.exp(0.5 * rng.normal(size=(n, 1)))
    return rng.negative_binomial(level * season, 0.5).astype(float)


def test_all_series_at_once_are_statsmodels_one_by_one(rng):
    counts = some_counts(rng, n=15)
    seen = rng.random(counts.shape) > 0.15
    weights = np.where(seen, rng.uniform(0.3, 2.0, counts.shape), 0.0)
    population = rng.uniform(500, 900, counts.shape)
    design = reference_periods(121, Surveillance(frequency=12, seasons=4)).design[-60:]
    fit = quasi_poisson(counts, design, weights, offset=np.log(population))
    dispersion, drawn = pearson(fit, counts), leverage(fit, design)
    for i in range(15):
        rows = seen[i]
        model = sm.GLM(
            counts[i, rows],
            design[rows],
            family=sm.families.Poisson(),
            offset=np.log(population[i, rows]),
            var_weights=weights[i, rows],
        )
        theirs = model.fit(scale="X2", tol=1e-15, maxiter=100)
        assert_allclose(fit.coefficients[i], theirs.params, rtol=1e-8, atol=1e-10)
        assert_allclose(dispersion[i], theirs.scale, rtol=1e-8)
        covariance = dispersion[i] * fit.inverse[i]
        assert_allclose(covariance, theirs.cov_params(), rtol=1e-8, atol=1e-14)
        hat = theirs.get_influence().hat_matrix_diag
        assert_allclose(drawn[i, rows], hat, rtol=1e-8)
        assert fit.df[i] == theirs.df_resid


def by_hand(y, frequency, window):
    """Return expected count and its log error, dispersion and whether a trend was kept."""
    newest = y.size - 1
    years = min(5, (newest - window) // frequency)
    at = [
        newest - back * frequency + j
        for back in range(years, 0, -1)
        for j in range(-window, window + 1)
        if newest - back * frequency + j < newest - window
    ]
    past, time = y[at], np.array(at) - newest

    def fit(design):
        family = sm.families.Poisson()
        first = sm.GLM(past, design, family=family).fit(scale="X2", tol=1e-15)
        hat = first.get_influence().hat_matrix_diag
        s = 1.5 * (past ** (2 / 3) * first.mu ** (-1 / 6) - first.mu**0.5)
        s /= np.sqrt(max(first.scale, 1) * (1 - hat))
        omega = np.where(s > 2.58, s**-2.0, 1.0)
        omega *= s.size / omega.sum()
        return sm.GLM(past, design, family=family, var_weights=omega).fit(scale="X2", tol=1e-15)

    ones = np.ones(len(at))
    found = fit(np.stack([ones, time], axis=1))
    scale = max(found.scale, 1) / found.scale
    t = found.params[1] / (found.bse[1] * np.sqrt(scale))
    kept = 2 * student.sf(abs(t), found.df_resid) < 0.05 and np.exp(found.params[0]) <= past.max()
    if not kept:
        found = fit(ones[:, None])
    dispersion = max(found.scale, 1)
    error = found.bse[0] * np.sqrt(dispersion / found.scale)
    return np.exp(found.params[0]), error, dispersion, kept


def test_the_whole_algorithm_is_that_of_plain_arithmetic_with_statsmodels(rng):
    counts = some_counts(rng, n=30, n_periods=71)
    counts[:10] = rng.poisson(np.exp(3.5 - 0.02 * np.arange(71)), size=(10, 71))
    counts[::3, 40] += 90
    found = farrington(counts, Surveillance(frequency=12, window=2, threshold="delta", alpha=0.05))
    trends = 0
    for i in range(30):
        mean, error, dispersion, kept = by_hand(counts[i], 12, 2)
        assert np.isfinite(found.slope[i]) == kept
        trends += kept
        assert_allclose(found.expected[i], mean, rtol=1e-7)
        assert_allclose(found.dispersion[i], dispersion, rtol=1e-7)
        spread = np.sqrt(4 / 9 * mean ** (1 / 3) * (dispersion + mean * error**2))
        upper = (mean ** (2 / 3) + norm.isf(0.05) * spread) ** 1.5
        assert_allclose(found.upper[i], upper, rtol=1e-7)
        assert_allclose(
            found.above[i],
            norm.sf((counts[i, -1] ** (2 / 3) - mean ** (2 / 3)) / spread),
            rtol=1e-6,
        )
    assert 5 < trends < 25


def test_the_reference_periods_are_those_of_the_papers():
    """Weekly: windows of 7 weeks and 9 parts of 5 weeks between them, the newest left out."""
    options = Surveillance(frequency=52, years=3, window=3, seasons=10, left_out=26)
    found = reference_periods(200, options)
    newest = 199
    assert found.periods[-1] == newest - 27
    assert found.periods[0] == newest - 3 * 52 - 3
    season = found.design[:, 2:] @ np.arange(1, 10)
    year = season[:52]
    assert_array_equal(year[:7], 0)
    assert_array_equal(year[7:], np.repeat(np.arange(1, 10), 5))
    assert_allclose(found.design[:, 1] * 52, found.periods - newest)
    assert_array_equal(found.in_window, season == 0)


@given(
    frequency=st.integers(2, 60),
    window=st.integers(0, 5),
    seasons=st.integers(1, 12),
    n_periods=st.integers(0, 300),
)
@settings(deadline=None)
def test_any_calendar_gives_each_period_one_season(frequency, window, seasons, n_periods):
    between = frequency - 2 * window - 1
    if between < 0 or seasons > between + 1:
        with pytest.raises(UsageError, match="It must hold"):
            Surveillance(frequency=frequency, window=window, seasons=seasons)
        return
    found = reference_periods(
        n_periods, Surveillance(frequency=frequency, window=window, seasons=seasons)
    )
    if found is None:
        assert n_periods < 2 * frequency + window + 1
        return
    assert found.periods.min() >= 0
    assert found.in_window.sum() == found.years * (2 * window + 1)
    assert found.periods.max() < n_periods - 1 - window
    assert (found.design[:, 2:].sum(axis=1) + found.in_window == 1).all()


def test_a_rise_is_found_and_a_fall_is_on_the_other_side(rng):
    counts = some_counts(rng, n=30, n_periods=60, mean=40)
    counts[:10, -1] *= 4
    counts[10:20, -1] = np.round(counts[10:20, -1] / 8)
    found = farrington(counts, Surveillance(frequency=12, seasons=4))
    assert found.alarm[:10].sum() >= 8
    assert found.above[:10].max() < 0.05
    assert not found.alarm[10:20].any()
    assert np.median(found.below[10:20]) < 0.01


@pytest.mark.parametrize("threshold", ["predictive", "delta", "nbPlugin", "muan"])
def test_limits_and_p_values_say_the_same(threshold, rng):
    counts = some_counts(rng, n=300)
    options = Surveillance(frequency=12, seasons=4, threshold=threshold, alpha=0.1)
    found = farrington(counts, options)
    newest = counts[:, -1]
    slack = 0 if threshold == "delta" else 1  # upper is the last count that is not out
    assert ((found.above <= 0.1) == (newest >= found.upper + slack)).all()
    assert ((found.below <= 0.1) == (newest <= found.lower - slack)).all()
    assert (found.lower <= found.expected).all()
    assert (found.expected <= found.upper).all()


def test_the_predictive_limits_allow_for_errors_of_mean_and_dispersion():
    """By hand: negative binomial of variance mean * (dispersion + mean * error^2), tails as t."""
    one = np.ones(1)
    expected = Prediction(20 * one, 0.1 * one, 1.5 * one, 12 * one)
    found = limits(expected, 31 * one, Surveillance(frequency=12, alpha=0.05))
    dispersion = 1.5 + 20 * 0.1**2
    law = nbinom(20 / (dispersion - 1), 1 / dispersion)
    assert_allclose(found.above, student.cdf(norm.ppf(law.sf(30)), 12))
    assert_allclose(found.below, student.cdf(norm.ppf(law.cdf(31)), 12))
    assert_allclose(found.upper, law.ppf(norm.cdf(-student.ppf(0.05, 12))))
    assert_allclose(found.lower, law.ppf(norm.cdf(student.ppf(0.05, 12))))


def test_to_allow_for_the_means_error_is_more_cautious_on_both_sides(rng):
    counts = some_counts(rng, n=100)
    plain, muan = (
        farrington(counts, Surveillance(frequency=12, threshold=word))
        for word in ("nbPlugin", "muan")
    )
    assert (muan.above > plain.above - 1e-12).all()
    assert (muan.below > plain.below - 1e-12).all()


def test_a_season_without_values_is_as_if_there_were_none(rng):
    """Three parts of the year, one of them never published, are two."""
    counts = some_counts(rng, n=6)
    options = Surveillance(frequency=12, window=1, seasons=4, trend_level=0)
    reference = reference_periods(60, options)
    third = reference.design[:, 4] == 1
    past = counts[:, reference.periods]
    past[:, third] = np.nan
    fit = quasi_poisson(past, reference.design, np.isfinite(past).astype(float))
    without = quasi_poisson(
        past[:, ~third],
        np.delete(reference.design[~third], 4, axis=1),
        np.ones((6, (~third).sum())),
    )
    assert_array_equal(fit.coefficients[:, 4], 0.0)
    assert_array_equal(fit.inverse[:, 4], 0.0)
    assert_allclose(np.delete(fit.coefficients, 4, axis=1), without.coefficients, rtol=1e-9)
    assert_allclose(pearson(fit, past), pearson(without, past[:, ~third]), rtol=1e-9)
    counts[:, reference.periods[third]] = np.nan
    assert (farrington(counts, options).status == "assessed").all()


def test_an_old_outbreak_is_weighed_down(rng):
    counts = some_counts(rng, n=20, n_periods=60)
    outbreak = counts.copy()
    outbreak[:, -1 - 24] += 200
    weighing = Surveillance(frequency=12, seasons=4)
    plain = Surveillance(frequency=12, seasons=4, reweight_above=np.inf)
    undisturbed = farrington(counts, weighing).upper
    kept, weighed = (farrington(outbreak, options).upper for options in (plain, weighing))
    assert np.median(kept / undisturbed) > 2
    assert np.median(weighed / undisturbed) < np.median(kept / undisturbed) / 1.4


def test_a_population_that_doubles_is_no_outbreak(rng):
    population = np.full((25, 60), 1000.0)
    population[:, 48:] = 3000.0
    counts = rng.poisson(0.02 * population).astype(float)
    blind = farrington(counts, Surveillance(frequency=12))
    seeing = farrington(counts, Surveillance(frequency=12), population=population)
    assert np.median(blind.above) < 0.01
    assert np.median(seeing.above) > 0.2
    assert_allclose(np.median(seeing.expected), 60, rtol=0.1)
    same = farrington(counts, Surveillance(frequency=12), population=7 * population)
    assert_allclose(same.above, seeing.above, rtol=1e-6)


def test_series_do_not_know_of_each_other_nor_of_the_blocks_they_are_worked_in(rng, monkeypatch):
    counts = some_counts(rng, n=40)
    counts[rng.random(counts.shape) < 0.1] = np.nan
    counts[5] = 0.0
    options = Surveillance(frequency=12, seasons=4)
    together = farrington(counts, options)
    order = rng.permutation(40)
    monkeypatch.setattr(series_module, "BLOCK", 2000)
    shuffled = farrington(counts[order], options)
    alone = [farrington(row[None], options).above[0] for row in counts]
    assert_allclose(shuffled.above, together.above[order], rtol=1e-9)
    assert_allclose(alone, together.above, rtol=1e-9)


def test_what_comes_later_changes_nothing(rng):
    counts = some_counts(rng, n=10, n_periods=61)
    options = Surveillance(frequency=12)
    before = farrington(counts[:, :-1], options)
    counts[:, -1] += 500
    assert_array_equal(farrington(counts[:, :-1], options).above, before.above)


def test_the_tested_periods_do_not_feed_their_own_limits(rng):
    counts = some_counts(rng, n=10)
    options = Surveillance(frequency=12, left_out=3)
    before = farrington(counts, options)
    counts[:, -4:-1] += 300
    assert_array_equal(farrington(counts, options).upper, before.upper)


def test_who_cannot_be_assessed_is_told_why(rng):
    counts = some_counts(rng, n=8)
    counts[0, -1] = np.nan
    counts[1, :-1] = np.nan
    counts[2, :-1] = 0.0
    counts[3] = np.nan
    counts[4, 5:40] = np.nan
    reference = reference_periods(60, Surveillance(frequency=12, seasons=4))
    counts[5, reference.periods[reference.in_window]] = 0.0
    counts[7, np.setdiff1d(reference.periods, reference.periods[-20:-17])] = np.nan
    found = farrington(counts, Surveillance(frequency=12, seasons=4))
    assert found.status.tolist() == [
        "nothing published",
        "too few periods",
        "no counts before",
        "nothing published",
        "assessed",
        "no counts before",
        "assessed",
        "too few periods",
    ]
    assert_array_equal(np.isnan(found.above), found.status != "assessed")
    assert not found.alarm[found.status != "assessed"].any()


@pytest.mark.parametrize("shape", [(0, 40), (0, 0), (3, 0), (3, 1), (3, 24)])
def test_a_record_too_short_is_said_to_be(shape):
    found = farrington(np.ones(shape), Surveillance(frequency=12))
    assert found.above.shape == (shape[0],)
    assert np.isnan(found.above).all()
    assert set(found.status) <= {"too few periods", "nothing published"}


def test_three_years_of_quarters_or_months_are_enough(rng):
    months, quarters = some_counts(rng, n=5, n_periods=36), some_counts(rng, n=5, n_periods=12)
    monthly = farrington(months, Surveillance(frequency=12, seasons=4))
    quarterly = farrington(quarters, Surveillance(frequency=4, window=0, seasons=4))
    assert (monthly.status == "assessed").all()
    assert (quarterly.status == "assessed").all()


@pytest.mark.parametrize("threshold", ["predictive", "delta", "nbPlugin", "muan"])
def test_counts_that_never_differ_and_counts_that_are_huge_are_judged(threshold):
    X = np.stack([np.full(60, 8.0), np.full(60, 3e7), np.zeros(60)])
    X[2, ::12], X[2, -1] = 1.0, 4.0
    found = farrington(X, Surveillance(frequency=12, window=0, threshold=threshold))
    assert_allclose(found.expected[:2], X[:2, -1], rtol=1e-6)
    assert (found.above[:2] > 0.2).all()
    assert np.isin(found.status, ["assessed", "no counts before"]).all()


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[1.0, 2.5]], "no counts: 1, the first 2.5 in row 0, period 1"),
        ([[1.0, -2.0]], "no counts: 1, the first -2"),
        ([[1.0, np.inf]], "infinite"),
        ([1.0, 2.0], "give a matrix"),
    ],
)
def test_what_is_no_count_is_refused_with_the_reason(counts, message):
    with pytest.raises(UsageError, match=message):
        farrington(counts, Surveillance(frequency=12))


@pytest.mark.parametrize(
    ("population", "message"), [([[1.0]], "population"), ([[5.0, -1.0]], "below 0: 1")]
)
def test_a_population_that_cannot_be_is_refused(population, message):
    with pytest.raises(UsageError, match=message):
        farrington([[1.0, 2.0]], Surveillance(frequency=12), population=population)


def test_all_wrong_options_are_named_at_once():
    with pytest.raises(UsageError) as told:
        Surveillance(frequency=4, window=3, years=1, threshold="noufaily", alpha=0.7)
    for part in ("years", "window leaves", "threshold", "alpha"):
        assert part in str(told.value)


DESIGNS = {
    "36 months": (36, Surveillance(frequency=12, seasons=4)),
    "60 months": (60, Surveillance(frequency=12, seasons=4)),
    "12 quarters": (12, Surveillance(frequency=4, window=0, seasons=4)),
    "20 quarters": (20, Surveillance(frequency=4, window=0, seasons=4)),
}


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(("mean", "dispersion"), [(3, 1.3), (20, 2.0), (100, 5.0)])
def test_healthy_counts_are_called_high_no_oftener_than_stated(design, mean, dispersion, rng):
    """20,000 series; counts are whole numbers, so a small one is called less often."""
    n_periods, options = DESIGNS[design]
    season = 1 + 0.2 * np.sin(2 * np.pi * np.arange(n_periods) / options.frequency)
    level = mean * np.exp(0.3 * rng.normal(size=(20_000, 1))) * season
    counts = nbinom.rvs(level / (dispersion - 1), 1 / dispersion, random_state=rng).astype(float)
    found = farrington(counts, options)
    for p in (tail[np.isfinite(tail)] for tail in (found.above, found.below)):
        assert (p <= 0.05).mean() < 0.062
        assert (p <= 0.01).mean() < 0.0155


def test_expectation_is_free_of_who_counts_how_many(rng):
    """Ten times the counts and ten times the population now: the same expected rate."""
    options = Surveillance(frequency=12)
    reference = reference_periods(60, options)
    counts = some_counts(rng, n=5)[:, reference.periods]
    zero = np.zeros(counts.shape)
    plain = expectation(counts, zero, reference, options)
    now = expectation(counts, zero - np.log(10), reference, options)
    assert_allclose(now.log_mean, plain.log_mean + np.log(10), rtol=1e-9)
