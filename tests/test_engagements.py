import pandas as pd
import pytest

from earlywarning import sample_tables
from earlywarning.engagements import read_engagements
from earlywarning.errors import EngagementsError
from earlywarning.schema import ENGAGEMENTS


def row(**changes):
    return {"authority": "E1", "kind": "inspection", "start": "2024-05-01"} | changes


def test_the_samples_calendar_is_read_whole():
    calendar = read_engagements(sample_tables().engagements)
    assert list(calendar) == list(ENGAGEMENTS)
    assert len(calendar) == len(sample_tables().engagements)


def test_usual_names_are_known_and_what_is_not_said_is_completed(tmp_path):
    path = tmp_path / "visits.csv"
    path.write_text("Authority Code,Engagement Type,Start Date\nE1,webinar,2024-05-01\n")
    found = read_engagements(path).iloc[0]
    assert (found["kind"], found["status"], found["lead"]) == ("webinar", "completed", "")
    assert pd.isna(found["end"])


def test_all_that_is_wrong_is_named_at_once():
    rows = [
        row(authority=""), row(kind=None), row(start="soon"), row(end="2024-01-01"),
        row(status="maybe"),
    ]  # fmt: skip
    with pytest.raises(EngagementsError) as told:
        read_engagements(pd.DataFrame(rows))
    for word in ("No authority's code", "No kind", "soon", "End before start: E1", "maybe"):
        assert word.lower().replace("'s code", "") in str(told.value).lower()


def test_a_table_without_a_column_that_is_needed_is_refused():
    with pytest.raises(EngagementsError, match="o column 'start'"):
        read_engagements(pd.DataFrame({"authority": ["E1"], "kind": ["webinar"]}))
