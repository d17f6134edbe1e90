"""A results folder: everything that came out, as CSV files and one `run.json`.

`write_result` writes it, whole or not at all; `read_result` opens it, and refuses what is
damaged. The same inputs and settings give the same bytes: no clock, no path of a machine.
`export_result` copies it into a workbook, JSON or Parquet files, `write_site` into web pages.
`place` knows how a folder is replaced, `cells` how a table is written.
"""

from earlywarning.output.exported import export_result
from earlywarning.output.pages import place_of_site, write_pages, write_site
from earlywarning.output.place import Place
from earlywarning.output.results import (
    SECTOR,
    SITE,
    TABLES,
    Written,
    place_of_results,
    read_result,
    write_result,
)
from earlywarning.output.run import Input, Run

__all__ = [
    "SECTOR", "SITE", "TABLES", "Input", "Place", "Run", "Written", "export_result",
    "place_of_results", "place_of_site", "read_result", "write_pages", "write_result", "write_site",
]  # fmt: skip
