"""`earlywarning validate`: was it right? Past flags set against what then happened."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from earlywarning.cli.options import (
    Authorities,
    Catalogues,
    Columns,
    Files,
    MetricName,
    Neighbours,
    NeighbourSet,
    PeriodKind,
    Sheet,
    typed_day,
)
from earlywarning.errors import UsageError


def validate(
    files: Files,
    *,
    outcomes: Annotated[
        Path | None, typer.Option(help="What happened (CSV): authority, outcome, date.")
    ] = None,
    together: Annotated[
        list[str] | None,
        typer.Option(
            "--outcome",
            metavar="NAME=KIND,KIND",
            help="Kinds judged together, under a name; may be repeated. Left out, each kind "
            "is judged by itself.",
        ),
    ] = None,
    horizon: Annotated[
        str, typer.Option(help="An outcome this soon after a look counts: 24M, 2Y.")
    ] = "24M",
    capacity: Annotated[int, typer.Option(min=1, help="Authorities listed at each look.")] = 20,
    as_of_every: Annotated[str, typer.Option(help="A look each year, quarter or month.")] = "year",
    known_until: Annotated[
        dt.datetime | None,
        typer.Option(
            parser=typed_day,
            metavar="YYYY-MM-DD",
            help="The last day the record of outcomes knows; that of its newest, if left out.",
        ),
    ] = None,
    areas: Annotated[
        Path | None,
        typer.Option(help="Population and deprivation of each authority (CSV), as baselines."),
    ] = None,
    points: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="A system of points (TOML) as a baseline; may be repeated."
        ),
    ] = None,
    engagements: Annotated[
        Path | None,
        typer.Option(help="Who was reviewed (CSV), where only the reviewed can be found out."),
    ] = None,
    reviewed: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=KIND,KIND",
            help="Engagements that can find an outcome of this name; may be repeated.",
        ),
    ] = None,
    freeze: Annotated[
        Path | None,
        typer.Option(help="Write what was chosen into this file, read no outcome, and end."),
    ] = None,
    lock: Annotated[
        Path | None, typer.Option(help="What was frozen before, to be held against.")
    ] = None,
    catalogue: Catalogues = None,
    authorities: Authorities = None,
    neighbours: Neighbours = None,
    neighbour_set: NeighbourSet = None,
    column: Columns = None,
    sheet: Sheet = None,
    metric: MetricName = None,
    period_kind: PeriodKind = None,
    jobs: Annotated[int, typer.Option(help="Looks made side by side; -1 for all cores.")] = 1,
    out: Annotated[Path, typer.Option(help="The folder for tables, pictures and the page.")] = Path(
        "earlywarning-validation"
    ),
) -> None:
    """Look back: what would have been flagged on past days, and what happened then?

    Example: earlywarning validate figures.csv --outcomes outcomes.csv --horizon 24M
    --capacity 20 --out validation
    """
    from earlywarning.cli.inputs import Reading
    from earlywarning.cli.lookback import Asked, freeze_plan, looked_back, plan_of

    if jobs < 1 and jobs != -1:
        raise UsageError("--jobs is 1 or more, or -1 for all cores.")
    reading = Reading(
        files=files, catalogues=catalogue or (), columns=column or (), sheet=sheet, metric=metric,
        period_kind=period_kind, authorities=authorities, neighbours=neighbours,
        neighbour_set=neighbour_set,
    )  # fmt: skip
    plan = plan_of(horizon, capacity, as_of_every, outcomes=together, reviews=reviewed)
    if freeze is not None:
        freeze_plan(reading, plan, freeze)
        return
    if outcomes is None:
        raise UsageError("Say what happened, with --outcomes FILE; or --freeze FILE to end before.")
    looked_back(
        Asked(
            reading, plan, outcomes, known_until, areas, points or [], engagements, lock, jobs, out
        )
    )
