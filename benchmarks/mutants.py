"""Would the tests notice if a line of the library were wrong? A sample of mutants, by mutmut.

    python -m benchmarks.mutants --sample 200 --seed 1

Needs `pip install mutmut` beside the library. In a copy of the working tree, kept from one sample
to the next, mutmut writes every mutant of the rooms; some are drawn, half of them of `models`, and
each is run on the tests that run its function, quickest first. Survivors are printed with what
they alter.
"""

import argparse
import json
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from earlywarning.models.funnel.intervals import wilson

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = Path("src", "earlywarning")
MUTMUT = str(Path(sys.executable).with_name("mutmut"))
ROOMS = ("models", "flags", "risk", "panel")
APART = (
    "baselines", "import_order", "learning", "metrics_review", "output", "points_systems",
    "registry", "registry_drift", "registry_golden", "reissue", "result_breaks",
    "returns_review", "sample", "sector", "sector_command", "store", "stored",
    "validation_lead_time",
)  # fmt: skip
"""Test files that name a room but are about another: not asked."""
ALSO = ("authorities", "catalogue", "changes", "followed", "likeness", "practice")
"""Test files that name none, and run much of them."""
BESIDE = "benchmarks data docs models notebooks .ci README.md CONTRIBUTING.md CHANGELOG.md LICENSE"
NOT_COPIED = (".git", ".*cache", ".venv", "__pycache__", "_build")
KILLED, SURVIVED, UNTESTED = (1, 3), (0,), (5, 33)
"""What mutmut writes down of a mutant; anything else is a test that did not end in time."""
SECONDS, TIMES = 60, 4.0  # added to what a mutant's tests take without it; times that is its limit
TRIES = 20


@dataclass(frozen=True)
class Share:
    """How many mutants of a room there are, were drawn, were killed and ran out of time."""

    mutants: int
    drawn: int
    killed: int
    late: int

    @property
    def share(self) -> float:
        """The share killed; a test that never ends has noticed too, but is not counted."""
        return self.killed / self.drawn

    @property
    def variance(self) -> float:
        """The variance of the share."""
        return self.share * (1 - self.share) / self.drawn


def asked_files() -> list[str]:
    """Return the test files that are asked."""
    named = re.compile(rf"earlywarning\.({'|'.join(ROOMS)})\b")
    naming = {
        file.stem.removeprefix("test_")
        for file in ROOT.glob("tests/test_*.py")
        if named.search(file.read_text(encoding="utf-8"))
    }
    return [f"tests/test_{name}.py" for name in sorted(naming.difference(APART).union(ALSO))]


def configuration() -> str:
    """Return what mutmut is told, as a table of `pyproject.toml`."""
    told = {
        "source_paths": ["src"],
        "only_mutate": [f"{(PACKAGE / room).as_posix()}/*" for room in ROOMS],
        "also_copy": BESIDE.split(),
        "pytest_add_cli_args": ["-q", "-p", "no:cacheprovider"],
        "pytest_add_cli_args_test_selection": asked_files(),
        "process_isolation": "forkserver",
        "timeout_constant": float(SECONDS),
        "timeout_multiplier": TIMES,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in told.items()]
    return "\n".join(["", "[tool.mutmut]", *lines, ""])


