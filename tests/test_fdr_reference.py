"""False-flag control against the table of Benjamini and Hochberg, as it is done in `flags`."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from earlywarning.flags import raise_flags
from earlywarning.settings import Settings
from funnel_references import as_rows, compare, read, worst

REFERENCE = "Benjamini and Hochberg (1995), thrombolysis"
SHARE = 0.05  # their level, at which they reject four of the fifteen
REJECTED = 4


def adjusted():
    known = read("fdr_bh1995_thrombolysis.csv")
    ours = multipletests(known["p"].to_numpy(), method="fdr_bh")[1]
    yield compare(REFERENCE, ours, known["BH"])


def raised(share):
    """Return the flags raised of fifteen series with the p-values of the table."""
    known = read("fdr_bh1995_thrombolysis.csv")
    n = len(known)
    signals = pd.DataFrame({
        "authority": [f"E06{i:06d}" for i in range(1, n + 1)],
        "metric": "deaths", "period": "2022/23", "signal": "position",
        "value": 10.0, "expected": 5.0, "lower": 3.0, "upper": 7.0,
        "z": 2.0, "p": known["p"].to_numpy(), "direction": "up",
        "n_periods": 8, "n_peers": 14, "status": "ok",
    })  # fmt: skip
    metrics = pd.DataFrame({
        "metric": ["deaths"], "title": ["Deaths"], "theme": ["health"], "unit": ["rate"],
        "higher_is": ["worse"],
    })  # fmt: skip
    settings = Settings(false_flag_share=share, priority_share=min(share, 0.01))
    return known, raise_flags(signals.sample(frac=1, random_state=0), metrics, settings=settings)


def flagged():
    known, flags = raised(0.999)
    found = flags.sort_values("p", kind="stable")["q"].to_numpy()
    theirs = known["BH"].to_numpy()
    yield compare(f"{REFERENCE}, q of flags", found, theirs[theirs <= 0.999])


def agreements():
    return as_rows([*adjusted(), *flagged()])


def test_the_adjusted_p_values_are_those_of_r(shared):
    found = list(adjusted())
    assert found[0].n_values == 15
    assert worst(found).in_allowed <= 1, worst(found)


def test_four_of_the_fifteen_are_flagged_as_in_the_paper(shared):
    known, flags = raised(SHARE)
    assert len(flags) == REJECTED
    np.testing.assert_array_equal(np.sort(flags["p"]), known["p"][:REJECTED])


def test_the_q_of_a_flag_is_the_adjusted_p_value(shared):
    found = list(flagged())
    assert found[0].n_values == 14
    assert worst(found).in_allowed <= 1, worst(found)


@pytest.mark.parametrize("method", ["BY", "holm", "hochberg", "bonferroni"])
def test_no_other_correction_of_the_table_would_do(shared, method):
    """The test can fail: the other columns are further off than any rounding."""
    known = read("fdr_bh1995_thrombolysis.csv")
    ours = multipletests(known["p"].to_numpy(), method="fdr_bh")[1]
    assert compare(REFERENCE, ours, known[method]).in_allowed > 1e6
