import pandas as pd
import pytest

from earlywarning import as_panel
from earlywarning.errors import DataRefusedError, UsageError
from earlywarning.validation.days import as_of_days, months_of


def yearly(years, metric="debt"):
    labels = [f"{year}-{(year + 1) % 100:02d}" for year in years]
    rows = {"authority": "E06000001", "metric": metric, "period": labels, "value": 1.0}
    return pd.DataFrame(rows)


def days(table, every="year", min_periods=5):
    return [
        f"{day:%Y-%m-%d}" for day in as_of_days(as_panel(table), every, min_periods=min_periods)
    ]


def test_the_first_day_is_the_first_year_end_with_periods_enough():
    assert days(yearly(range(2010, 2018)))[0] == "2015-12-31"  # 2014-15 came out in November 2015


def test_a_metric_without_a_value_does_not_start_the_looks():
    early = yearly(range(1990, 2000), "empty").assign(value=float("nan"))
    assert days(pd.concat([early, yearly(range(2010, 2018))]))[0] == "2015-12-31"


def test_later_periods_add_days_and_change_none():
    short, long = days(yearly(range(2010, 2018))), days(yearly(range(2010, 2021)))
    assert long[: len(short)] == short
    assert len(long) == len(short) + 3


def test_quarters_and_months_have_more_days():
    table = yearly(range(2010, 2018))
    assert len(days(table, "month")) == pytest.approx(3 * len(days(table, "quarter")), abs=2)


def test_a_record_too_short_is_refused_with_a_remedy():
    with pytest.raises(DataRefusedError, match="longer record"):
        days(yearly(range(2010, 2013)))


def test_a_word_that_is_no_interval_is_refused():
    with pytest.raises(UsageError, match="year, quarter, month"):
        days(yearly(range(2010, 2018)), "week")


NONE = ["", "24", "M24", "0M", "-3M", "2W", "1.5Y", "101Y", "9" * 30 + "M"]


@pytest.mark.parametrize("horizon", NONE)
def test_a_horizon_that_is_none_is_refused(horizon):
    with pytest.raises(UsageError, match="24M"):
        months_of(horizon)
