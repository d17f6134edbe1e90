"""`earlywarning store` and `score-store`: more series than memory holds, on disk and scored."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from earlywarning.cli.options import (
    AsOf,
    Authorities,
    Catalogues,
    Columns,
    MetricName,
    Neighbours,
    NeighbourSet,
    PeriodKind,
    Sheet,
)

if TYPE_CHECKING:
    import datetime as dt

    from earlywarning.cli.inputs import Reading
    from earlywarning.cli.screen import Progress
    from earlywarning.panel import Panel
    from earlywarning.pipeline import EarlyWarning
    from earlywarning.stored import StoredResult

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="A store.")]


def store(
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[FILE]...", help="CSV, Parquet, Excel or JSON, taken in turn."),
    ] = None,
    *,
    into: Annotated[Path, typer.Option(help="The store's folder; made if there is none.")],
    revise: Annotated[
        bool, typer.Option("--revise", help="Values published later may revise what is there.")
    ] = False,
    compact: Annotated[
        bool, typer.Option("--compact", help="Then rewrite it in as few files as can be.")
    ] = False,
    catalogue: Catalogues = None,
    column: Columns = None,
    sheet: Sheet = None,
    metric: MetricName = None,
    period_kind: PeriodKind = None,
) -> None:
    """Put files into a store of Parquet files, all of them or none.

    Example: earlywarning store figures-*.csv --into figures-store
    """
    import earlywarning.store as stores
    from earlywarning.cli.inputs import Reading
    from earlywarning.cli.screen import say
    from earlywarning.errors import UsageError

    if not files and not compact:
        raise UsageError("There is no file to store. Name at least one, or give --compact.")
    reading = Reading(
        files or (), catalogue or (), column or (), sheet, metric, period_kind=period_kind
    )
    if files:
        put = stores.revise if revise else stores.append
        put(into, _panels(reading))
    found = stores.compact(into) if compact else stores.open_store(into)
    say(
        f"'{into}' holds {len(found.metrics):,} metrics of {len(found.authorities):,} authorities "
        f"in {found.n_rows:,} rows. Issues on the way in: {len(found.issues):,}."
    )


def _panels(reading: Reading) -> Iterator[Panel]:
    """Read one file after another; what is typed wrongly is said before the first is opened."""
    from dataclasses import replace

    from earlywarning.cli.inputs import columns_of, read_inputs, refuse_missing

    columns_of(reading.columns)
    refuse_missing(reading)
    for file in reading.files:
        yield read_inputs(replace(reading, files=[file])).panel


def score_store(
    folder: Folder,
    *,
    catalogue: Catalogues = None,
    authorities: Authorities = None,
    neighbours: Neighbours = None,
    neighbour_set: NeighbourSet = None,
    as_of: AsOf = None,
    cores: Annotated[int, typer.Option(min=1, help="How many cores to use.")] = 1,
    flags_only: Annotated[
        bool, typer.Option("--flags-only", help="Leave out the authorities' scores.")
    ] = False,
    out: Annotated[
        Path, typer.Option(help="The results folder; an earlier one is replaced.")
    ] = Path("earlywarning-out"),
) -> None:
    """Score a store, some metrics at a time, and write flags and scores as CSV files.

    Example: earlywarning score-store figures-store --cores 2 --out results
    """
    from earlywarning.cli.inputs import Reading, refuse_missing
    from earlywarning.cli.screen import say
    from earlywarning.flags import at_most
    from earlywarning.output.stored import FLAGS_ONLY, STORED_TABLES, place_of_stored, write_stored

    about = Reading(
        (), catalogue or (), authorities=authorities, neighbours=neighbours,
        neighbour_set=neighbour_set,
    )  # fmt: skip
    refuse_missing(about)
    place_of_stored(out).check()
    result = _scored(folder, about, as_of, cores)
    write_stored(result, out, tables=FLAGS_ONLY if flags_only else STORED_TABLES)
    say(
        f"{result.counts['series']:,} series as known on {result.as_of:%Y-%m-%d}: "
        f"{len(result.flags):,} flags, of which at most {at_most(result.expected_false_flags):,} "
        f"are expected to be false. Written to '{out}'."
    )


def _scored(
    folder: Path, about: Reading, as_of: dt.datetime | None, cores: int
) -> StoredResult:  # fmt: skip
    """Score a store by what was said of metrics and authorities."""
    import joblib

    from earlywarning.cli.screen import progress
    from earlywarning.cli.workers import start_workers
    from earlywarning.store import open_store
    from earlywarning.stored import score_store

    start_workers(cores)
    with progress() as show, joblib.parallel_config(n_jobs=cores):
        return score_store(open_store(folder), _model(about, show), as_of=as_of)


def _model(about: Reading, show: Progress) -> EarlyWarning:
    """Return the model for what was said of metrics and authorities."""
    from earlywarning.authorities import read_neighbours, read_register
    from earlywarning.cli.inputs import one_catalogue
    from earlywarning.pipeline import EarlyWarning

    known, near = about.authorities, about.neighbours
    return EarlyWarning(
        catalogue=one_catalogue(about.catalogues),
        register=None if known is None else read_register(known),
        neighbours=None if near is None else read_neighbours(near, set_name=about.neighbour_set),
        progress=show,
    )
