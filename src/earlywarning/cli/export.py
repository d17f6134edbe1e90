"""`earlywarning export`: a results folder as a workbook, as JSON or as Parquet files."""

from pathlib import Path
from typing import Annotated

import typer


def export(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="A folder that score wrote.")],
    to: Annotated[
        Path,
        typer.Argument(metavar="TO", help="NAME.xlsx, NAME.json, or a folder for Parquet files."),
    ],
) -> None:
    """Copy all tables of a result into a workbook, JSON, or Parquet files.

    Example: earlywarning export results results.xlsx
    """
    from earlywarning.cli.paths import among_results, refuse_absent
    from earlywarning.cli.screen import say
    from earlywarning.errors import UsageError
    from earlywarning.output import export_result

    refuse_absent([], [results])
    if problem := among_results(to):
        raise UsageError(problem)
    say(f"Written: {export_result(results, to)}.")
