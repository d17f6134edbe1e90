"""`earlywarning site`: a folder of pages about a run, from its results folder alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from earlywarning.output import Place, Run
    from earlywarning.report.site import Ran


def site(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="A folder that score wrote.")],
    *,
    out: Annotated[
        Path | None,
        typer.Option(help="The folder for the pages; RESULTS with -site at its end by default."),
    ] = None,
) -> None:
    """Write pages to look at: all authorities, metrics and themes, with their flags and drawings.

    They need no server and no network: open index.html, or put the folder on a shared drive.

    Example: earlywarning site earlywarning-out
    """
    from earlywarning.cli.screen import say_command

    folder = results.resolve()
    written = write_site(results, out or folder.with_name(f"{folder.name}-site"))
    say_command(f'Open "{written / "index.html"}" in a browser')


def write_site(results: Path, out: Path) -> Path:
    """Write the site of a results folder, whole or not at all; an earlier one is replaced."""
    from earlywarning.cli.screen import progress
    from earlywarning.output import read_result
    from earlywarning.report.site import n_pages, site_pages

    place = place_of_site(out)
    place.check()
    written = read_result(results)
    with progress() as show:
        show("reading", 0, 1)
        told = written.explained
        show("reading", 1, 1)
        with place.replaced() as part:
            for done, (name, text) in enumerate(site_pages(told, ran_of(written.run)), 1):
                (part / name).write_text(text, encoding="utf-8", newline="\n")
                show("writing pages", done, n_pages(told))
    return out


def place_of_site(folder: Path) -> Place:
    """Return the place for a site; `check` refuses where something else stands."""
    from earlywarning.output import Place
    from earlywarning.report.site import BEGINS, SITE_FILES

    return Place(folder, SITE_FILES, "index.html", BEGINS)


def ran_of(run: Run) -> Ran:
    """Return what was run, as the pages say it."""
    from earlywarning.report.site import Ran

    return Ran(
        version=run.earlywarning,
        expected_false_flags=run.expected_false_flags,
        settings=run.settings.model_dump(),
        versions=run.versions,
        inputs=[(read.role, read.name, read.size, read.sha256) for read in run.inputs],
        options=run.options,
    )
