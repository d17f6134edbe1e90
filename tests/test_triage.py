import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from earlywarning import schema
from earlywarning.cli import app
from earlywarning.engagements import read_engagements
from earlywarning.errors import UsageError
from earlywarning.triage import plan_conversations

AS_OF = pd.Timestamp("2024-09-01")
KINDS = (
    "corporate_peer_challenge", "finance_review", "inspection", "intervention",
    "early_warning_conversation", "webinar",
)  # fmt: skip


def sector(*tiers):
    codes = [f"A{place}" for place in range(len(tiers))]
    p = [0.01 * (1 + place) for place in range(len(tiers))]
    return pd.DataFrame({"authority": codes, "name": codes, "tier": tiers, "p": p})


def visits(*rows):
    columns = ["authority", "kind", "start", "end", "status", "lead", "outcome"]
    return read_engagements(pd.DataFrame([[*row, None][:7] for row in rows], columns=columns))


def visit(authority, kind, start, end=None, status="completed", lead="Body"):
    return (authority, kind, start, end, status, lead)


def planned(table, *rows, flags=None, **options):
    told = schema.empty(schema.FLAGS) if flags is None else flags
    found = plan_conversations(table, told, visits(*rows), as_of=AS_OF, **options)
    return found.set_index("authority")


def test_who_stands_out_is_approached_and_told_why():
    flags = pd.DataFrame(
        {
            "authority": "A0",
            "metric": ["waiting", "debt"],
            "theme": ["Care", "Finance"],
            "severity": ["watch", "priority"],
            "p": 0.1,
        }
    )
    row = planned(sector("concern"), flags=flags).loc["A0"]
    assert (row["route"], row["body"]) == ("approach", "us")
    assert row["reason"].startswith("In the tier concern: Finance, Care. Place 1 of 1")


def test_who_is_under_intervention_is_referred_whatever_else():
    row = planned(
        sector("priority"),
        visit("A0", "intervention", "2023-01-05", status="ongoing", lead="Ministry"),
        visit("A0", "inspection", "2024-10-01", status="planned"),
    ).loc["A0"]
    assert row["route"] == "refer"
    assert "5 January 2023 (Ministry)" in row["reason"]


def test_an_intervention_that_ended_is_over():
    ended = visit("A0", "intervention", "2020-01-05", "2022-01-05")
    assert planned(sector("priority"), ended).loc["A0", "route"] == "approach"


def test_a_visit_in_the_window_is_agreed_with_and_one_after_it_is_not():
    soon, late = (visit("A0", "inspection", day, status="planned", lead="Inspectorate")
                  for day in ("2025-03-01", "2025-03-02"))  # fmt: skip
    row = planned(sector("watch"), soon).loc["A0"]
    assert (row["route"], row["with_whom"], row["kind"]) == (
        "coordinate",
        "Inspectorate",
        "inspection",
    )
    assert "1 March 2025" in row["reason"]
    assert planned(sector("watch"), late).loc["A0", "route"] == "approach"


@pytest.mark.parametrize("status", ["cancelled", "declined"])
def test_a_visit_that_does_not_take_place_is_in_nobodys_way(status):
    off = visit("A0", "inspection", "2024-10-01", status=status)
    assert planned(sector("watch"), off).loc["A0", "route"] == "approach"


def test_a_webinar_is_in_nobodys_way():
    talk = visit("A0", "webinar", "2024-10-01", status="planned")
    assert planned(sector("watch"), talk).loc["A0", "route"] == "approach"


def test_who_was_talked_to_not_long_ago_is_left_alone_until_a_day():
    talk = visit("A0", "early_warning_conversation", "2024-03-01")
    row = planned(sector("priority"), talk).loc["A0"]
    assert row["route"] == "hold"
    assert "not again before 1 March 2025" in row["reason"]
    old = visit("A0", "early_warning_conversation", "2023-03-01")
    assert planned(sector("priority"), old).loc["A0", "route"] == "approach"


def test_who_was_not_seen_for_long_or_never_is_reached_out_to():
    rows = (
        visit("A0", "corporate_peer_challenge", "2019-08-01"),
        visit("A1", "corporate_peer_challenge", "2022-08-01"),
        visit("A2", "inspection", "2022-08-01"),
    )
    found = planned(sector("none", "none", "none", "none"), *rows)
    assert found["route"].to_list() == ["reach out", "none", "reach out", "reach out"]
    assert "more than 5 years ago" in found.loc["A0", "reason"]
    assert "others have been there" in found.loc["A2", "reason"]
    assert "nobody has been there" in found.loc["A3", "reason"]


