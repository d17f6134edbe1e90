"""`earlywarning sector`: what moved, what the metrics are worth, and whose returns lack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import pandas as pd

    from earlywarning.output import Written

MOST = 10  # of each list on the screen
Row = dict[Any, Any]


def sector(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A folder that score --sector wrote.")],
    *,
    group: Annotated[
        str, typer.Option(help="Whose movements: everyone, a type or a region.")
    ] = "everyone",
) -> None:
    """Show what moved most, whose spread widened, what to drop or merge, and whose returns lack.

    Example: earlywarning sector results --group district
    """
    from earlywarning.cli.paths import refuse_absent
    from earlywarning.cli.screen import say
    from earlywarning.output import SECTOR, read_result

    refuse_absent([], [run])
    found = read_result(run)
    _refuse_without(found, SECTOR)
    about = found.table("metrics").set_index("metric")
    movement = _of_group(found.table("sector_movement"), group)
    _show_movement(movement, about, group)
    _show_metrics(found.table("metrics_review"), about)
    _show_returns(found.table("returns_review"))
    say("", f"All of it, by type and region too: {', '.join(f'{name}.csv' for name in SECTOR)} "
        f"in {run}. Proposals are not applied.")  # fmt: skip


def _refuse_without(found: Written, names: tuple[str, ...]) -> None:
    from earlywarning.errors import DataRefusedError

    lacking = [f"{name}.csv" for name in names if f"{name}.csv" not in found.run.files]
    if lacking:
        raise DataRefusedError(
            f"'{found.folder}' has no {', '.join(lacking)}. Score again with --sector."
        )


def _of_group(movement: pd.DataFrame, group: str) -> pd.DataFrame:
    """Return the rows of one group; a name that no group has is refused with those there are."""
    from earlywarning.catalogue_file import nearest
    from earlywarning.errors import UsageError

    rows = movement[movement["group"].eq(group)]
    if len(rows):
        return rows
    names = sorted(movement["group"].unique())
    raise UsageError(f"No group '{group}'{nearest(group, names)}. There are: {', '.join(names)}.")


def _show_movement(rows: pd.DataFrame, about: pd.DataFrame, group: str) -> None:
    """Print what moved most, over the last period and the window, and what spread out."""
    from earlywarning.cli.screen import say

    last = _largest(rows[rows["direction"].ne("none")], "moved_sd")
    title = f"Moved in the last period, {group} ({len(last):,} of {len(rows):,} metrics)"
    _list(title, last, _moved(about))
    window = _largest(rows[rows["direction_since"].ne("none")], "moved_since_sd")
    _list(f"Moved over the window ({len(window):,})", window, _moved_since(about))
    wider = _largest(rows[rows["spread_change"].eq("wider")], "spread_ratio")
    _list(f"Spread wider than a period before ({len(wider):,})", wider, _spread(about))
    since = _largest(rows[rows["spread_change_since"].eq("wider")], "spread_ratio_since")
    _list(f"Spread wider over the window ({len(since):,})", since, _spread_since(about))
    if untold := int(rows["q"].isna().sum()):
        say("", f"Not assessed in the last period: {untold:,} metrics; their status says why.")


def _show_metrics(review: pd.DataFrame, about: pd.DataFrame) -> None:
    """Print what is proposed of metrics, but for those that are kept."""
    title = {"drop": "To drop", "merge": "To merge", "look at the definition": "To look at"}
    for word, text in title.items():
        rows = review[review["proposal"].eq(word)]

        def line(row: Row) -> str:
            into = f" with {_title(about, row['merge_with'])}" if row["merge_with"] else ""
            return f"{_title(about, row['metric'])}{into}: {row['evidence']}"

        _list(f"{text}, proposed ({len(rows):,})", rows, line)


def _show_returns(review: pd.DataFrame) -> None:
    """Print whose returns lack, and what they revised."""
    from earlywarning.explain.wording import counted

    lacking = review[(review["n_late"] + review["n_missing"]) > 0]
    lacking = lacking.sort_values(["p", "authority"])
    who = counted(len(lacking), "authority", "authorities")
    _list(
        f"Returns late or missing ({who}, the rarest by chance first)",
        lacking,
        lambda row: f"{row['name']} ({row['authority']}): {row['evidence']}",
    )


def _list(title: str, rows: pd.DataFrame, line: Callable[[Row], str]) -> None:
    """Print a heading and a list, cut where it is long."""
    from earlywarning.cli.screen import heading, listed, say

    heading(title)
    listed(_lines(rows.head(MOST), line))
    if len(rows) > MOST:
        say(f"and {len(rows) - MOST:,} more")


def _lines(rows: pd.DataFrame, line: Callable[[Row], str]) -> Iterator[str]:
    yield from (line(row) for row in rows.to_dict("records"))


def _largest(rows: pd.DataFrame, name: str) -> pd.DataFrame:
    order = rows[name].abs().sort_values(ascending=False, kind="stable").index
    return rows.loc[order]


def _title(about: pd.DataFrame, metric: str) -> str:
    return str(about["title"].get(metric, metric))


def _moved(about: pd.DataFrame) -> Callable[[Row], str]:
    def line(row: Row) -> str:
        usual = f", usually {row['usual_sd']:.2f}" if row["usual_sd"] >= 0 else ""
        return (
            f"{_title(about, row['metric'])}: {row['direction']}, the middle of "
            f"{row['n_authorities']:,} by {_change(about, row, 'moved')} from {row['before']} to "
            f"{row['period']} ({abs(row['moved_sd']):.2f} spreads{usual})."
        )

    return line


def _moved_since(about: pd.DataFrame) -> Callable[[Row], str]:
    def line(row: Row) -> str:
        return (
            f"{_title(about, row['metric'])}: {row['direction_since']}, the middle of "
            f"{row['n_since']:,} by {_change(about, row, 'moved_since')} since {row['since']} "
            f"({abs(row['moved_since_sd']):.2f} spreads)."
        )

    return line


def _spread(about: pd.DataFrame) -> Callable[[Row], str]:
    def line(row: Row) -> str:
        by = f"; {row['spread_without']:.2f} without {row['spread_by']}" if row["spread_by"] else ""
        return (
            f"{_title(about, row['metric'])}: {row['spread_ratio']:.2f} times as far apart as in "
            f"{row['before']}{by}."
        )

    return line


def _spread_since(about: pd.DataFrame) -> Callable[[Row], str]:
    def line(row: Row) -> str:
        return (
            f"{_title(about, row['metric'])}: {row['spread_ratio_since']:.2f} times as far apart "
            f"as in {row['since']}."
        )

    return line


def _change(about: pd.DataFrame, row: Row, name: str) -> str:
    from earlywarning.units import format_change

    return format_change(row[name], str(about["unit"].get(row["metric"], "")))
