"""Charts of counts against qicharts2, qcc and Montgomery's tables, and as properties."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose, assert_array_equal

from control_references import agreement, as_rows, read
from earlywarning.errors import UsageError
from earlywarning.models.control.attribute import CHARTS, attribute_chart
from earlywarning.models.control.making_data_count import special_causes

NAMES = {"p": "p", "pp": "p'", "u": "u", "up": "u'", "ip": "i'"}


def lines(limits):
    return np.stack([limits.centre, limits.lower, limits.upper])


def row(column):
    return column.to_numpy(dtype=float)[None]


def qicharts2():
    """Compare values, centre lines and limits; theirs of p' and u' are not cut at 0, ours are."""
    found = []
    charts = read("qicharts2_charts.csv")
    charts = charts[charts["chart"].isin(NAMES)]
    for (data, chart), table in charts.groupby(["data", "chart"]):
        values, limits = attribute_chart(row(table["num"]), row(table["den"]), chart=NAMES[chart])
        theirs = table[["y", "cl", "lcl", "ucl"]].to_numpy(copy=True).T
        if chart != "ip":
            theirs[2] = np.maximum(theirs[2], 0)
        ours = np.vstack([values, lines(limits)[:, 0]])
        found.append(agreement(f"qicharts2, {chart}, {data}", ours, theirs, size=theirs.max()))
    return found


def montgomery():
    """Compare with the textbook's figures as qicharts2 gives them, from the textbook's tables."""
    p = read("qicharts2_montgomery_tbl_07.04.csv")
    u = read("qicharts2_montgomery_tbl_07.10.csv")
    c = read("qicharts2_montgomery_tbl_07.08.csv")
    known = read("qicharts2_montgomery_ref_ex_7.3_3.csv")
    included = row(c["count"].where(known["include"]))
    baseline = int((known["baseline"] & known["include"]).sum())
    charts = {
        "ref_tbl_7.4_1": attribute_chart(row(p["count"]), row(p["size"]), chart="p"),
        "ref_ex_7.4_1": attribute_chart(row(u["count"]), row(u["size"]), chart="u"),
        "ref_ex_7.3_3": attribute_chart(included, chart="c", baseline=baseline),
    }
    for name, (_, limits) in charts.items():
        theirs = read(f"qicharts2_montgomery_{name}.csv")[["cl", "lcl", "ucl"]].to_numpy().T
        title = f"Montgomery, {name} (qicharts2)"
        yield agreement(title, lines(limits)[:, 0], theirs, size=theirs.max())


def qcc():
    known = read("qcc_reference_values.csv").set_index(["chart", "stat"])["value"]
    juice, circuit = (read(f"qcc_data_{name}.csv").query("trial") for name in
                      ("orangejuice", "circuit"))  # fmt: skip
    _, p = attribute_chart(row(juice["D"]), row(juice["size"]), chart="p")
    _, c = attribute_chart(row(circuit["x"]), chart="c")
    found = [*lines(p)[:, 0, 0], p.sigma[0, 0]]
    theirs = known["orangejuice_p_trial"][["center", "lcl", "ucl", "std.dev"]]
    yield agreement("qcc, orange juice, p", found, theirs, size=1)
    theirs = known["circuit_c_trial"][["center", "lcl", "ucl"]]
    yield agreement("qcc, circuit, c", lines(c)[:, 0, 0], theirs, size=40)


def agreements():
    return as_rows([*qicharts2(), *montgomery(), *qcc()])


def test_the_values_and_limits_of_qicharts2_are_reproduced(shared):
    found = qicharts2()
    assert sum(one.n_values for one in found) == 4 * (24 + 36 + 25 + 20) * 5
    assert max(one.worst for one in found) <= 1


def test_the_textbook_s_tables_are_reproduced(shared):
    found = list(montgomery())
    assert [one.n_values for one in found] == [75, 60, 138]
    assert max(one.worst for one in found) <= 1


def test_the_limits_of_qcc_are_reproduced(shared):
    found = list(qcc())
    assert [one.n_values for one in found] == [4, 3]
    assert max(one.worst for one in found) <= 1


def test_two_u_charts_of_the_textbook_s_data_by_hand(shared):
    """Personal computers: 193 in 20 lots of 5. Dyed cloth: 153 in 107.5 units, 10 in the first."""
    computers, cloth = (read(f"qcc_data_{name}.csv") for name in ("pcmanufact", "dyedcloth"))
    _, limits = attribute_chart(row(computers["x"]), row(computers["size"]), chart="u")
    half = 3 * (1.93 / 5) ** 0.5
    assert_allclose(lines(limits)[:, 0, 0], [1.93, 1.93 - half, 1.93 + half], rtol=1e-12)
    _, limits = attribute_chart(row(cloth["x"]), row(cloth["size"]), chart="u")
    mean = 153 / 107.5
    half = 3 * (mean / 10) ** 0.5
    assert_allclose(lines(limits)[:, 0, 0], [mean, mean - half, mean + half], rtol=1e-12)


cases = arrays(float, (3, 15), elements=st.integers(1, 400).map(float))
shares = arrays(float, (3, 15), elements=st.floats(0, 1))


@given(cases=cases, shares=shares, chart=st.sampled_from(["p", "u", "p'", "u'", "i'"]))
@settings(max_examples=60)
def test_each_series_has_the_limits_of_a_chart_of_its_own(cases, shares, chart):
    """The textbook's formulas in a loop over series, against the whole matrix."""
    counts = np.rint(cases * shares)
    values, limits = attribute_chart(counts, cases, chart=chart, moving_ranges="all")
    for i in range(3):
        n, y = cases[i], counts[i] / cases[i]
        centre = counts[i].sum() / n.sum()
        sigma = np.sqrt(centre * (1 - centre) / n) if chart[0] == "p" else np.sqrt(centre / n)
        if chart in ("p'", "u'"):
            z = np.divide(y - centre, sigma, out=np.zeros(15), where=sigma > 0)
            sigma = sigma * np.abs(np.diff(z)).mean() / 1.128
        if chart == "i'":
            step = np.abs(np.diff(y)) / np.sqrt(1 / n[1:] + 1 / n[:-1])
            sigma = np.sqrt(np.pi / 2) * step.mean() / np.sqrt(n)
        lower = centre - 3 * sigma if chart == "i'" else np.maximum(centre - 3 * sigma, 0)
        upper = np.minimum(centre + 3 * sigma, 1 if chart[0] == "p" else np.inf)
        assert_allclose(values[i], y)
        assert_allclose(lines(limits)[:, i], [np.full(15, centre), lower, upper], atol=1e-9)


