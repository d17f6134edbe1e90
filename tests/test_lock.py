import datetime as dt
import json

import pytest

from earlywarning import EarlyWarning, Settings
from earlywarning.errors import DataRefusedError, UsageError
from earlywarning.validation.lock import lock_of, read_lock, verdict, write_lock
from earlywarning.validation.plan import Plan

TODAY = dt.date(2025, 3, 1)


def lock(today=TODAY, settings=None, **plan):
    return lock_of(Plan(**plan), EarlyWarning(settings=settings), today)


def test_a_lock_reads_back_and_stands_on_a_later_day(tmp_path):
    write_lock(lock(), tmp_path / "lock.json")
    word, sentence = verdict(read_lock(tmp_path / "lock.json"), lock(dt.date(2026, 1, 1)))
    assert word == "frozen"
    assert "1 March 2025" in sentence


def test_a_lock_is_never_replaced(tmp_path):
    write_lock(lock(), tmp_path / "lock.json")
    with pytest.raises(UsageError, match="stays frozen"):
        write_lock(lock(capacity=5), tmp_path / "lock.json")


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"capacity": 5}, "plan"),
        ({"outcomes": {"a": ["b"]}}, "plan"),
        ({"settings": Settings(min_peers=9)}, "settings"),
    ],
)
def test_whatever_was_changed_is_named(changed, part):
    word, sentence = verdict(lock(), lock(**changed))
    assert word == "chosen with hindsight"
    assert part in sentence


def test_a_changed_plan_is_told_by_its_values():
    assert "horizon 24M to 36M" in verdict(lock(), lock(horizon="36M"))[1]


def test_without_a_lock_all_is_hindsight():
    assert verdict(None, lock())[0] == "chosen with hindsight"


@pytest.mark.parametrize("place", ["fingerprint", "parts", "chosen"])
def test_an_edited_lock_is_refused(tmp_path, place):
    held = json.loads(lock().to_json())
    if place == "fingerprint":
        held["fingerprint"] = "0" * 64
    elif place == "parts":
        held["parts"]["settings"] = "0" * 64
    else:
        held["chosen"]["plan"]["capacity"] = 99
    path = tmp_path / "lock.json"
    path.write_text(json.dumps(held))
    with pytest.raises(DataRefusedError, match="changed after"):
        read_lock(path)


@pytest.mark.parametrize("text", ["", "{}", "null", '{"frozen": "soon"}'])
def test_a_file_that_is_no_lock_is_refused(tmp_path, text):
    path = tmp_path / "lock.json"
    path.write_text(text)
    with pytest.raises(DataRefusedError, match="no lock"):
        read_lock(path)


def test_a_plan_refuses_unknown_names_and_empty_numbers():
    for wrong in ({"horizn": "24M"}, {"capacity": 0}, {"horizon": "soon"}, {"every": "week"}):
        with pytest.raises(ValueError, match="validation error"):
            Plan(**wrong)
