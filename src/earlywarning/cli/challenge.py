"""`earlywarning challenge`: what an authority replied to a flag, kept beside the flag."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from earlywarning.cli.options import typed_day


def challenge(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="A folder that score wrote.")],
    authority: Annotated[str, typer.Argument(metavar="AUTHORITY", help="Its code or name.")],
    metric: Annotated[str, typer.Argument(metavar="METRIC", help="Its name or title.")],
    *,
    reply: Annotated[str, typer.Option(help="What was replied, as it was said.")],
    by: Annotated[str, typer.Option(metavar="NAME", help="Who replied.")] = "",
    kind: Annotated[
        str, typer.Option(help="correction, definition, context or dispute.")
    ] = "context",
    on: Annotated[
        dt.datetime | None,
        typer.Option(parser=typed_day, metavar="YYYY-MM-DD", help="The day; today if none."),
    ] = None,
    flag: Annotated[
        str | None, typer.Option(help="position or change, where the metric is flagged for both.")
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option(help="The log (CSV); challenges.csv beside the folder, if left out."),
    ] = None,
) -> None:
    """Keep what an authority replied to a flag, beside the flag. The flag stays as it is.

    Example: earlywarning challenge results E06000001 debt --reply "We know, and here is why."
    """
    import pandas as pd

    from earlywarning.cli.paths import refuse_absent
    from earlywarning.cli.screen import say
    from earlywarning.errors import UsageError
    from earlywarning.output import read_result
    from earlywarning.replies import Reply, challenge_of, find_flag, keep_challenge, log_beside

    today = dt.datetime.now().astimezone().replace(tzinfo=None)
    if on is not None and on > today:
        raise UsageError(f"--on {on:%Y-%m-%d} is still to come. Give the day of the reply.")
    said = Reply(reply, pd.Timestamp(on or today), kind, by)
    refuse_absent([], [results])
    found = read_result(results)
    tables = found.explained
    asked = find_flag(tables, authority, metric, kind=flag)
    path = log or log_beside(results)
    row = challenge_of(tables, asked, said, run=found.id)
    to = f"{asked['authority']}, {asked['metric']}, {asked['kind']} in {asked['period']}"
    kept = keep_challenge(path, row)
    say(f"Kept in {path}: {to}." if kept else f"In {path} already: {to}. Nothing was changed.")
