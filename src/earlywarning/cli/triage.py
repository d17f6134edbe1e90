"""`earlywarning triage`: who talks to whom in the months to come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

HEADINGS = {
    "approach": "To approach",
    "coordinate": "Somebody is there, or comes",
    "refer": "Under intervention",
    "hold": "Talked to not long ago",
    "reach out": "Not seen for long, or never",
}
MOST = 15  # of each route on the screen


def triage(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder that score wrote.")],
    *,
    engagements: Annotated[Path, typer.Option(help="Who sees whom, and when (CSV).")],
    capacity: Annotated[int, typer.Option(min=1, help="Conversations in the window.")] = 10,
    body: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[=N]",
            help="A body that plans; with several, each has the capacity or its own N, and no "
            "authority is approached by two. May be repeated.",
        ),
    ] = None,
    window: Annotated[str, typer.Option(help="How far one plans: 6M, 1Y.")] = "6M",
    out: Annotated[
        Path, typer.Option(help="The table to write (.csv); an earlier plan is replaced.")
    ] = Path("triage.csv"),
) -> None:
    """Plan conversations: whom to approach, with whom to agree first, and whom to leave alone.

    Example: earlywarning triage results --engagements engagements.csv --capacity 10 --window 6M
    """
    import pandas as pd

    from earlywarning.cli.paths import refuse_absent
    from earlywarning.cli.screen import say
    from earlywarning.engagements import read_engagements
    from earlywarning.output import read_result
    from earlywarning.output.cells import write_table
    from earlywarning.store.disk import replacing, saying_why
    from earlywarning.triage import plan_conversations

    refuse_absent([engagements], [run])
    _refuse_place(out, engagements)
    months = _months(window)
    found = read_result(run)
    as_of = pd.Timestamp(found.run.as_of)
    plan = plan_conversations(
        found.table("authorities"), found.table("flags"), read_engagements(engagements),
        as_of=as_of, window_months=months, settings=found.run.settings,
        capacity=_able(body, capacity),
    )  # fmt: skip
    with saying_why(out), replacing(out) as part:
        write_table(plan, part)
    _show(plan)
    say("", f"In {out}: every authority, its route and the reason. It is no league table.")


def _months(window: str) -> int:
    """Return how many months one plans ahead, as typed."""
    from earlywarning.errors import UsageError
    from earlywarning.validation.days import months_of

    try:
        return months_of(window)
    except UsageError as error:
        raise UsageError(f"--window: {error}") from error


def _refuse_place(out: Path, engagements: Path) -> None:
    """Refuse to write where anything but an earlier plan stands, before any work is done."""
    from earlywarning.cli.paths import in_the_way
    from earlywarning.errors import UsageError

    problems = in_the_way(out, [engagements])
    if not problems and out.suffix.lower() != ".csv":
        problems = [
            f"'{out}' does not end in .csv: a plan is a CSV file, which Excel opens too. "
            f"Name '{out.stem}.csv'."
        ]
    if not problems and out.exists() and not _is_plan(out):
        problems = [f"'{out}' is there already, and no plan of ours. Name another file."]
    if problems:
        raise UsageError("\n".join(problems))


def _is_plan(path: Path) -> bool:
    """Return whether a file begins as a plan does."""
    import csv

    from earlywarning.schema import TRIAGE

    try:
        with path.open(encoding="utf-8", newline="") as file:
            return next(csv.reader(file), []) == [*TRIAGE]
    except (OSError, UnicodeDecodeError, csv.Error):
        return False


def _able(bodies: Sequence[str] | None, capacity: int) -> int | dict[str, int]:
    """Return how many conversations each body can have."""
    from earlywarning.errors import UsageError

    if not bodies:
        return capacity
    able = {}
    for text in bodies:
        name, equals, number = text.partition("=")
        if not name or name in able or (equals and not number.isdigit()):
            raise UsageError(f"--body {text!r} is not written as NAME or NAME=N, each NAME once.")
        able[name] = int(number) if equals else capacity
    return able


def _show(plan: pd.DataFrame) -> None:
    from earlywarning.cli.screen import heading, listed, say

    for route, title in HEADINGS.items():
        rows = plan[plan["route"].eq(route)]
        heading(f"{title} ({len(rows):,})")
        chosen = rows[rows["body"].ne("")] if route == "approach" else rows
        shown = chosen.head(MOST)
        listed(
            f"{name} ({code}): {reason}"
            for name, code, reason in shown[["name", "authority", "reason"]].itertuples(
                index=False, name=None
            )
        )
        if len(rows) > len(shown):
            say(f"and {len(rows) - len(shown):,} more")
