"""Figures stand on the right of a table, words on the left, on every page alike."""

import pytest

from earlywarning.report.columns import columns_of_words


def holds_words(*cells):
    table = [("row", "column"), *(("0.5", cell) for cell in cells)]
    first, second = columns_of_words(table)
    assert first
    return second


@pytest.mark.parametrize(
    "cell",
    ["7", "-1,143%", "−0.5", "£819", "+2", ".5", "2022/23", "2023-12-31", "0.70 (0.60 to 0.80)",
     "0.01 (-0.07 to 0.11)", "0.182 to 0.878", "-0.10 to 0.20", "1,204 of 2,000", "not known",
     "not listed", "not ranked", ""],
)  # fmt: skip
def test_a_column_of_figures_holds_no_words(cell):
    assert not holds_words("1.5", cell)


@pytest.mark.parametrize(
    "cell",
    ["new", "577 kg", "824 per 100,000", "4 June 2024", "2016 to 2018", "< 0.001", "x7", "-",
     "not known to not known", "not", "0.70 (low)", "1 of many"],
)  # fmt: skip
def test_one_cell_of_words_makes_a_column_of_words(cell):
    assert holds_words("1.5", cell)
    assert holds_words(cell)
