"""`earlywarning model`: fitted models, saved, listed, shown, compared, held against new data."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    import pandas as pd

    from earlywarning.registry.manifest import Manifest

Model = Annotated[Path, typer.Argument(metavar="MODEL", help="The folder of a saved model.")]

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Save what was learnt, list, show and compare models, and tell drift from them.",
)


@app.command(short_help="Learn from files, and keep what was learnt.")
def save(
    files: Files,
    *,
    out: Annotated[Path, typer.Option(help="The model's folder; an earlier one is replaced.")],
    catalogue: Catalogues = None,
    authorities: Authorities = None,
    neighbours: Neighbours = None,
    neighbour_set: NeighbourSet = None,
    as_of: AsOf = None,
    column: Columns = None,
    sheet: Sheet = None,
    metric: MetricName = None,
    period_kind: PeriodKind = None,
) -> None:
    """Learn how each metric moves, from all that was published by a day, and save it.

    Example: earlywarning model save figures.csv --catalogue finance --out models/2024
    """
    from earlywarning.cli.inputs import Reading, read_inputs
    from earlywarning.cli.screen import progress, say
    from earlywarning.pipeline import EarlyWarning
    from earlywarning.registry import save_model
    from earlywarning.registry.saving import place_of_model

    place_of_model(out).check()
    reading = Reading(
        files, catalogue or (), column or (), sheet, metric, period_kind, authorities,
        neighbours, neighbour_set,
    )  # fmt: skip
    with progress() as show:
        found = read_inputs(reading)
        model = EarlyWarning(
            catalogue=found.catalogue, register=found.register, neighbours=found.neighbours,
            progress=show,
        )  # fmt: skip
        model.fit(found.panel if as_of is None else found.panel.known_at(as_of))
        save_model(model, out)
    fitted = model.learnt_
    say(f"Saved in '{out}': {len(fitted.metrics):,} metrics, as of {fitted.as_of:%Y-%m-%d}.")


@app.command("list", short_help="List the models of a folder.")
def list_(
    folder: Annotated[Path, typer.Argument(help="What the models' folders stand in.")] = Path(
        "models"
    ),
) -> None:
    """List the saved models of a folder, and say of each whether it can be used.

    Example: earlywarning model list models
    """
    from earlywarning.cli.screen import say
    from earlywarning.registry import list_models

    found = list_models(folder)
    if found.empty:
        say(f"No model in '{folder}'. Save one with 'earlywarning model save'.")
        return
    _print(found, " rr")


@app.command(short_help="Say what a model is.")
def show(model: Model) -> None:
    """Say when a model was fitted, on what, with which settings and versions.

    Example: earlywarning model show models/2024
    """
    from earlywarning.cli.screen import heading, say, table
    from earlywarning.registry.loading import open_model

    found = open_model(model)
    manifest = found.manifest
    say(
        f"As of {manifest.as_of}, by earlywarning {manifest.earlywarning}, format {found.format}: "
        f"{len(manifest.metrics):,} metrics, {len(manifest.words.authorities):,} authorities.",
        f"Data learnt from: {manifest.data}",
    )
    heading("Metrics")
    headers = ("metric", "authorities", "frequency", "to", "in it", "missing")
    table(headers, _looks(manifest), numbers=" r  rr")
    heading("Settings and versions")
    table(("name", "value"), [*manifest.settings, *manifest.versions.items()])


@app.command(short_help="Say in what two models differ.")
def compare(first: Model, second: Model) -> None:
    """List all in which two models differ.

    Example: earlywarning model compare models/2023 models/2024
    """
    from earlywarning.cli.screen import say
    from earlywarning.registry import compare_models, load_model

    found = compare_models(load_model(first), load_model(second))
    if found.empty:
        say("They do not differ.")
        return
    _print(found)


@app.command(short_help="Say whether new data are like those learnt from.")
def drift(
    model: Model,
    files: Files,
    *,
    as_of: AsOf = None,
    column: Columns = None,
    sheet: Sheet = None,
    metric: MetricName = None,
    period_kind: PeriodKind = None,
) -> None:
    """Set files against what a model learnt from: coverage, gaps, level and spread of each metric.

    Example: earlywarning model drift models/2024 figures.csv
    """
    from earlywarning.cli.inputs import Reading, columns_of, refuse_missing
    from earlywarning.cli.screen import table
    from earlywarning.readers import read_panel
    from earlywarning.registry import drift as drift_of
    from earlywarning.registry import load_model

    refuse_missing(Reading(files))
    fitted = load_model(model)
    panel = read_panel(
        list(files), columns=columns_of(column or ()), catalogue=fitted.catalogue,
        settings=fitted.settings, sheet=sheet, metric=metric, period_kind=period_kind,
    )  # fmt: skip
    found = drift_of(fitted, panel, as_of=as_of)
    rows = [
        (row.metric, row.period,
         f"{_known(row.coverage, '.0%')} ({_known(row.coverage_learnt, '.0%')})",
         f"{_known(row.gaps, '.0%')} ({_known(row.gaps_learnt, '.0%')})",
         _known(row.shift, "+.2f"), _known(row.spread_ratio, ".2f"), row.status)
        for row in found.itertuples()
    ]  # fmt: skip
    headers = ("metric", "to", "in it (learnt)", "missing", "shift", "spread", "status")
    table(headers, rows, numbers="  rrrr")


def _known(number: Any, form: str) -> str:
    """Return a number as text, a dash where there is none."""
    return "–" if math.isnan(number) else format(number, form)


def _looks(manifest: Manifest) -> list[tuple[object, ...]]:
    """Return one row a metric: what it looked like."""
    return [
        (look.metric, f"{look.n_authorities:,}", look.frequency, look.period,
         f"{look.coverage:.0%}", f"{look.gaps:.0%}")
        for look in manifest.metrics
    ]  # fmt: skip


def _print(found: pd.DataFrame, numbers: str = "") -> None:
    """Print a table as it is, numbers shortened."""
    from earlywarning.cli.screen import table

    rows = [[_short(cell) for cell in row] for row in found.itertuples(index=False)]
    table([str(name) for name in found], rows, numbers=numbers)


def _short(cell: object) -> str:
    import pandas as pd

    if isinstance(cell, pd.Timestamp):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float):
        return "" if pd.isna(cell) else f"{cell:.3g}"
    return "" if cell is None or cell is pd.NA or cell is pd.NaT else str(cell)
