import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from earlywarning.batch.changes import GONE, changes_of
from earlywarning.schema import CHANGES, FLAGS, SEVERITIES, SIGNALS

keys = st.tuples(
    st.sampled_from(["A", "B"]), st.sampled_from(["debt", "tax"]),
    st.sampled_from(["position", "change"]),
)  # fmt: skip
flags = st.dictionaries(keys, st.sampled_from(SEVERITIES))


def table(severities):
    """Return a table of flags from (authority, metric, kind) to severity."""
    rows = [
        {"authority": a, "metric": m, "kind": k, "severity": s, "theme": "T", "period": "2022-23",
         "reason": s} for (a, m, k), s in severities.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(FLAGS))


def signals(status="ok"):
    rows = [
        {"authority": a, "metric": m, "signal": s, "status": status}
        for a in "AB" for m in ("debt", "tax") for s in ("position", "change", "last")
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(SIGNALS))


def words(now, then):
    found = changes_of(table(now), table(then), signals())
    assert [*found] == list(CHANGES)
    return {(r.authority, r.metric, r.kind): r.change for r in found.itertuples()}


@given(now=flags, then=flags)
def test_every_flag_that_is_not_as_it_was_has_one_row_and_no_other_has(now, then):
    rank = SEVERITIES.index
    expected = dict.fromkeys(now.keys() - then.keys(), "new")
    expected |= dict.fromkeys(then.keys() - now.keys(), "cleared")
    for key in now.keys() & then.keys():
        if now[key] != then[key]:
            expected[key] = "worse" if rank(now[key]) > rank(then[key]) else "better"
    assert words(now, then) == expected


@settings(max_examples=40)
@given(now=flags, then=flags)
def test_what_is_new_one_way_is_cleared_the_other_and_worse_is_better(now, then):
    turned = {"new": "cleared", "cleared": "new", "worse": "better", "better": "worse"}
    assert words(then, now) == {key: turned[word] for key, word in words(now, then).items()}


@settings(max_examples=40)
@given(severities=flags, rows=st.randoms())
def test_the_order_of_flags_does_not_matter(severities, rows):
    straight = changes_of(table(severities), table({}), signals())
    shuffled = list(severities.items())
    rows.shuffle(shuffled)
    again = changes_of(table(dict(shuffled)), table({}), signals())
    pd.testing.assert_frame_equal(again, straight)


def test_a_cleared_flag_keeps_its_reason_and_says_what_became_of_its_series():
    then = table({("A", "debt", "change"): "concern"})
    stale = changes_of(table({}), then, signals("stale")).iloc[0]
    assert (stale["change"], stale["status"], stale["reason"]) == ("cleared", "stale", "concern")
    assert (stale["severity_before"], stale["severity"]) == ("concern", "")
    gone = changes_of(table({}), then, signals().head(0)).iloc[0]
    assert gone["status"] == GONE


def test_flags_that_go_in_are_not_changed():
    now, then = table({("A", "debt", "change"): "watch"}), table({("B", "tax", "change"): "watch"})
    was = now.copy(), then.copy()
    changes_of(now, then, signals())
    pd.testing.assert_frame_equal(now, was[0])
    pd.testing.assert_frame_equal(then, was[1])
