"""The command `earlywarning`: reads files, calls the library, prints and writes what comes out.

Exit status: 0 done, 2 wrong usage, 3 data refused, 4 another run at work; 1 is a bug, with its
traceback. What takes long to import is imported inside the commands, so that `--help` is quick.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from earlywarning import __version__
from earlywarning.cli.challenge import challenge
from earlywarning.cli.check import check
from earlywarning.cli.demo import demo
from earlywarning.cli.draft import catalogue
from earlywarning.cli.explain import explain
from earlywarning.cli.export import export
from earlywarning.cli.init import init
from earlywarning.cli.model import app as model
from earlywarning.cli.neighbours import neighbours
from earlywarning.cli.reissue import reissue
from earlywarning.cli.run import run
from earlywarning.cli.score import score
from earlywarning.cli.sector import sector
from earlywarning.cli.site import site
from earlywarning.cli.store import score_store, store
from earlywarning.cli.streams import settle_streams
from earlywarning.cli.triage import triage
from earlywarning.cli.validate import validate
from earlywarning.errors import DataRefusedError, LockHeldError, UsageError, is_text

__all__ = ["app", "main"]

WRONG_USAGE, DATA_REFUSED, LOCK_HELD, INTERRUPTED = 2, 3, 4, 130


class Commands(TyperGroup):
    """The commands; what the user can put right is told in a few lines."""

    def make_context(self, info_name: Any, args: list[str], *rest: Any, **more: Any) -> Any:
        """Read what was typed, and print the help or the version."""
        with _in_words():
            _refuse_no_text(args)
            return super().make_context(info_name, args, *rest, **more)

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        with _in_words():
            return super().invoke(ctx)


def _refuse_no_text(words: list[str]) -> None:
    """Refuse bytes that are no text: no name, code or folder of ours can be written with them."""
    broken = [ascii(word) for word in words if not is_text(word)]
    if broken:
        raise UsageError(
            f"Not in UTF-8: {', '.join(broken)}. Type it anew, or give the file another name."
        )


@contextmanager
def _in_words() -> Iterator[None]:
    """Say in words what went wrong, and turn it into an exit status."""
    try:
        yield
    except UsageError as error:
        raise _told(error, WRONG_USAGE) from error
    except DataRefusedError as error:
        raise _told(error, DATA_REFUSED) from error
    except LockHeldError as error:
        raise _told(error, LOCK_HELD) from error
    except KeyboardInterrupt:
        raise typer.Exit(_stopped()) from None


def _stopped() -> int:
    typer.echo("Stopped.", err=True)
    return INTERRUPTED


def _told(error: Exception, status: int) -> typer.Exit:
    from earlywarning.cli.screen import complain

    complain(str(error))
    return typer.Exit(status)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command, short in (
    (demo, "Try it on a made-up sector."),
    (check, "Say what is in files, and what is wrong."),
    (catalogue, "Draft what the metrics are."),
    (neighbours, "Find whom to compare each with."),
    (score, "Write flags, reasons and scores."),
    (explain, "Explain one authority."),
    (site, "Write pages to look at."),
    (export, "Copy results to Excel, JSON or Parquet."),
    (challenge, "Keep what an authority replied."),
    (reissue, "List what differs once data are put right."),
    (triage, "Plan who talks to whom."),
    (sector, "Show what the whole sector does."),
    (init, "Write a configuration for run."),
    (run, "Do a scheduled run, whole or not at all."),
    (store, "Keep files on disk, metric by metric."),
    (score_store, "Score more series than memory holds."),
    (validate, "Set past flags against what happened."),
):
    app.command(short_help=short)(command)
app.add_typer(model, name="model", short_help="Save, list, compare fitted models.")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"earlywarning {__version__}")
        raise typer.Exit


@app.callback()
def _earlywarning(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Explainable risk flags from published council metrics.

    Try it: earlywarning demo
    """


def main() -> None:
    """Run the command."""
    settle_streams()
    try:
        app()
    except KeyboardInterrupt:  # before it is known what was asked, or after it is done
        raise SystemExit(_stopped()) from None
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done, or put back
