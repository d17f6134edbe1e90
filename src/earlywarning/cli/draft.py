"""`earlywarning catalogue`: a draft that says which way is worse, to be filled in."""

from pathlib import Path
from typing import Annotated

import typer

from earlywarning.cli.options import Columns, Files, MetricName, PeriodKind, Sheet

SHOWN = 10  # metrics named that are to be filled in


def catalogue(
    files: Files,
    *,
    column: Columns = None,
    sheet: Sheet = None,
    metric: MetricName = None,
    period_kind: PeriodKind = None,
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("catalogue.toml"),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
) -> None:
    """Draft a catalogue of the files' metrics, to be filled in and given to score.

    Example: earlywarning catalogue figures.csv --out catalogue.toml
    """
    import pandas as pd

    from earlywarning.catalogue import draft, match_built_in, write_toml
    from earlywarning.cli.inputs import Reading, read_inputs
    from earlywarning.cli.paths import in_the_way
    from earlywarning.cli.screen import listed, say
    from earlywarning.errors import UsageError
    from earlywarning.store.disk import replacing, saying_why

    if problems := in_the_way(out, files, "replace" if force else "keep"):
        raise UsageError("\n".join(problems))
    panel = read_inputs(
        Reading(files, columns=column or (), sheet=sheet, metric=metric, period_kind=period_kind)
    ).panel
    drafted = draft(panel.frame, panel.periods)
    known = match_built_in(drafted["metric"]).table
    table = drafted[~drafted["metric"].isin(known["metric"])]
    filled = pd.concat([table, known], ignore_index=True)
    with saying_why(out), replacing(out) as part:
        write_toml(filled, part)
    say(
        f"{out}: {len(filled):,} metrics, {len(known):,} filled in from the catalogues that come "
        f"with the library, {len(table):,} left for you: theme, unit and higher_is."
    )
    listed(table["metric"].head(SHOWN))
    if len(table) > SHOWN:
        say(f"and {len(table) - SHOWN:,} more")
