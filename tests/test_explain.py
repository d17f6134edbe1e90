"""Reasons and pages say what the tables hold, in plain words, and nothing else."""

import re
import unicodedata
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from tests.explained_tables import breaks_of, made_tables, signals_of

from earlywarning import schema
from earlywarning.errors import UsageError
from earlywarning.explain import Explained, one_line, page, reason, reasons, with_signals

TAX = {
    "title": "Council tax collected", "unit": "percent", "higher_is": "better", "signal": "last",
    "period": "2023/24", "value": 91.2, "expected": 95.0, "lower": 93.1, "upper": 96.2,
    "n_peers": 35, "n_periods": 9, "p": 0.000412,
}  # fmt: skip
HOMELESS = {
    "title": "Households in temporary accommodation", "unit": "per_1000", "higher_is": "worse",
    "signal": "position", "value": 12.3, "expected": 4.1, "lower": 2.04, "upper": 7.5,
}  # fmt: skip


def flag(**said):
    return SimpleNamespace(**{**TAX, **said})


def test_a_fall_in_the_newest_period_is_told_with_value_limits_peers_and_chance():
    assert reason(flag()) == (
        "Council tax collected was 91.2% in 2023/24, where its own record and its 35 peers led "
        "one to expect 95.0% (93.1% to 96.2%); chance alone would do this about once in 2,400 "
        "series."
    )


def test_a_step_is_told_as_the_average_of_two_periods():
    told = reason(flag(signal="step", period="2023/24 Q4"))
    assert "averaged 91.2% over the last two periods to 2023/24 Q4, where its own" in told


def test_a_drift_is_told_as_creeping():
    assert "has crept to 91.2% by 2023/24, where" in reason(flag(signal="drift"))


def test_a_position_is_told_against_the_middle_of_the_peers_and_says_the_unit_once():
    assert reason(flag(**HOMELESS)) == (
        "Households in temporary accommodation was 12.3 per 1,000 in 2023/24, worse than its 35 "
        "peers, whose middle is 4.1 and of whom 95% would lie between 2.0 and 7.5 in its place; "
        "chance alone would do this about once in 2,400 series."
    )


def test_the_share_of_peers_told_is_the_one_the_limits_were_made_for():
    assert "of whom 90% would lie" in reason(flag(**HOMELESS), limits=0.9)


@pytest.mark.parametrize("signal", schema.SIGNAL_NAMES[:-1])
def test_a_metric_without_a_worse_side_is_unusual_and_never_worse_or_better(signal):
    told = reason(flag(signal=signal, higher_is="context"))
    assert "unusual" in told
    assert not re.search("worse|better", told)


@pytest.mark.parametrize(
    ("p", "words"),
    [(1e-30, "less than once in 10,000 series"), (1e-4, "about once in 10,000 series"),
     (0.0123, "about once in 81 series"), (0.3, "about once in 3 series"),
     (0.9, "more than once in 2 series"), (np.nan, "is not known")],
)  # fmt: skip
def test_chance_is_told_as_once_in_so_many_and_never_rarer_than_once_in_10000(p, words):
    assert words in reason(flag(p=p))


def test_one_peer_is_singular_and_no_peers_are_not_mentioned():
    assert "its own record and its 1 peer led" in reason(flag(n_peers=1))
    assert "where its own record led one to expect" in reason(flag(n_peers=0))


def test_a_difference_that_rounding_hides_is_owned_up_to():
    assert "a difference that rounding hides" in reason(flag(value=95.04))
    assert "rounding" not in reason(flag())


def test_a_single_day_is_on_and_a_year_is_in():
    assert "was 91.2% on 2024-03-31" in reason(flag(period="2024-03-31"))


@given(title=st.text(max_size=60), period=st.text(max_size=10))
def test_whatever_the_data_call_it_a_reason_is_one_visible_line(title, period):
    told = reason(flag(title=title, period=period))
    assert len(told.splitlines()) == 1
    assert one_line(told) == " ".join(told.split())
    assert not {unicodedata.category(letter) for letter in told} & {"Cc", "Cf", "Cs"}


def test_reasons_keep_the_index_and_may_be_none():
    table = pd.DataFrame([TAX, {**TAX, "signal": "step"}], index=[7, 3])
    assert reasons(table).index.to_list() == [7, 3]
    assert reasons(table).loc[7] == reason(flag())
    assert reasons(table.iloc[:0]).empty


@pytest.fixture
def tables():
    return made_tables()


def section(text, heading):
    """Return what stands under a heading, on one line."""
    return " ".join(re.split(r"\n\n(?=.+\n-+\n)", text.split(f"{heading}\n---")[1])[0].split())


