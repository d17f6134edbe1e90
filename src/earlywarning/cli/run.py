"""`earlywarning run`: the scheduled run, from a configuration file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from earlywarning.cli.options import AsOf

if TYPE_CHECKING:
    from earlywarning.batch.run import Done

CONFIG = Path("earlywarning.toml")


def run(
    config: Annotated[
        Path, typer.Argument(metavar="FILE", help="The configuration; see 'earlywarning init'.")
    ] = CONFIG,
    *,
    as_of: AsOf = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do everything but write and lock.")
    ] = False,
) -> None:
    """Score what a configuration names, and publish it whole, with what changed since last time.

    Example: earlywarning run earlywarning.toml
    """
    import datetime as dt
    import os
    import socket

    import pandas as pd

    from earlywarning.batch.config import folder_of
    from earlywarning.batch.config_file import read_config
    from earlywarning.batch.lock import Holder
    from earlywarning.batch.run import Job, rehearse
    from earlywarning.batch.run import run as run_job
    from earlywarning.cli.screen import logged, progress

    asked = read_config(config)
    day = None if as_of is None else pd.Timestamp(as_of)
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    with logged(), progress() as show:
        job = Job(asked, folder_of(config), day, show)
        done = rehearse(job) if dry_run else run_job(
            job, Holder(pid=os.getpid(), host=socket.gethostname(), started=now)
        )  # fmt: skip
    _told(done, dry_run)


def _told(done: Done, dry_run: bool) -> None:
    """Print where the run is, and what changed."""
    from earlywarning.cli.screen import say
    from earlywarning.cli.summary import flags_line
    from earlywarning.schema import CHANGE_WORDS

    where = Path(done.folder.parent.name) / done.folder.name
    if done.result is None or done.changes is None:
        say(f"Nothing new: {where} is the latest run, of the same inputs and settings.")
        return
    counts = done.changes["change"].value_counts()
    told = ", ".join(f"{counts.get(word, 0):,} {word}" for word in CHANGE_WORDS)
    say(
        f"{where}: {'not written, as asked' if dry_run else 'written'}.",
        flags_line(done.result),
        f"{'Since the last run' if done.before else 'No earlier run'}: {told}.",
    )