def test_a_graver_tier_comes_first_and_who_does_not_fit_is_told_its_place():
    found = planned(sector("watch", "priority", "watch"), capacity=2)
    assert found.index.to_list() == ["A1", "A0", "A2"]
    assert found["body"].to_list() == ["us", "us", ""]
    assert "Place 3 of 3" in found.loc["A2", "reason"]
    assert "after the 2" in found.loc["A2", "reason"]


def test_two_bodies_take_turns_as_often_as_they_are_able():
    found = planned(sector(*["watch"] * 5), capacity={"LGA": 1, "Ministry": 3})
    assert found["body"].to_list() == ["LGA", "Ministry", "Ministry", "Ministry", ""]


@pytest.mark.parametrize("options", [{"capacity": 0}, {"capacity": {}}, {"window_months": 0}])
def test_a_plan_without_room_is_refused(options):
    with pytest.raises(UsageError):
        planned(sector("watch"), **options)


days = st.dates(pd.Timestamp("2015-01-01").date(), pd.Timestamp("2027-01-01").date()).map(str)
some_visits = st.lists(
    st.builds(
        visit, st.sampled_from([f"A{i}" for i in range(8)]), st.sampled_from(KINDS), days,
        status=st.sampled_from(["planned", "ongoing", "completed", "cancelled"]),
        lead=st.sampled_from(["LGA", "Ministry", "<b>"]),
    ),
    max_size=25,
)  # fmt: skip


@settings(max_examples=60)
@given(
    tiers=st.lists(st.sampled_from(schema.TIERS), min_size=1, max_size=8),
    rows=some_visits,
    able=st.dictionaries(st.sampled_from(["LGA", "Audit"]), st.integers(1, 4), min_size=1),
)  # fmt: skip
def test_promises_of_every_plan(tiers, rows, able):
    """No authority gets two bodies, none under intervention is approached, all have a reason."""
    table = sector(*tiers)
    found = planned(table, *rows, capacity=able)
    assert sorted(found.index) == sorted(table["authority"])
    assert found.index.is_unique
    assert found["reason"].str.len().gt(0).all()
    assert found["route"].isin(schema.ROUTES).all()
    under = {
        row[0] for row in rows
        if row[1] == "intervention" and row[4] == "ongoing" and pd.Timestamp(row[2]) <= AS_OF
    }  # fmt: skip
    assert not found["route"].eq("approach")[found.index.isin(under)].any()
    assert found.loc[found["body"].ne(""), "route"].eq("approach").all()
    counts = found["body"].value_counts()
    assert all(counts.get(body, 0) <= n for body, n in able.items())
    room = min(sum(able.values()), int(found["route"].eq("approach").sum()))
    assert found["body"].ne("").sum() == room


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    from earlywarning import EarlyWarning, as_catalogue, as_panel, sample_tables
    from earlywarning.output import write_result

    sample = sample_tables()
    model = EarlyWarning(catalogue=as_catalogue(sample.catalogue), register=sample.register)
    folder = tmp_path_factory.mktemp("triage")
    write_result(model.fit_score(as_panel(sample.panel)), folder / "run")
    sample.engagements.to_csv(folder / "engagements.csv", index=False)
    return folder


def command(run, *more):
    told = ["triage", run / "run", "--engagements", run / "engagements.csv", *more]
    return CliRunner().invoke(app, [str(one) for one in told])


def test_the_command_writes_every_authority_and_shows_the_first(run, tmp_path):
    out = tmp_path / "plan.csv"
    result = command(run, "--capacity", "2", "--body", "LGA", "--body", "Ministry=1", "--out", out)
    assert result.exit_code == 0, result.output
    plan = pd.read_csv(out)
    assert list(plan) == list(schema.TRIAGE)
    assert len(plan) == 120
    assert plan["body"].value_counts().to_dict() == {"LGA": 2, "Ministry": 1}
    assert "Under intervention (1)" in result.output
    assert not out.with_name("plan.csv.part").exists()


@pytest.mark.parametrize("wrong", [["--window", "soon"], ["--body", "=3"], ["--body", "LGA=x"]])
def test_wrong_usage_of_the_command_is_told(run, tmp_path, wrong):
    result = command(run, *wrong, "--out", tmp_path / "plan.csv")
    assert result.exit_code == 2
    assert wrong[0] == "--body" or "--window: No length of time 'soon'. Write 24M" in result.stderr
    assert not (tmp_path / "plan.csv").exists()