def test_a_flag_stands_beside_the_contrast_with_the_smallest_p(tables):
    flags = tables.flags.set_axis([7, 3])
    told = with_signals(flags, tables.signals, tables.metrics)
    assert told["signal"].to_list() == ["position", "step"]
    assert told["title"].to_list() == ["Council tax collected"] * 2
    assert_frame_equal(told[list(schema.FLAGS)], flags)


def test_a_metric_that_no_catalogue_knows_is_called_by_its_name_and_unusual(tables):
    told = with_signals(tables.flags, tables.signals, tables.metrics.iloc[1:])
    assert reasons(told).str.startswith("tax was").any()
    assert reasons(told).str.contains("unusual").all()


def test_the_page_opens_with_tier_score_and_what_a_flag_is(tables):
    opening = " ".join(page("E1", tables).split("\n\n")[1].split())
    assert page("E1", tables).startswith("Ashton (E1), as known on 1 March 2025\n===")
    assert opening.startswith("Tier: concern. Score: 17.0 points; a healthy authority stands out")
    assert "about once in 2,000 times, by chance alone. 2 flags." in opening
    assert opening.endswith("A flag is an invitation to a conversation, not a verdict.")


def test_each_flag_says_its_age_what_would_clear_it_and_how_stable_it_is_gravest_first(tables):
    text = page("E1", tables)
    seen, since, sure = (section(text, name) for name in ("What we see", "Since when", "How sure"))
    assert seen.lstrip("- ") == "Priority, Finance: It fell. - Watch, Finance: It fell."
    assert "Council tax collected change 2022/23 for 3 releases 2023/24 1 June 2024" in since
    assert since.endswith("Council tax collected position 2022/23 new 2023/24 1 June 2024")
    assert "Council tax collected change < 0.001 92% 93.4%" in sure
    assert sure.endswith("Council tax collected position 0.08 not measured 93.4%")


def test_nothing_that_clears_a_flag_is_said_to_be_nothing(tables):
    stuck = replace(tables, flags=tables.flags.assign(would_clear_at=np.nan))
    assert section(page("E1", stuck), "How sure").count("none found") == 2


def numbers(text):
    """Return the printed numbers of the table of contributions, row by row."""
    body = text.split("How the score adds up\n")[1].split("\n\n")[0].splitlines()[2:]
    return np.array([[float(cell) for cell in row.split()[-3:]] for row in body])


@settings(max_examples=25)
@given(amounts=st.lists(st.floats(0, 40), min_size=1, max_size=40))
def test_the_printed_contributions_add_up_to_the_printed_score(amounts):
    parts = pd.DataFrame({
        "authority": "E1", "theme": "Finance",
        "metric": [f"m{i // 2}" for i in range(len(amounts))],
        "kind": [("position", "change")[i % 2] for i in range(len(amounts))],
        "contribution": amounts,
    })  # fmt: skip
    nothing = [schema.empty(c) for c in (schema.FLAGS, schema.SIGNALS)]
    who = schema.empty(schema.AUTHORITIES)
    who.loc[0, ["authority", "name", "tier", "score"]] = ["E1", "Ash", "none", sum(amounts)]
    metrics = schema.empty(schema.CATALOGUE)
    text = page("E1", Explained(who, *nothing, parts, schema.empty(schema.ISSUES), metrics,
                                pd.Timestamp("2025-03-01")))  # fmt: skip
    if not any(amounts):
        assert "Nothing adds to the score." in text
        return
    printed = numbers(text)
    np.testing.assert_allclose(printed[:-1].sum(axis=0), printed[-1], atol=1e-9)
    np.testing.assert_allclose(printed[:, :2].sum(axis=1), printed[:, 2], atol=1e-9)
    np.testing.assert_allclose(printed[-1, 2], sum(amounts), atol=0.0501)


def test_contributions_stand_by_theme_and_metric_and_by_kind(tables):
    told = section(page("E1", tables), "How the score adds up")
    assert "Theme Metric Position Change Points" in told
    assert "Finance Council tax collected 1.5 15.1 16.6" in told
    assert told.endswith("score 1.5 15.5 17.0")


def test_good_news_is_what_lies_beyond_its_limits_on_the_better_side(tables):
    told = section(page("Birchwood", tables), "What goes well")
    assert "Council tax collected was 99.0% in 2023/24, better than its 35 peers" in told
    assert told.count("Council tax") == 1
    inside = replace(tables, signals=tables.signals.assign(upper=99.5))
    assert "No signal stands out" in section(page("E2", inside), "What goes well")


def test_at_most_three_good_things_are_told_the_strongest_first(tables):
    metrics = [f"m{i}" for i in range(5)]
    good = {"value": 99, "upper": 97, "direction": "better"}
    rows = [row for i, name in enumerate(metrics) for row in signals_of("E2", name, z=-i, **good)]
    known = pd.DataFrame({"metric": metrics, "title": metrics, "unit": "", "higher_is": "better"})
    known = known.reindex(columns=list(schema.CATALOGUE))
    told = section(page("E2", replace(tables, signals=pd.DataFrame(rows), metrics=known)),
                   "What goes well")  # fmt: skip
    assert re.findall(r"m\d", told) == ["m4", "m3", "m2"]
    assert told.endswith("- And 2 more metrics.")


