"""Fifteen troubles are planted as their laws say, and outcomes follow them."""

import numpy as np
import pandas as pd
import pytest

from earlywarning.sample import SEED, Sample, sample_tables
from earlywarning.sample.axis import axis
from earlywarning.sample.laws import LAWS
from earlywarning.sample.metrics import Law
from earlywarning.sample.outcomes import ALWAYS_BAD
from earlywarning.sample.places import ENDED, make_places
from earlywarning.sample.series import make_series
from earlywarning.sample.troubles import FAR_WORSE, plant


@pytest.fixture(scope="module")
def sample() -> Sample:
    return sample_tables()


def test_fifteen_authorities_are_in_trouble_each_in_one_way(sample):
    kinds = sample.troubles.groupby("authority")["kind"].agg(["nunique", "first", "size"])
    assert len(kinds) == 15
    assert (kinds["nunique"] == 1).all()
    assert kinds["size"].between(2, 5).all()
    assert kinds["first"].nunique() == 6
    near = sample.troubles[sample.troubles["kind"] != FAR_WORSE]
    assert near["size_in_noise_sds"].between(3, 6).all()


def test_every_trouble_is_in_a_series_that_is_published_from_its_start_on(sample):
    for row in sample.troubles.itertuples():
        mine = (sample.panel["authority"] == row.authority) & (sample.panel["metric"] == row.metric)
        periods = sample.panel.loc[mine & (sample.panel["status"] != "[c]"), "period"]
        everyone = sample.panel.loc[sample.panel["metric"] == row.metric, "period"]
        wanted = {period for period in everyone if period >= row.start_period}
        assert row.start_period in wanted
        assert wanted <= set(periods)


def test_a_trouble_moves_the_newest_period_to_the_worse_by_its_size(sample):
    places = make_places(SEED)
    series = {law.metric: make_series(law, places, SEED) for law in LAWS}
    troubles = plant(series, places, SEED)
    worse = sample.catalogue.set_index("metric")["higher_is"].map({"worse": 1, "better": -1})
    order = {code: place for place, code in enumerate(places.codes)}
    for row in troubles.table.itertuples():
        place, one = order[row.authority], series[row.metric]
        shift = troubles.shifts[row.metric][place]
        start = one.axis.labels.tolist().index(row.start_period)
        moved = worse[row.metric] * shift / one.noise[place]
        assert moved[-1] == pytest.approx(row.size_in_noise_sds, abs=0.006)
        assert (moved[:start] == 0).all()
        assert (moved[start:] > 0).all()
        assert (np.diff(moved) >= 0).all()
    n_moved = sum(int(np.any(shift != 0, axis=1).sum()) for shift in troubles.shifts.values())
    assert n_moved == len(troubles.table)


def test_a_series_noise_has_the_spread_that_trouble_sizes_are_told_in():
    places = make_places(SEED)
    law = Law(
        metric="x", title="x", theme="x", unit="score", higher_is="worse",
        types=("unitary", "district", "county", "metropolitan district"), lag=1,
        scale="identity", centre=50.0, between=0.0, slope=0.0, noise=2.0, memory=0.5,
        frequency="quarterly",
    )  # fmt: skip
    one = make_series(law, places, SEED)
    squares = ((one.working - 50) / one.noise[:, None]) ** 2
    assert squares.mean() == pytest.approx(1, abs=0.1)
    assert np.log(one.noise).std() == pytest.approx(0.3, abs=0.06)


def test_outcomes_are_dated_and_some_come_out_of_the_blue(sample):
    outcomes, troubled = sample.outcomes, set(sample.troubles["authority"])
    assert outcomes["date"].notna().all()
    assert outcomes["date"].is_monotonic_increasing
    assert set(outcomes["date_precision"]) == {"day", "month"}
    assert outcomes["severity"].between(1, 3).all()
    assert len(troubled - set(outcomes["authority"])) == 5
    assert len(set(outcomes["authority"]) - troubled) == 2
    assert not set(outcomes["authority"]) & set(ENDED)


def test_an_outcome_follows_its_trouble_by_6_to_24_months(sample):
    ends = {
        str(label): pd.Timestamp(end)
        for name in ("annual", "quarterly")
        for label, end in zip(axis(name).labels, axis(name).ends, strict=True)
    }
    shown = sample.troubles.assign(end=sample.troubles["start_period"].map(ends))
    shown = shown.groupby("authority").agg(end=("end", "max"), kind=("kind", "first"))
    for row in sample.outcomes.itertuples():
        if row.authority in shown.index:
            always = shown.loc[row.authority, "kind"] == FAR_WORSE
            since = ALWAYS_BAD if always else shown.loc[row.authority, "end"]
            assert 183 - 31 < (row.date - since).days <= 730


def test_engagements_end_after_they_start_and_interventions_are_among_them(sample):
    visits = sample.engagements
    done = visits[visits["end"].notna()]
    assert (done["end"] >= done["start"]).all()
    assert set(visits["status"]) == {"completed", "ongoing", "planned"}
    assert visits["authority"].isin(sample.register["authority"]).all()
    assert not visits["authority"].isin(ENDED).any()
    taken = sample.outcomes[sample.outcomes["outcome"] == "statutory_intervention"]
    under = visits[visits["kind"] == "intervention"]
    assert set(under["authority"]) == set(taken["authority"])
    assert len(visits) > 150
