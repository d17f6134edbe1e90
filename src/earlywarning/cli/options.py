"""The options that several commands share: their names and their help."""

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer


def typed_day(text: str) -> dt.datetime:
    """Return a day that was typed.

    Examples
    --------
    >>> typed_day("2025-02-28").day
    28
    """
    try:
        return dt.datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        told = f"{text!r} is no day: write it as 2025-02-28."
        raise typer.BadParameter(told) from None


Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILE", help="CSV, Parquet, Excel or JSON files; read as one panel."),
]
Catalogues = Annotated[
    list[str] | None,
    typer.Option(
        "--catalogue",
        metavar="FILE|NAME",
        help="What the metrics are: a TOML or CSV file, or one that comes with the library "
        "(oflog, outcomes-framework, finance); may be repeated, the first counts. "
        "Left out, metrics are matched by name with all that come with the library.",
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="ROLE=NAME",
        help="Which column is which where it is not recognised, such as "
        "authority='LA code'; may be repeated.",
    ),
]
Sheet = Annotated[
    str | None, typer.Option(help="The one sheet of a workbook to read; all that fit, if left out.")
]
MetricName = Annotated[
    str | None, typer.Option("--metric", help="The metric's name, for files that do not name it.")
]
PeriodKind = Annotated[
    str | None,
    typer.Option(
        help="Settles labels that can be read in two ways, such as 'financial year'.",
    ),
]
Authorities = Annotated[
    Path | None,
    typer.Option(
        help="A register (CSV): type, region, start, end and successor of each authority. "
        "With it, history is carried to successors."
    ),
]
Neighbours = Annotated[
    Path | None, typer.Option(help="Whom to compare each authority with (CSV); its type, if not.")
]
NeighbourSet = Annotated[
    str | None, typer.Option(help="Which set to take, where the file of neighbours holds several.")
]
AsOf = Annotated[
    dt.datetime | None,
    typer.Option(
        parser=typed_day,
        metavar="YYYY-MM-DD",
        help="Score as it stood that day; nothing published later takes part. "
        "The newest publication's day, if left out.",
    ),
]