def mutate(work: Path) -> None:
    """Copy the working tree, write all mutants, and note which tests run which function."""
    shutil.copytree(ROOT, work, ignore=shutil.ignore_patterns(*NOT_COPIED))
    with (work / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write(configuration())
    stops = [MUTMUT, "run", "none of that name*"]
    subprocess.run(stops, check=False, cwd=work, capture_output=True)
    if not (work / "mutants" / "mutmut-stats.json").exists():
        raise SystemExit(f"mutmut wrote no mutants in {work}: run it there to see why.")


def found(work: Path, room: str) -> dict[str, int | None]:
    """Return what came of each mutant of a room; None of one that was not run."""
    codes: dict[str, int | None] = {}
    for file in sorted((work / "mutants" / PACKAGE / room).rglob("*.meta")):
        codes |= json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
    return codes


def drawn(work: Path, *, sample: int, seed: int) -> dict[str, list[str]]:
    """Return the names of a sample of mutants, by room: half of `models`, the rest even."""
    of_room = {room: sample // (2 if room == "models" else 2 * len(ROOMS) - 2) for room in ROOMS}
    return {
        room: sorted(random.Random(f"{seed} {room}").sample(sorted(found(work, room)), size))
        for room, size in of_room.items()
    }


def run(work: Path, names: dict[str, list[str]], *, workers: int) -> None:
    """Run the tests on each mutant drawn; mutmut stops now and then, and is started again."""
    for _ in range(TRIES):
        codes = {room: found(work, room) for room in ROOMS}
        missing = [name for room in ROOMS for name in names[room] if codes[room][name] is None]
        if not missing:
            return
        command = [MUTMUT, "run", "--max-children", str(workers), *missing]
        subprocess.run(command, cwd=work, check=False, stdout=subprocess.DEVNULL)
    raise SystemExit(f"{len(missing)} mutants were not run in {TRIES} tries.")


def shares(work: Path, names: dict[str, list[str]]) -> dict[str, Share]:
    """Return how many of the mutants drawn were killed, by room."""
    counted = {}
    for room, chosen in names.items():
        codes = found(work, room)
        came = Counter(codes[name] for name in chosen)
        killed, alive = (sum(came[code] for code in is_) for is_ in (KILLED, SURVIVED + UNTESTED))
        counted[room] = Share(len(codes), len(chosen), killed, len(chosen) - killed - alive)
    return counted


def table(counted: dict[str, Share]) -> str:
    """Return the shares as a table; the last row weighs each room by its mutants."""
    rows = [
        "| room | mutants | drawn | killed | survived | out of time | share killed | 95% limits |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for room, of in counted.items():
        left = of.drawn - of.killed - of.late
        low, high = wilson(of.killed, of.drawn)
        rows.append(
            f"| `{room}` | {of.mutants:,} | {of.drawn} | {of.killed} | {left} | {of.late} "
            f"| {of.share:.0%} | {low:.0%} to {high:.0%} |"
        )
    mutants, count, killed, late = (
        sum(getattr(of, name) for of in counted.values())
        for name in ("mutants", "drawn", "killed", "late")
    )
    share = sum(of.mutants / mutants * of.share for of in counted.values())
    variance = sum((of.mutants / mutants) ** 2 * of.variance for of in counted.values())
    as_many = share * (1 - share) / variance if variance else count  # draws of one kind alone
    low, high = wilson(share * as_many, as_many)
    rows.append(
        f"| all, rooms by their mutants | {mutants:,} | {count} | {killed} "
        f"| {count - killed - late} | {late} | {share:.0%} | {low:.0%} to {high:.0%} |"
    )
    return "\n".join(rows)


def altered(work: Path, name: str) -> str:
    """Return the lines a mutant alters, before and after."""
    show = [MUTMUT, "show", name]
    shown = subprocess.run(show, check=True, cwd=work, capture_output=True, text=True)
    lines = shown.stdout.splitlines()
    return "\n".join(line for line in lines if re.match(r"[+-](?![+-])", line))


def main() -> None:
    """Print how many mutants of a sample were killed, and those that were not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=200, help="mutants, half of models")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="mutants run at once")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir(), "mutants"))
    asked = parser.parse_args()
    if not asked.work.exists():
        mutate(asked.work)
    names = drawn(asked.work, sample=asked.sample, seed=asked.seed)
    run(asked.work, names, workers=asked.workers)
    print(table(shares(asked.work, names)), end="\n\n")
    for room in ROOMS:
        code = found(asked.work, room)
        for name in names[room]:
            if code[name] not in KILLED:
                print(f"{name}: {code[name]}\n{altered(asked.work, name)}\n")


if __name__ == "__main__":
    main()
