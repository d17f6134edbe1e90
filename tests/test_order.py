"""Authorities stand by tier, then name, flags the gravest first, however their table is ordered."""

import pandas as pd
import pytest

from earlywarning import schema
from earlywarning.charts import tiers_chart
from earlywarning.cli.summary import in_tiers
from earlywarning.explain import Explained
from earlywarning.explain.order import in_a_tier
from earlywarning.flags import gravest_first
from earlywarning.report import result_html
from earlywarning.report.result import COUNTED
from earlywarning.report.site.rows import rows_of

AS_OF = pd.Timestamp("2025-03-01")
SECTOR = pd.DataFrame(
    {
        "authority": ["E5", "E3", "E4", "E1", "E2", "E6"],
        "name": ["ash", "Ash", "Birch", "Elm", None, "Ash"],
        "tier": ["watch", "watch", "concern", "priority", "watch", "none"],
        "score_position": [5.0, 3.0, 4.0, 1.0, 2.0, 6.0],
        "score_change": 0.0,
    }
).reindex(columns=list(schema.AUTHORITIES))
LISTED = ["E1", "E4", "E3", "E5", "E2"]
FLAGS = pd.DataFrame(
    {
        "authority": ["E1", "E1", "E1", "E2", "E2"],
        "metric": ["tax", "debt", "homes", "debt", "tax"],
        "severity": ["watch", "watch", "concern", "watch", "concern"],
        "theme": ["Tax", "Debt", "Homes", "Debt", "Tax"],
        "p": [0.001, 0.001, 0.01, 0.001, None],
        "reason": ["1 tax", "1 debt", "1 homes", "2 debt", "2 tax"],
    }
).reindex(columns=list(schema.FLAGS))
BY_GRAVITY = ["1 homes", "2 tax", "1 debt", "1 tax", "2 debt"]


def site_rows(authorities, flags):
    names = ("signals", "contributions", "issues", "catalogue")
    rest = [schema.empty(getattr(schema, name.upper())) for name in names]
    return rows_of(Explained(authorities, flags, *rest, as_of=AS_OF))


def on_the_site(authorities):
    rows = site_rows(authorities, schema.empty(schema.FLAGS))
    return " ".join(who.code for who in rows.by_tier if who.tier in schema.IN_A_TIER)


def in_the_box(authorities):
    counts = dict.fromkeys(COUNTED, 0)
    return result_html(authorities, schema.empty(schema.FLAGS), as_of=AS_OF, counts=counts)


def on_the_screen(authorities, capsys):
    in_tiers(authorities)
    return capsys.readouterr().out


@pytest.mark.parametrize("table", [SECTOR, SECTOR[::-1]], ids=["as it came", "backwards"])
def test_two_of_one_name_stand_by_code_in_every_list(table, capsys):
    assert in_a_tier(table)["authority"].to_list() == LISTED
    for shown in (on_the_site(table), in_the_box(table), on_the_screen(table, capsys)):
        assert sorted(LISTED, key=shown.rindex) == LISTED


def test_the_picture_of_tiers_does_not_depend_on_the_order_of_the_table():
    assert tiers_chart(SECTOR[::-1]).svg == tiers_chart(SECTOR).svg


@pytest.mark.parametrize("table", [FLAGS, FLAGS[::-1]], ids=["as it came", "backwards"])
def test_flags_as_grave_and_as_sure_stand_by_authority_and_metric(table):
    assert gravest_first(table)["reason"].to_list() == BY_GRAVITY
    assert [flag.reason for flag in site_rows(SECTOR, table).flags] == BY_GRAVITY
    assert gravest_first(table.astype({"severity": "category"}))["reason"].to_list() == BY_GRAVITY


def test_a_flag_without_a_known_severity_stands_last():
    table = FLAGS.assign(severity=["priority", "odd", None, "watch", "watch"])
    assert gravest_first(table)["severity"].to_list()[:3] == ["priority", "watch", "watch"]


def test_the_table_that_is_put_in_order_stays_as_it_was():
    before, flags = SECTOR.copy(), FLAGS.copy()
    in_a_tier(SECTOR)
    gravest_first(FLAGS)
    pd.testing.assert_frame_equal(SECTOR, before)
    pd.testing.assert_frame_equal(FLAGS, flags)
