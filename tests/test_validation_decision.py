"""Net benefit against dcurves, usefulness and noise to signal against the closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from earlywarning.errors import UsageError
from earlywarning.validation.metrics import (
    Counts,
    count,
    net_benefit,
    noise_to_signal,
    usefulness,
)
from funnel_references import as_rows, compare, read, worst

few = settings(max_examples=50)

SHARES = st.floats(0.01, 0.99)
CELLS = st.builds(Counts, *[st.integers(1, 400)] * 4)
THRESHOLDS = [0.0, 0.1, 0.25, 0.5]
ROWS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.3, 0.6, 1.0]), st.booleans(), st.integers(0, 3)),
    min_size=1,
    max_size=30,
)


def dcurves():
    patients = read("dcurves_df_binary.csv")
    known = read("dcurves_r_dca_famhistory.csv").set_index("variable")
    thresholds = known.loc["all", "threshold"].to_numpy()
    found = net_benefit(patients["famhistory"], patients["cancer"], thresholds)
    named = {"famhistory": found.flagged, "all": found.everyone, "none": found.nobody}
    for name, ours in named.items():
        theirs = known.loc[name, "net_benefit"].to_numpy()
        yield compare(f"dcurves, {name}", ours, theirs, size=1 + np.abs(theirs).max())


def identities():
    for known in read("usefulness_identities_derived.csv").itertuples():
        counts = Counts(known.tp, known.fn, known.fp, known.tn)
        sarlin = usefulness(counts, known.mu)
        detken = usefulness(counts, known.mu, loss="alessi-detken")
        theirs = [
            known.loss_sarlin, known.Ua_sarlin, known.Ur_sarlin, known.loss_alessi_detken,
            known.U_alessi_detken, known.Ur_alessi_detken,
        ]  # fmt: skip
        yield compare("usefulness, closed form", [*sarlin, *detken], theirs)
        noise = noise_to_signal(counts)
        if np.isinf(known.noise_to_signal):
            assert noise == np.inf
        else:
            yield compare("usefulness, noise to signal", noise, known.noise_to_signal)


def agreements():
    return as_rows([*dcurves(), *identities()])


def test_net_benefit_is_that_of_dcurves(shared):
    found = list(dcurves())
    assert [one.n_values for one in found] == [100, 100, 100]
    assert worst(found).in_allowed <= 1, worst(found)


def test_usefulness_is_what_the_closed_forms_say(shared):
    found = list(identities())
    assert sum(one.n_values for one in found) == 136
    assert worst(found).in_allowed <= 1, worst(found)


@few
@given(ROWS)
def test_a_weight_counts_a_row_as_often_as_repeating_it_does(rows):
    p, event, weight = (np.array(column) for column in zip(*rows, strict=True))
    draws = net_benefit(p, event, THRESHOLDS, weight=np.stack([weight, weight]))
    again = net_benefit(np.repeat(p, weight), np.repeat(event, weight), THRESHOLDS)
    for ours, theirs in zip(draws, again, strict=True):
        assert ours.shape == (2, 4)
        assert_allclose(ours, [theirs, theirs], atol=1e-12)


@few
@given(ROWS, SHARES)
def test_net_benefit_is_sarlins_usefulness_beside_nobody_in_other_units(rows, threshold):
    """With a preference of 1 - threshold: both weigh the same two errors."""
    p, event, _ = (np.array(column) for column in zip(*rows, strict=True))
    counts = count(p > threshold, event)
    if not (event.any() and not event.all()):
        return
    lost = usefulness(counts, 1 - threshold).loss
    benefit = net_benefit(p, event, [threshold]).flagged[0]
    assert_allclose(event.mean() - lost / (1 - threshold), benefit, atol=1e-9)


@few
@given(CELLS, SHARES)
def test_usefulness_is_at_most_one_and_that_only_without_errors(counts, preference):
    for loss in ("sarlin", "alessi-detken"):
        assert usefulness(counts, preference, loss=loss).relative < 1
        perfect = Counts(counts.tp, 0, 0, counts.tn)
        assert_allclose(usefulness(perfect, preference, loss=loss).relative, 1)


@few
@given(CELLS)
def test_flags_by_lot_are_all_noise(counts):
    by_lot = Counts(2 * counts.tp, counts.tp, 2 * counts.fp, counts.fp)
    assert_allclose(noise_to_signal(by_lot), 1)


@few
@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30))
def test_every_row_is_counted_in_one_cell(rows):
    flagged, event = (np.array([row[i] for row in rows], dtype=bool) for i in (0, 1))
    cells = count(flagged, event)
    assert sum(cells) == len(rows)
    assert cells.tp + cells.fn == event.sum()
    assert cells.tp + cells.fp == flagged.sum()


def test_without_events_or_without_others_nothing_is_known():
    for counts in (Counts(0, 0, 3, 9), Counts(3, 9, 0, 0), Counts(0, 0, 0, 0)):
        assert np.isnan(noise_to_signal(counts))
        assert np.isnan(usefulness(counts, 0.8).relative)
    assert np.isnan(net_benefit([], [], [0.1, 0.2])).all()


def test_what_cannot_be_weighed_is_refused():
    with pytest.raises(UsageError, match="preference="):
        usefulness(Counts(1, 1, 1, 1), 1.5)
    with pytest.raises(UsageError, match="loss='brier'"):
        usefulness(Counts(1, 1, 1, 1), 0.5, loss="brier")
    with pytest.raises(UsageError, match="below 0"):
        noise_to_signal(Counts(1, -1, 1, 1))
    with pytest.raises(UsageError, match="Thresholds"):
        net_benefit([0.5], [1], [1.0])