def test_a_gap_leaves_no_value_but_keeps_limits_where_the_denominator_is_known():
    counts = np.array([[5.0, np.nan, 7, 6, 4]])
    cases = np.array([[100.0, 200, np.nan, 0, 100]])
    counts[0, 3] = 0
    values, limits = attribute_chart(counts, cases, chart="p")
    assert np.isnan(values[0]).tolist() == [False, True, True, True, False]
    assert np.isnan(limits.upper[0]).tolist() == [False, False, True, True, False]
    assert_allclose(limits.centre[0, 0], 9 / 200)
    assert (limits.n_values == 2).all()


def test_later_periods_move_no_limit_that_a_full_baseline_has_set(rng):
    cases = rng.integers(50, 200, size=(4, 20)).astype(float)
    counts = rng.binomial(cases.astype(int), 0.2).astype(float)
    for chart in ("p", "u", "p'", "u'", "i'"):
        _, before = attribute_chart(counts[:, :15], cases[:, :15], chart=chart, baseline=12)
        _, after = attribute_chart(counts, cases, chart=chart, baseline=12)
        assert_array_equal(lines(after)[:, :, :15], lines(before))


def test_limits_begin_anew_where_they_are_told_to():
    counts = np.array([[5.0] * 6 + [50.0] * 6])
    _, limits = attribute_chart(counts, chart="c", rebase=np.arange(12) == 6)
    assert limits.centre[0].tolist() == [5.0] * 6 + [50.0] * 6


def test_no_events_at_all_are_limits_without_width():
    values, limits = attribute_chart(np.zeros((1, 14)), np.full((1, 14), 80.0), chart="p'")
    assert not lines(limits).any()
    assert set(limits.status.ravel()) == {"constant"}
    assert not special_causes(values, limits).direction.any()


