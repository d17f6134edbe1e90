"""Does a run that is killed ever do harm, and do runs started together stand in each other's way?

Kills `earlywarning run` at random instants over its whole length, then once before each thing
it does to the disk; after each kill the last complete run must read whole, and the next run must
succeed and leave nothing behind. Then starts 50 runs at one moment. Prints for docs/cron.md:

    python -m benchmarks.crash
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import earlywarning.batch.run
import earlywarning.cli.summary  # noqa: F401  # once, in the parent: a child begins with the run
from benchmarks.page import machine, table
from earlywarning.batch.config_file import read_config
from earlywarning.batch.files import found_files
from earlywarning.batch.lock import LOCK
from earlywarning.batch.shelf import LINK, POINTER, Shelf
from earlywarning.cli import LOCK_HELD, app
from earlywarning.output import read_result

SEED = 5
KEEP = 2  # runs: so that each kill may also strike while an old one is taken away
CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink", "os.truncate"}
CONFIG = f"""
[inputs]
files = ["*.csv"]
[output]
keep = {KEEP}
[settings]
null_draws = 200
tail_draws = 400
rank_draws = 50
"""


@dataclass(frozen=True)
class Site:
    """A folder with a configuration and a small panel."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> Site:
        """Write the configuration and the first panel."""
        folder.joinpath("earlywarning.toml").write_text(CONFIG, encoding="utf-8")
        site = cls(folder)
        site.write_panel(0)
        return site

    @property
    def shelf(self) -> Shelf:
        """Where its runs stand."""
        return Shelf(self.folder / "runs")

    def write_panel(self, number: int) -> None:
        """Write a panel that no other number has: another authority has gone wrong."""
        rng = np.random.default_rng(SEED)
        codes = [f"E0600{i:04d}" for i in range(1, 31)]
        years = [f"{year}-{(year + 1) % 100:02d}" for year in range(2012, 2023)]
        index = pd.MultiIndex.from_product([["debt", "tax"], codes, years],
                                           names=["metric", "authority", "period"])  # fmt: skip
        values = pd.Series(50 + rng.normal(size=len(index)), index=index, name="value").round(3)
        values.loc["debt", codes[number % len(codes)], years[-1]] = 80 + number / 1000
        part = self.folder / "panel.part"
        values.reset_index().to_csv(part, index=False)
        part.replace(self.folder / "panel.csv")

    def child(self, before: Callable[[], None] = lambda: None) -> int:
        """Start the command in a child process, which first does something; return its number."""
        number = os.fork()
        if number:
            return number
        status = 70
        try:
            null = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(null, stream)
            before()
            app(["run", str(self.folder / "earlywarning.toml")])
        except SystemExit as stop:
            status = int(stop.code or 0)
        finally:
            os._exit(status)

    def run(self, before: Callable[[], None] = lambda: None) -> int:
        """Run the command to its end, and return its exit status; below 0 where it was killed."""
        return os.waitstatus_to_exitcode(os.waitpid(self.child(before), 0)[1])

    def seconds(self) -> float:
        """Run the command to its end, and return how long it took."""
        begun = time.perf_counter()
        self.run()
        return time.perf_counter() - begun

    def killed_after(self, delay: float) -> int:
        """Run the command, and kill it after so many seconds if it is not done."""
        number = self.child()
        time.sleep(delay)
        with suppress(ProcessLookupError):
            os.kill(number, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])

    def state(self) -> str:
        """Say how far a run had come when it was killed."""
        names = {entry.name for entry in self.shelf.folder.iterdir()}
        if any(name.endswith(".part") and name[:4].isdigit() for name in names):
            return "while writing or taking away a run"
        if f"{POINTER}.part" in names or f"{LINK}.part" in names:
            return "while publishing"
        return "with nothing half done"

    def damage(self, was: set[str]) -> list[str]:
        """Say what is wrong after a kill: the latest run must be whole, and one of those named."""
        shelf = self.shelf
        problems = [] if shelf.latest in was else [f"the latest run is {shelf.latest!r}"]
        with suppress(Exception):
            read_result(shelf.folder / shelf.latest)
            read_result(shelf.folder / LINK)
            return problems
        return [*problems, f"{shelf.latest!r} does not read whole"]

    def rest(self, name: str) -> list[str]:
        """Say what is wrong after a run that went through, which has this name."""
        shelf = self.shelf
        names = {entry.name for entry in shelf.folder.iterdir()}
        strange = names - {LOCK, POINTER, LINK, *shelf.runs}
        problems = [f"left over: {', '.join(sorted(strange))}"] if strange else []
        if (shelf.folder / LOCK).read_bytes():
            problems.append("the lock still names a holder")
        if shelf.latest != name or (shelf.folder / LINK).readlink() != Path(name):
            problems.append(f"the latest run is {shelf.latest}, not {name}")
        if len(shelf.runs) > KEEP:
            problems.append(f"{len(shelf.runs)} runs are kept")
        return problems + [f"{run} is not whole" for run in shelf.runs if not shelf.whole(run)]


