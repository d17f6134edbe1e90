"""Damaged files are read or refused, never a crash; `benchmarks.fuzz` does it 100,000 times."""

import numpy as np
import pytest
from benchmarks.fuzz import PUBLISHED, damaged, kinds_of_files, tried

KINDS = {kind.name: kind for kind in kinds_of_files()}
FEWER = {f"panel, {name}": 5 for name, _, _ in PUBLISHED}  # opened as those above them are


@pytest.mark.parametrize("name", KINDS)
def test_a_good_file_is_read(tmp_path, name):
    path = tmp_path / f"input{KINDS[name].ending}"
    path.write_bytes(KINDS[name].good)
    assert tried(KINDS[name], path) == "read"


@pytest.mark.parametrize("name", KINDS)
def test_a_damaged_file_is_read_or_refused(tmp_path, name):
    path = tmp_path / f"input{KINDS[name].ending}"
    for seed in range(FEWER.get(name, 40)):
        path.write_bytes(damaged(KINDS[name].good, np.random.default_rng(seed)))
        assert tried(KINDS[name], path) in ("read", "refused"), seed
        assert list(tmp_path.iterdir()) == [path]


def test_what_is_not_ours_is_told_and_not_taken_for_a_refusal(tmp_path):
    from benchmarks.fuzz import Kind

    def broken(path):
        raise KeyError("x")

    path = tmp_path / "input.csv"
    path.write_bytes(b"")
    assert "KeyError" in tried(Kind("broken", ".csv", b"", broken), path)
