"""Do the pictures of a back-test say what the tables say, and can they be read?"""

import pandas as pd
import pytest

from earlywarning.charts import benefit_chart, calibration_chart, precision_chart, timeline_chart

DAYS = pd.to_datetime(["2018-12-31", "2019-12-31"])


def ticks(axis):
    """Return the words at the ticks of an axis that can be seen."""
    low, high = sorted(axis.get_view_interval())
    axis.figure.draw_without_rendering()
    placed = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=True)
    return [label.get_text() for at, label in placed if low <= at <= high]


@pytest.mark.parametrize("top", [0.004, 0.03, 0.5, 1.0])
def test_no_two_ticks_of_a_share_read_the_same(top):
    curve = pd.DataFrame(
        {"k": [1, 2], "precision": [0.0, top], "lower": 0.0, "upper": top, "base_rate": top / 2}
    )
    bins = pd.DataFrame({"expected": [0.0, top], "observed": top, "lower": 0.0, "upper": top})
    benefit = pd.DataFrame(
        {"threshold": [0.0, top], "flagged": top, "everyone": 0.0, "nobody": 0.0}
    )
    drawn = [
        precision_chart(curve, outcome="x", capacity=1, horizon="24 months").axes[0].yaxis,
        calibration_chart(bins, outcome="x").axes[0].xaxis,
        calibration_chart(bins, outcome="x").axes[0].yaxis,
        benefit_chart(benefit, outcome="x").axes[0].xaxis,
    ]
    for axis in drawn:
        words = ticks(axis)
        assert len(words) == len(set(words)) > 2
        assert all(word.endswith("%") for word in words)


def test_the_timeline_counts_all_episodes_and_says_when_it_draws_only_some():
    n = 50
    episodes = pd.DataFrame(
        {
            "authority": [f"A{i:02d}" for i in range(n)],
            "name": [f"Name {i}" for i in range(n)],
            "listed": [i < 3 for i in range(n)],
            "date": DAYS[1] + pd.to_timedelta(range(1, n + 1), unit="D"),
            "last_look": DAYS[1],
        }
    )
    looks = episodes[["authority", "listed"]].merge(pd.DataFrame({"as_of": DAYS}), how="cross")
    chart = timeline_chart(episodes, looks, outcome="notice")
    title, subtitle = (text.get_text() for text in chart.texts[:2])
    assert title == "notice: 3 of 50 on the list at the last look before"
    assert subtitle.endswith("The newest 40 are drawn.")
    assert len(chart.axes[0].get_yticklabels()) == 40
