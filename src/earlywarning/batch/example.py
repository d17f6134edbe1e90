"""Which configuration does one begin with?

`example` fills it in with the files that lie beside it, in `data` or in `data/sample`, so that
it runs as it is; what is not there is left as a comment.
"""

from __future__ import annotations

import json
from pathlib import Path

PLACES = ("", "data", "data/sample")
KINDS = ("*.csv", "*.csv.gz", "*.parquet", "*.xlsx")
CATALOGUES = ("catalogue.toml", "catalogue.csv")

TEMPLATE = """\
# What `earlywarning run` does. Paths are relative to this file's folder.
# A line that starts with # is left out; what it shows is what counts without it,
# or an example. Try it with: earlywarning run {name} --dry-run

[inputs]
# CSV, Parquet and Excel files, or patterns such as "data/**/*.csv"; read as one panel.
# A file that cannot be read is named in issues.csv, and the run goes on without it.
files = {files}
# Files, or built-in: "oflog", "outcomes-framework", "finance"; the first to know a metric counts.
{catalogue}
# Type, region, start, end and successor of each authority; with it, history goes to successors.
{authorities}
# Whom to compare each authority with; without it, those of its type.
{neighbours}
# neighbour_set = "name"  # where the file of neighbours holds several
# Visits and conversations; with it, triage.csv plans who talks to whom. No flag rests on it.
{engagements}
# What authorities replied to flags, as 'earlywarning challenge' keeps it. Shown on their pages.
{challenges}
# A saved model to judge by; it brings catalogue, authorities, neighbours and settings with it.
# drift.csv then says which new figures are no longer like those it learnt from.
# model = "models/2024"
# sheet = "Data"  # the one sheet of workbooks to read
# metric = "debt"  # the metric of files that do not name it
# period_kind = "financial year"  # settles labels that can be read in two ways
# columns = {{ authority = "LA code", value = "Figure" }}  # where they are not recognised

[output]
folder = "runs"  # runs/<as of>-<id>/, and runs/latest.json that says which is the latest
keep = 12  # how many of the newest runs are kept
# sector = true  # with the tables that `earlywarning sector` shows
# site = true  # with pages to look at: runs/<as of>-<id>/site/index.html

# [triage]  # asked for where engagements are known
# capacity = {{ "Improvement body" = 6, "Audit" = 4 }}  # conversations in the window; or 10
# window = "6M"  # how far one plans

[settings]  # every threshold has a default: see the page on settings
max_unassessed = 0.10  # share of series; with more that cannot be assessed, nothing is published
# false_flag_share = 0.10  # of flags
"""


def example(folder: Path, name: str = "earlywarning.toml") -> tuple[str, list[str]]:
    """Return a configuration for the files of a folder, and which files with metrics it reads.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "figures.csv").write_text("a")
    ...     text, found = example(Path(folder))
    >>> found, 'files = ["*.csv"]' in text, '# catalogue = ["catalogue.toml"]' in text
    (['*.csv'], True, True)
    """
    place, found = next(
        ((place, kinds) for place in PLACES if (kinds := _kinds(folder / place))), ("", [])
    )
    start = f"{place}/" if place else ""
    files = [start + kind for kind in found]
    catalogue = next((one for one in CATALOGUES if (folder / place / one).is_file()), "")
    more = {
        role: _line(role, json.dumps(f"{start}{role}.csv"), folder / place / f"{role}.csv")
        for role in ("authorities", "neighbours", "engagements", "challenges")
    }
    text = TEMPLATE.format(
        name=name,
        files=json.dumps(files or ["data/*.csv"]),
        catalogue=_line(
            "catalogue",
            json.dumps([start + (catalogue or CATALOGUES[0])]),
            folder / place / (catalogue or CATALOGUES[0]),
        ),
        **more,
    )
    return text, files


def _kinds(folder: Path) -> list[str]:
    """Return a pattern for each kind of table here; the panel alone, if it is named so."""
    if (folder / "panel.csv").is_file():
        return ["panel.csv"]
    return [kind for kind in KINDS if folder.is_dir() and any(folder.glob(kind))]


def _line(key: str, value: str, path: Path) -> str:
    return f"{'' if path.is_file() else '# '}{key} = {value}"
