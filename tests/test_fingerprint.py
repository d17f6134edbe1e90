import functools
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from earlywarning import Settings
from earlywarning.errors import UsageError
from earlywarning.validation.fingerprint import fingerprint
from earlywarning.validation.plan import Plan

THINGS = [
    *(None, 1, 1.0, "1", True, len, sorted, functools.partial(sorted, reverse=True)),
    *([1, 2], [2, 1], [[1], 2], {"a": 1}, {"a": 2}, pd.Timestamp("2020-01-01")),
    *(pd.DataFrame({name: x}) for name in "ab" for x in ([1.0, 2.0], [2.0, 1.0], ["x", ""])),
    *(np.array([1.0, np.nan]), pd.Series(["x", None]), pd.Series(["x", ""])),
    *(Settings(), Settings(min_peers=7), Plan(), Plan(capacity=3)),
]


def test_different_things_have_different_fingerprints():
    assert len({fingerprint(thing) for thing in THINGS}) == len(THINGS)


def test_words_kept_as_categories_are_the_same_words():
    table = pd.DataFrame({"word": ["b", "a", None]})
    kept = table.astype({"word": pd.CategoricalDtype(["x", "a", "b"])})
    assert fingerprint(table) == fingerprint(kept)


def test_two_arguments_are_not_one():
    assert fingerprint("ab", "c") != fingerprint("a", "bc")


def test_it_is_the_same_in_another_process():
    code = (
        "from earlywarning.validation.fingerprint import fingerprint as f\n"
        "from earlywarning import Settings\n"
        "import pandas as pd\n"
        "print(f(Settings(), {'b', 'a'}, pd.DataFrame({'x': ['é', None]})))"
    )
    here = fingerprint(Settings(), {"a", "b"}, pd.DataFrame({"x": ["é", None]}))
    for seed in ("1", "2"):
        told = subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert told.stdout.strip() == here


def test_a_thing_of_another_kind_is_refused():
    with pytest.raises(UsageError, match="complex"):
        fingerprint(1j)