def expected(site: Site) -> str:
    """Return the name that a run of what lies there will have; all are as of the same day."""
    day = site.shelf.latest[: len("2024-03-31")]
    config = read_config(site.folder / "earlywarning.toml")
    return f"{day}-{found_files(config, site.folder).id}"


def after_kill(site: Site, was: str, name: str) -> list[str]:
    """Say what is wrong after a kill, and after the next run."""
    problems = site.damage({was, name})
    if status := site.run():
        problems.append(f"the next run ended with status {status}")
    return problems + site.rest(name)


def random_kills(folder: Path, times: int) -> tuple[Counter[str], list[str]]:
    """Kill runs at random instants; return how far they had come, and what went wrong.

    Only kills that strike a run at work are counted. The instants are drawn over the time that
    the last whole run took, for a busy machine may be slow one moment and quick the next.
    """
    site, rng = Site.at(folder), np.random.default_rng(SEED)
    site.run()
    site.write_panel(1)
    whole = site.seconds()
    states: Counter[str] = Counter()
    problems, number = [], 1
    while sum(states.values()) < times:
        number += 1
        site.write_panel(number)
        was, name = site.shelf.latest, expected(site)
        if site.killed_after(float(rng.uniform(0, whole))) == 0:  # it was done before
            continue
        states["after it was published" if site.shelf.latest == name else site.state()] += 1
        begun = time.perf_counter()
        problems += [f"kill {number - 1}: {told}" for told in after_kill(site, was, name)]
        whole = time.perf_counter() - begun
    return states, problems


def kills_at_each_step(folder: Path, most: int = 10_000) -> tuple[int, list[str]]:
    """Kill a run before each thing it does to the disk; return how many, and what went wrong."""
    site = Site.at(folder)
    site.run()
    problems = []
    for step in range(1, most + 1):
        site.write_panel(step)
        was, name = site.shelf.latest, expected(site)
        if site.run(lambda at=step: _die_at(at, site.folder)) == 0:  # it has no more steps
            return step - 1, problems
        problems += [f"step {step}: {told}" for told in after_kill(site, was, name)]
    return most, problems


def _die_at(step: int, folder: Path) -> None:
    """Let this process be killed before the nth change that it makes below a folder."""
    left = [step]
    runs = str(folder / "runs")

    def hook(event: str, details: tuple[object, ...]) -> None:
        written = event == "open" and isinstance(details[2], int) and details[2] & os.O_ACCMODE
        if not (event in CHANGES or written):
            return
        path = str(details[0])
        if path.startswith(runs) or not Path(path).is_absolute():  # within a folder taken away
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def at_once(folder: Path, times: int) -> tuple[Counter[int], list[str]]:
    """Start runs at one moment; return how often each exit status came, and what went wrong."""
    site = Site.at(folder)
    site.run()
    site.write_panel(1)
    name = expected(site)
    reads, writes = os.pipe()

    def wait() -> None:
        os.close(writes)
        os.read(reads, 1)  # returns for all when the one writing end is closed

    children = [site.child(wait) for _ in range(times)]
    os.close(reads)
    time.sleep(0.5)
    os.close(writes)
    statuses = Counter(os.waitstatus_to_exitcode(os.waitpid(n, 0)[1]) for n in children)
    return statuses, site.rest(name)


def main() -> None:
    """Print what docs/cron.md says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--steps", type=int, default=10_000)
    parser.add_argument("--at-once", type=int, default=50)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two, \
            tempfile.TemporaryDirectory() as three:  # fmt: skip
        states, problems = random_kills(Path(one), asked.kills)
        steps, more = kills_at_each_step(Path(two), asked.steps)
        statuses, rest = at_once(Path(three), asked.at_once)
    rows = [[state, str(n)] for state, n in states.most_common()]
    print(table(["killed", "runs"], rows))
    print()
    print(f"{asked.kills} kills at random instants: {len(problems)} problems.")
    print(f"Killed before each of the {steps} things a run does to the disk: {len(more)} problems.")
    print(f"{asked.at_once} runs at one moment: {statuses[0]} did the work, "
          f"{statuses[LOCK_HELD]} ended with status {LOCK_HELD}, "
          f"{asked.at_once - statuses[0] - statuses[LOCK_HELD]} otherwise; "
          f"{len(rest)} problems.")  # fmt: skip
    print(f"Machine: {machine()}.")
    for told in [*problems, *more, *rest]:
        print("PROBLEM", told)
    if problems or more or rest or statuses[0] != 1:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
