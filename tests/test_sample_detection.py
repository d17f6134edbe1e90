"""Of fifteen troubles planted in the sample, how many are found, and who is blamed wrongly?"""

import pytest

FOUND = 11  # of 15 troubled authorities, at the least
BLAMED = 3  # of 105 others, at the most
GRAVE = ("concern", "priority")


@pytest.fixture(scope="module")
def verdict(sample):
    """Return sets of authorities: in trouble, in a tier or a grave one, with a grave flag."""
    troubles, result = sample.tables.troubles, sample.result
    planted = set(zip(troubles["authority"], troubles["metric"], strict=True))
    flags = result.flags[result.flags["severity"].isin(GRAVE)]
    series = zip(flags["authority"], flags["metric"], strict=True)
    tier = result.authorities.set_index("authority")["tier"]
    return {
        "troubled": set(troubles["authority"]),
        "tier": set(tier.index[tier.ne("none")]),
        "grave tier": set(tier.index[tier.isin(GRAVE)]),
        "grave flag": set(flags["authority"]),
        "grave flag where planted": {code for code, metric in series if (code, metric) in planted},
    }


def test_at_least_eleven_of_fifteen_troubled_authorities_are_found(verdict):
    """As committed: 12 in a tier, 10 of them a grave one; 7 with a grave flag where planted.

    Grave is `concern` or worse; by tier or by such a flag, 11 are gravely found.
    """
    troubled = verdict["troubled"]
    assert len(troubled) == 15
    assert len(troubled & (verdict["tier"] | verdict["grave flag where planted"])) >= FOUND
    assert (
        len(troubled & (verdict["grave tier"] | verdict["grave flag where planted"])) >= FOUND - 2
    )


def test_at_most_three_others_are_blamed(verdict):
    """As committed: one other at `concern` or worse, by one flag, and none by its tier."""
    blamed = (verdict["grave tier"] | verdict["grave flag"]) - verdict["troubled"]
    assert len(blamed) <= BLAMED


def test_most_flags_of_concern_are_where_trouble_was_planted(sample, verdict):
    """The share of false ones among flags is held at 10%; half would be a broken promise."""
    flags = sample.result.flags[sample.result.flags["severity"].isin(GRAVE)]
    assert flags["authority"].isin(verdict["troubled"]).mean() >= 0.8