@pytest.mark.parametrize("chart", CHARTS)
def test_limits_stay_where_values_can_be(chart, rng):
    cases = rng.integers(1, 6, size=(50, 14)).astype(float)
    counts = rng.binomial(cases.astype(int), 0.9).astype(float)
    _, limits = attribute_chart(counts, None if chart == "c" else cases, chart=chart)
    if chart != "i'":
        assert (limits.lower >= 0).all()
    if chart[0] == "p":
        assert (limits.upper <= 1).all()


@pytest.mark.parametrize(
    ("counts", "cases", "chart", "words"),
    [
        ([[5.0]], [[4.0]], "p", "above their denominators: 1, the first in row 0, period 0"),
        ([[0.5]], [[4.0]], "u", "not whole numbers: 1"),
        ([[-1.0]], [[4.0]], "u", "negative counts: 1"),
        ([[1.0]], [[-4.0]], "u", "negative denominators: 1"),
        ([[1.0]], [[0.0]], "u", "whose denominator is 0: 1"),
        ([[-0.5]], [[-4.0]], "p'", "negative denominators: 1.*negative counts: 1.*not whole.*: 1"),
        ([[1.0, 2.0]], [[4.0]], "p", r"counts are \(1, 2\), denominators \(1, 1\)"),
        ([[1.0]], None, "p", "choose the chart by them"),
        ([[1.0]], [[4.0]], "c", "choose the chart by them"),
        ([[1.0]], [[4.0]], "g", "one of p, u, c"),
        ([[np.inf]], [[4.0]], "p", "counts holds values that are infinite"),
    ],
)
def test_what_cannot_be_charted_is_refused_in_words(counts, cases, chart, words):
    with pytest.raises(UsageError, match=words):
        attribute_chart(counts, cases, chart=chart)


def test_amounts_of_money_may_be_charted_by_denominator():
    values, limits = attribute_chart([[-2.5, 3.1, 0.4]], [[10.0, 20.0, 5.0]], chart="i'")
    assert np.isfinite(values).all()
    assert np.isfinite(lines(limits)).all()


@pytest.mark.parametrize("shape", [(0, 5), (3, 0), (1, 1)])
@pytest.mark.parametrize("chart", CHARTS)
def test_next_to_nothing_can_be_charted(shape, chart):
    cases = None if chart == "c" else np.full(shape, 9.0)
    values, limits = attribute_chart(np.ones(shape), cases, chart=chart)
    assert values.shape == limits.centre.shape == limits.status.shape == shape


def test_all_missing_has_no_limits():
    nothing = np.full((2, 6), np.nan)
    _, limits = attribute_chart(nothing, np.full((2, 6), 50.0), chart="u'")
    assert np.isnan(lines(limits)).all()
    assert set(limits.status.ravel()) == {"too few values"}


@pytest.mark.parametrize("chart", ["p", "u", "p'", "u'"])
def test_a_healthy_rate_is_beyond_its_limits_as_seldom_as_three_deviations_say(chart, rng):
    """Binomial counts of some 200 in 1,000: 0.27% of points, if the limits were known."""
    cases = rng.integers(900, 1100, size=(2000, 40)).astype(float)
    counts = rng.binomial(cases.astype(int), 0.2).astype(float)
    values, limits = attribute_chart(counts, cases, chart=chart)
    share = (special_causes(values, limits).beyond != 0).mean()
    assert share < 0.0075
    if chart == "p":
        assert 0.0015 < share < 0.0035


@pytest.mark.parametrize(("plain", "widened"), [("p", "p'"), ("u", "u'")])
def test_overdispersed_rates_need_laney_s_limits(plain, widened, rng):
    cases = np.full((500, 40), 20_000.0)
    counts = rng.binomial(20_000, np.clip(rng.normal(0.2, 0.01, size=cases.shape), 0, 1))
    outside = {}
    for chart in (plain, widened):
        values, limits = attribute_chart(counts.astype(float), cases, chart=chart)
        outside[chart] = (special_causes(values, limits).beyond != 0).mean()
    assert outside[plain] > 0.2
    assert outside[widened] < 0.01
