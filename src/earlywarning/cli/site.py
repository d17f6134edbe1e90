"""`earlywarning site`: a folder of pages about a run, from its results folder alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def site(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="A folder that score wrote.")],
    *,
    out: Annotated[
        Path | None,
        typer.Option(help="The folder for the pages; RESULTS with -site at its end by default."),
    ] = None,
    challenges: Annotated[
        Path | None,
        typer.Option(help="What was replied (CSV); challenges.csv beside the folder, if left out."),
    ] = None,
) -> None:
    """Write pages to look at: all authorities, metrics and themes, with their flags and drawings.

    They need no server and no network: open index.html, or put the folder on a shared drive.

    Example: earlywarning site earlywarning-out
    """
    from earlywarning.cli.paths import refuse_absent
    from earlywarning.cli.screen import progress, say_command
    from earlywarning.output import read_result, write_site
    from earlywarning.replies import kept_challenges

    refuse_absent([challenges], [results])
    folder = results.resolve()
    beside = folder.with_name(f"{folder.name}-site")
    found = read_result(results)
    said = kept_challenges(found, log=challenges)
    with progress() as show:
        written = write_site(found, out or beside, challenges=said, progress=show)
    say_command(f'Open "{written / "index.html"}" in a browser')