def test_what_could_not_be_assessed_is_counted_and_named_by_why(tables):
    told = section(page("E1", tables), "What is not known")
    assert "Assessed: 33% of its positions and changes." in told
    assert "Change not assessed, stale (1): Households in temporary accommodation." in told
    assert "Position not assessed, too few periods (1): Population." in told
    assert "1 issue with its data: 1,000 times the rest" in told
    assert "Nothing that came in was left out." in section(page("E2", tables), "What is not known")


def test_doubts_fit_the_kinds_flagged(tables):
    text = page("E1", tables)
    assert "Sector-wide move" in section(text, "What else could explain it")
    position = replace(tables, flags=tables.flags.query("kind == 'position'"))
    told = section(page("E1", position), "What else could explain it")
    assert "Circumstances" in told
    assert "Sector-wide move" not in told


def test_an_authority_without_flags_is_told_so_plainly_and_asked_nothing(tables):
    text = page("E2", tables)
    assert "No series of this authority is flagged." in section(text, "What we see")
    assert "In no tier." in text
    assert "Questions to ask" not in text


def test_an_authority_of_which_nothing_is_assessed_is_not_called_unflagged(tables):
    blind = replace(tables, signals=tables.signals.assign(status="stale"))
    assert "None of its series could be assessed" in section(page("E2", blind), "What we see")


def test_peers_are_counted_with_their_type(tables):
    told = section(page("E1", tables), "Against whom")
    assert "Peers: 35;" in told
    assert "(county)" in told


@pytest.mark.parametrize("called", ["E1", "e1", "ASHTON", " ashton\n"])
def test_an_authority_is_found_by_code_or_name_whatever_the_case(tables, called):
    assert page(called, tables) == page("E1", tables)


def test_a_proposed_break_of_a_flagged_metric_is_another_explanation_and_no_other_is(tables):
    told = replace(tables, breaks=breaks_of("homeless", "tax", "tax"))
    heading = "What else could explain it"
    said = section(page("E1", told), heading)
    assert said.lstrip("- ").startswith(
        "Definition change: “Council tax collected” may have been defined anew, or everyone "
        "struck by a shock, in 2022/23 and 2023/24. From 2022: tax moved by 0.3. "
        "- Revision"
    )
    assert "homeless moved" not in said
    assert section(page("E1", tables), heading).count("Definition change") == 1
    assert heading not in page("E2", told)  # it has no flag


def test_an_unknown_authority_is_refused_with_the_nearest_names(tables):
    with pytest.raises(UsageError, match=r"no authority 'Ashtown'.*Ashton \(E1\)"):
        page("Ashtown", tables)
    with pytest.raises(UsageError, match="Give a code or name"):
        page("zzzzzzzzzz", tables)


def test_a_list_of_authorities_is_refused_where_one_is_asked_for(tables):
    with pytest.raises(UsageError, match=r"authority is .* not list"):
        tables.find(["E1"])


def test_a_name_that_two_share_is_refused_with_their_codes(tables):
    twins = replace(tables, authorities=tables.authorities.assign(name="Ashton"))
    with pytest.raises(UsageError, match=r"names 2 authorities: E1, E2\. Give the code"):
        page("Ashton", twins)


def test_no_name_from_the_data_breaks_a_line_or_hides_in_the_page(tables):
    hostile = "a\x1b[31m\nb\u202ec"
    evil = replace(
        tables,
        authorities=tables.authorities.assign(name=["Ash\n\u202eton", None], type=hostile),
        flags=tables.flags.assign(reason=hostile, theme=hostile, since=hostile),
        metrics=tables.metrics.assign(title=hostile),
        issues=tables.issues.assign(message=hostile),
        contributions=tables.contributions.assign(theme=hostile),
        signals=tables.signals.assign(period=hostile, status=hostile),
        breaks=breaks_of("tax").assign(period=hostile, evidence=hostile),
    )
    text = page("E1", evil)
    assert not set(text) & {"\x1b", "\u202e"}
    assert "Ash ton (E1)" in text


def test_a_page_leaves_its_tables_alone_and_its_lines_short(tables):
    before = replace(tables, **{
        name: getattr(tables, name).copy() for name in ("flags", "signals", "contributions")
    })  # fmt: skip
    text = page("E1", tables)
    assert max(map(len, text.splitlines())) <= 88
    assert_frame_equal(tables.flags, before.flags)
    assert_frame_equal(tables.signals, before.signals)
    assert_frame_equal(tables.contributions, before.contributions)
