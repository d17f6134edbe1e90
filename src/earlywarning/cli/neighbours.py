"""`earlywarning neighbours`: whom to compare each authority with, from characteristics of areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

NONE = "none"


def neighbours(
    areas: Annotated[
        Path,
        typer.Argument(metavar="AREAS", help="CSV: one row an authority, columns of numbers."),
    ],
    *,
    out: Annotated[Path, typer.Option(help="The file to write.")] = Path("neighbours.csv"),
    pairs: Annotated[
        Path | None,
        typer.Option(help="Write too why each is a neighbour: its distance, and from what."),
    ] = None,
    characteristics: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,C", help="The columns to compare by; all of numbers, if left out."
        ),
    ] = None,
    weight: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=NUMBER", help="What a column counts, if not 1; may be repeated."
        ),
    ] = None,
    within: Annotated[
        str,
        typer.Option(metavar="COLUMN", help="Compare only authorities equal in it; none: all."),
    ] = "type",
    k: Annotated[int, typer.Option("--k", help="How many neighbours each is to have.")] = 15,
    method: Annotated[
        str, typer.Option(help="euclidean; or whitened: what goes together counts once.")
    ] = "euclidean",
    log: Annotated[
        str,
        typer.Option(
            metavar="A,B,C", help="Whose logarithms to take; skewed: where it helps; none."
        ),
    ] = "skewed",
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Find the authorities most like each one, for score --neighbours.

    Example: earlywarning neighbours areas.csv --characteristics population,density
    """
    from earlywarning.likeness import find_neighbours

    _refuse_paths(areas, [out, *([pairs] if pairs else [])], "replace" if force else "keep")
    found = find_neighbours(
        areas,
        characteristics=None if characteristics is None else _listed(characteristics),
        weights=_weights(weight or ()),
        within=None if within == NONE else within,
        k=k,
        method=method,  # type: ignore[arg-type]  # a word that is none is refused there
        log="skewed" if log == "skewed" else [] if log == NONE else _listed(log),
    )
    _write({out: found.neighbours} | ({pairs: found.pairs} if pairs else {}))
    _tell(out, found.neighbours, found.characteristics, found.issues)


def _listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _weights(pairs: Sequence[str]) -> dict[str, float]:
    """Return name to weight, from texts such as 'population=2'."""
    from earlywarning.errors import UsageError

    weights, problems = {}, []
    for pair in pairs:
        name, _, number = pair.rpartition("=")
        try:
            weights[name] = float(number)
        except ValueError:
            name = ""
        if not name:
            problems.append(f"--weight {pair!r} is not written as NAME=NUMBER.")
    if problems:
        raise UsageError("\n".join(problems))
    return weights


def _refuse_paths(areas: Path, files: Sequence[Path], there: str) -> None:
    """Refuse a file to read that is not there, and one to write that is."""
    from earlywarning.cli.paths import in_the_way, no_file, refuse_absent
    from earlywarning.errors import UsageError

    problems = [said] if (said := no_file(areas)) else []
    for path in files:
        problems += in_the_way(path, [areas], there)
    if len({path.resolve() for path in files}) < len(files):
        problems.append("--out and --pairs are the same file. Name two.")
    if problems:
        raise UsageError("\n".join(problems))
    refuse_absent([areas])


def _write(tables: Mapping[Path, pd.DataFrame]) -> None:
    """Write tables so that readers see the old files or the new."""
    from earlywarning.output.cells import write_table
    from earlywarning.store.disk import replacing, saying_why

    with ExitStack() as stack:
        for path, table in tables.items():
            stack.enter_context(saying_why(path))
            write_table(table, stack.enter_context(replacing(path)))


def _tell(out: Path, found: pd.DataFrame, used: pd.DataFrame, issues: pd.DataFrame) -> None:
    """Print what was compared, and who could not be placed."""
    from earlywarning.cli.screen import heading, listed, say, table

    say(f"{out}: {found['authority'].nunique():,} authorities, {len(found):,} pairs. Use it with "
        f"score --neighbours {out}.")  # fmt: skip
    table(
        ["characteristic", "weight", "scale", "middle", "spread", "known of"],
        [
            [row.characteristic, f"{row.weight:g}", row.scale, f"{row.centre:,.4g}",
             f"{row.spread:,.4g}", row.n_known]
            for row in used.itertuples()
        ],
        numbers="lrlrrr",
    )  # fmt: skip
    own = issues["authority"].notna()
    lines = [f"{row.message} {row.remedy}" for row in issues[~own].itertuples()]
    for code, said in (("no_neighbours", "No neighbours"), ("few_neighbours", "Fewer than asked")):
        these = issues[own & issues["code"].eq(code)]
        if len(these):
            codes = ", ".join(these["authority"].astype(str))
            lines.append(f"{said}, {len(these):,} authorities: {codes}. Such as: "
                         f"{these['message'].iloc[0]} {these['remedy'].iloc[0]}")  # fmt: skip
    if lines:
        heading("To look at")
        listed(lines)
