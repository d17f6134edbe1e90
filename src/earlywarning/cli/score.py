"""`earlywarning score`: from files to a results folder and a short summary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from earlywarning.cli.options import (
    AsOf,
    Authorities,
    Catalogues,
    Columns,
    Files,
    MetricName,
    Neighbours,
    NeighbourSet,
    PeriodKind,
    Sheet,
)

if TYPE_CHECKING:
    import datetime as dt

    from earlywarning.cli.inputs import Reading
    from earlywarning.result import Result


def score(
    files: Files,
    *,
    catalogue: Catalogues = None,
    authorities: Authorities = None,
    neighbours: Neighbours = None,
    neighbour_set: NeighbourSet = None,
    as_of: AsOf = None,
    column: Columns = None,
    sheet: Sheet = None,
    metric: MetricName = None,
    period_kind: PeriodKind = None,
    out: Annotated[
        Path, typer.Option(help="The results folder; an earlier one is replaced.")
    ] = Path("earlywarning-out"),
    sector: Annotated[
        bool, typer.Option("--sector", help="Write the tables that the command sector shows, too.")
    ] = False,
) -> None:
    """Score every authority, and write flags, reasons and scores as CSV files.

    Example: earlywarning score figures.csv --catalogue finance --out results
    """
    from earlywarning.cli.inputs import Reading
    from earlywarning.cli.screen import say_command
    from earlywarning.cli.summary import summary
    from earlywarning.output import SECTOR

    reading = Reading(
        files=files,
        catalogues=catalogue or (),
        columns=column or (),
        sheet=sheet,
        metric=metric,
        period_kind=period_kind,
        authorities=authorities,
        neighbours=neighbours,
        neighbour_set=neighbour_set,
    )
    result = scored(reading, as_of, out, beside=SECTOR if sector else ())
    summary(result, out)
    for code in result.authorities.sort_values(["rank", "authority"])["authority"].head(1):
        say_command(f'earlywarning explain "{out}" "{code}"')


def scored(
    reading: Reading, as_of: dt.datetime | None, out: Path, *, beside: Sequence[str] = ()
) -> Result:
    """Read, score and write; whatever stands in the way is said before the work begins.

    `beside` names tables of the result that are written besides the usual ones.
    """
    from earlywarning.cli.inputs import read_inputs
    from earlywarning.cli.screen import progress
    from earlywarning.output import place_of_results, write_result
    from earlywarning.output.run import input_of
    from earlywarning.pipeline import EarlyWarning

    place_of_results(out).check()
    with progress() as show:
        show("reading", 0, 1)
        found = read_inputs(reading)
        show("reading", 1, 1)
        model = EarlyWarning(
            catalogue=found.catalogue,
            register=found.register,
            neighbours=found.neighbours,
            progress=show,
        )
        result = model.fit_score(found.panel, as_of=as_of)
        show("writing", 0, 1)
        inputs = [input_of(role, path) for role, path in reading.named()]
        more = {name: getattr(result, name) for name in beside}
        write_result(result, out, inputs=inputs, options=reading.options(), beside=more)
    return result
