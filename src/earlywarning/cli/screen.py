"""What is seen on the screen: plain text on a pipe, bold headings and a bar on a terminal.

All that comes from the data is put on one line, and markup in it means nothing.
"""

import logging
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from earlywarning.explain import one_line

WIDTH = 100  # characters a line, on a pipe
MOST_LINES = 20  # of one error

Progress = Callable[[str, int, int], None]


def screen() -> Console:
    """Return where results are printed."""
    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console.width = WIDTH
    return console


def say(*lines: str) -> None:
    """Print lines, each wrapped at a word."""
    console = screen()
    for line in lines:
        console.print(Text(textwrap.fill(one_line(line), console.width)), soft_wrap=True)


def say_command(command: str) -> None:
    """Print a command on one line, however long, so that it can be copied."""
    screen().print(Text(f"  {one_line(command)}"), soft_wrap=True)


def say_whole(text: str) -> None:
    """Print a text whose lines are already broken and clean."""
    screen().print(Text(text), soft_wrap=True, end="")


def heading(text: str) -> None:
    """Print a heading, after an empty line."""
    screen().print(Text(f"\n{one_line(text)}", style="bold"))


def listed(items: Iterable[str]) -> None:
    """Print a list, a line's continuation hanging under its beginning."""
    console = screen()
    hang = textwrap.TextWrapper(console.width, initial_indent="- ", subsequent_indent="  ")
    for item in items:
        console.print(Text(hang.fill(one_line(item))), soft_wrap=True)


def table(headers: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: str = "") -> None:
    """Print a table; `numbers` has an 'r' for each column that is set to the right."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for header, side in zip(headers, numbers.ljust(len(headers)), strict=True):
        grid.add_column(header, justify="right" if side == "r" else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(one_line(cell)) for cell in row))
    console = screen()
    with console.capture() as drawn:
        console.print(grid)
    lines = (line.rstrip() for line in drawn.get().splitlines())
    console.print(Text.from_ansi("\n".join(lines)), soft_wrap=True)


def complain(message: str) -> None:
    """Say on stderr what is wrong, in a few lines."""
    lines = [one_line(line) for line in message.splitlines() if line.strip()]
    more = [f"… and {len(lines) - MOST_LINES} more lines."] if len(lines) > MOST_LINES else []
    typer.echo("\n".join(["Error: " + lines[0], *lines[1:MOST_LINES], *more]), err=True)


@contextmanager
def progress() -> Iterator[Progress]:
    """Give a function that shows how far a work has come: a bar on a terminal, else nothing."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda *_: None
        return
    look: list[Any] = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()]
    with Bars(*look, TimeElapsedColumn(), console=console, transient=True) as bars:
        tasks: dict[str, Any] = {}

        def show(doing: str, done: int, of: int) -> None:
            if doing not in tasks:
                tasks[doing] = bars.add_task(doing, total=None)
            bars.update(tasks[doing], completed=done, total=of)

        yield show


@contextmanager
def logged() -> Iterator[None]:
    """Show what is logged on stderr: with the time on a pipe, warnings alone on a terminal."""
    console = Console(stderr=True)
    handler = logging.StreamHandler()
    form = "%(message)s" if console.is_terminal else "%(asctime)s %(levelname)s %(message)s"
    handler.setFormatter(_OneLine(form))
    handler.setLevel(logging.WARNING if console.is_terminal else logging.INFO)
    logger = logging.getLogger("earlywarning")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return one_line(super().format(record))
