"""A site of pages about a run, from its results folder alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from earlywarning.output.place import Place
from earlywarning.output.results import Written, read_result
from earlywarning.output.run import Run
from earlywarning.report import site

if TYPE_CHECKING:
    from earlywarning.pipeline import Progress


def write_site(
    results: Path | str | Written,
    out: Path | str,
    *,
    challenges: pd.DataFrame | None = None,
    progress: Progress | None = None,
) -> Path:
    """Write pages to look at, whole or not at all; an earlier site there is replaced.

    Parameters
    ----------
    results : path or Written
        A results folder, as from `write_result`; or one that `read_result` opened.
    out : path
        The folder for the pages; open its `index.html` in any browser.
    challenges : DataFrame, optional
        As from `earlywarning.replies.read_challenges`: what was replied to flags.
    progress : callable, optional
        Called with what is being done, how much of it is done, and how much there is.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    DataRefusedError
        If the results folder is missing or damaged.
    UsageError
        If something else stands there, or it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from earlywarning import EarlyWarning, as_panel, sample_tables, write_result
    >>> panel = as_panel(sample_tables().panel.query("metric == 'roads_poor_pct'"))
    >>> result = EarlyWarning().fit_score(panel)
    >>> with TemporaryDirectory() as folder:
    ...     pages = write_site(write_result(result, Path(folder, "run")), Path(folder, "pages"))
    ...     (pages / "index.html").is_file()
    True
    """
    place = place_of_site(out)
    place.check()
    written = results if isinstance(results, Written) else read_result(results)
    with place.replaced() as part:
        write_pages(written, part, challenges=challenges, progress=progress)
    return Path(out)


def write_pages(
    written: Written,
    folder: Path,
    *,
    challenges: pd.DataFrame | None = None,
    progress: Progress | None = None,
) -> None:
    """Write the pages of a site into a folder that is there.

    Parameters
    ----------
    written : Written
        As from `read_result`.
    folder : Path
        Where to; a page that is there is replaced.
    challenges, progress : optional
        As for `write_site`.
    """
    show = progress or (lambda *_: None)
    show("reading", 0, 1)
    told = written.explained
    if challenges is not None:
        told = replace(told, challenges=challenges)
    show("reading", 1, 1)
    for done, (name, text) in enumerate(site.site_pages(told, _ran_of(written.run)), 1):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        show("writing pages", done, site.n_pages(told))


def place_of_site(out: Path | str) -> Place:
    """Return the place for a site; `check` refuses where something else stands.

    Examples
    --------
    >>> place_of_site("pages").part.name
    'pages.part'
    """
    return Place(Path(out), site.SITE_FILES, "index.html", site.BEGINS)


def _ran_of(run: Run) -> site.Ran:
    """Return what was run, as the pages say it."""
    return site.Ran(
        version=run.earlywarning,
        expected_false_flags=run.expected_false_flags,
        settings=run.settings.model_dump(),
        versions=run.versions,
        inputs=[(read.role, read.name, read.size, read.sha256) for read in run.inputs],
        options=run.options,
    )
