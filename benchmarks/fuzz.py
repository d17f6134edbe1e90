"""Reprint docs/benchmarks_fuzz.md: `python -m benchmarks.fuzz [--inputs N] [--seed S]`.

Small good files are damaged at random (bytes changed, cut, doubled, swapped for what is known to
hurt) and given to every reader. Each must be read, or refused with an error of ours; anything
else (another exception, a hang, a file that appears) is printed with the seed that makes it
again, and the command ends with status 1.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import signal
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import numpy as np
import pandas as pd

from benchmarks import published
from benchmarks.page import machine, table, write
from benchmarks.peers.ask import ROOT
from earlywarning import (
    EarlyWarning,
    read_catalogue,
    read_engagements,
    read_neighbours,
    read_outcomes,
    read_panel,
    read_register,
    sample_tables,
)
from earlywarning.batch.config_file import read_config
from earlywarning.errors import EarlyWarningError
from earlywarning.explain import read_questions
from earlywarning.replies import read_challenges
from earlywarning.sample.files import write_catalogue
from earlywarning.schema import CHALLENGES
from earlywarning.validation.baselines import read_points_system
from earlywarning.validation.lock import lock_of, read_lock
from earlywarning.validation.plan import Plan

PAGE = ROOT / "docs" / "benchmarks_fuzz.md"
SYSTEM = "cipfa-2018.toml"
REPLY = (
    "E06000001", "debt", "change", "2025-03-01", "2023/24", "2022/23", "5.25", "0.01", "watch",
    "context", "We know, and say why.", "The treasurer", "2025-04-01", "0f" * 32,
)  # fmt: skip
PUBLISHED = (
    ("Fingertips", ".csv", published.fingertips),
    ("Explore Education", ".csv", published.explore_education),
    ("Nomis", ".csv", published.nomis),
    ("LGBF", ".csv", published.lgbf),
    ("LG Inform", ".csv", published.lg_inform),
    ("LG Inform API", ".json", published.lg_inform_api),
    ("revenue outturn", ".xlsx", published.revenue_outturn),
)
SLOWEST = 20  # seconds an input may take
NASTY = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b'""', b",", b";", b"\t", b"\r", b"\n",
    b"\r\n\r\n", b"=1+1", b"@SUM", b"-", b"1e999", b"-1e308", b"nan", b"inf", b"[c]", b"..",
    b"2024-13-45", b"9999-99", b"0000/01", b"../../x", b"<script>", b"\xe2\x80\xae",
    b"\xf0\x9f\x92\xa9", b"A" * 5000, b"[[", b"]]", b"{", b"}", b"1" * 400,
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """One kind of file: a good one, and who reads it."""

    name: str
    ending: str
    good: bytes
    read: Callable[[Path], object]


def main() -> int:
    """Damage, read, count, and write the page."""
    asked = _arguments()
    kinds = kinds_of_files()
    signal.signal(signal.SIGALRM, _too_slow)
    counts: Counter[tuple[str, str]] = Counter()
    slowest: dict[str, float] = {}
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(asked.inputs):
            kind = kinds[number % len(kinds)]
            rng = np.random.default_rng([asked.seed, number])
            path = Path(folder) / f"input{kind.ending}"
            path.write_bytes(damaged(kind.good, rng))
            began = time.perf_counter()
            told = tried(kind, path)
            slowest[kind.name] = max(slowest.get(kind.name, 0.0), time.perf_counter() - began)
            counts[kind.name, told] += 1
            strange = [one.name for one in Path(folder).iterdir() if one != path]
            if told not in ("read", "refused") or strange:
                bad += 1
                print(f"seed {asked.seed}, input {number}, {kind.name}: {told} {strange}")
            path.unlink()
            if number % 5000 == 0:
                print(f"{number:,}", file=sys.stderr, flush=True)
    write(asked.page, _text(asked, kinds, counts, slowest))
    return 1 if bad else 0


def damaged(good: bytes, rng: np.random.Generator) -> bytes:
    """Return a file that was good, damaged in one way or a few.

    Of workbooks, half are damaged in one of the files they pack, since one of which any packed
    byte is changed is refused by its checksum.
    """
    if not zipfile.is_zipfile(io.BytesIO(good)) or rng.integers(2):
        return _damaged(good, rng)
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as whole, zipfile.ZipFile(packed, "w") as torn:
        names = whole.namelist()
        bad = names[rng.integers(len(names))]
        for name in names:
            content = whole.read(name)
            torn.writestr(name, _damaged(content, rng) if name == bad else content)
    return packed.getvalue()


def _damaged(good: bytes, rng: np.random.Generator) -> bytes:
    data = bytearray(good)
    for _ in range(rng.geometric(0.6)):
        at, to = sorted(rng.integers(0, len(data) + 1, 2).tolist())
        to = min(to, at + 200)
        way = rng.integers(0, 6)
        if way == 0:
            data[at:to] = rng.integers(0, 256, to - at, dtype=np.uint8).tobytes()
        elif way == 1:
            del data[at:to]
        elif way == 2:
            data[at:at] = data[at:to]
        elif way == 3:
            data[at:at] = NASTY[rng.integers(len(NASTY))]
        elif way == 4:
            data[at:to] = NASTY[rng.integers(len(NASTY))]
        else:
            del data[at:]
    return bytes(data)


def tried(kind: Kind, path: Path) -> str:
    """Read a file, and say what came of it: "read", "refused", or what must not be."""
    signal.alarm(SLOWEST)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kind.read(path)
    except EarlyWarningError:
        return "refused"
    except Exception:
        return traceback.format_exc(limit=-3)
    finally:
        signal.alarm(0)
    return "read"


def _too_slow(_: int, __: FrameType | None) -> None:
    raise TimeoutError(f"more than {SLOWEST} s")


def kinds_of_files() -> list[Kind]:
    """Return a small good file of every kind that the library reads."""
    sample = sample_tables()
    rows = sample.panel.groupby("metric").head(6).reset_index(drop=True)
    yearly = sample.panel[sample.panel["metric"].eq("recycling_pct")].head(120)
    wide = yearly.pivot_table(index=["authority", "metric"], columns="period", values="value")
    workbook, parquet = io.BytesIO(), io.BytesIO()
    rows.head(30).to_excel(workbook, index=False)
    rows.astype({"status": str}).to_parquet(parquet, index=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "catalogue.toml"
        write_catalogue(sample.catalogue.head(8), path)
        catalogue = path.read_bytes()
    package = ROOT / "src" / "earlywarning"
    systems = package / "validation" / "baselines" / "systems"
    questions = package / "explain" / "questions.csv"
    config = b'[inputs]\nfiles = ["*.csv"]\ncatalogue = ["finance"]\n[output]\nkeep = 3\n'
    lock = lock_of(Plan(), EarlyWarning(), dt.date(2025, 1, 1)).to_json().encode()

    def csv(frame: pd.DataFrame) -> bytes:
        return frame.to_csv(index=False).encode()

    return [
        Kind("panel, CSV", ".csv", csv(rows), read_panel),
        Kind("panel, wide CSV", ".csv", csv(wide.reset_index()), read_panel),
        Kind("panel, Parquet", ".parquet", parquet.getvalue(), read_panel),
        Kind("panel, Excel", ".xlsx", workbook.getvalue(), read_panel),
        *(Kind(f"panel, {name}", ending, good(), read_panel) for name, ending, good in PUBLISHED),
        Kind("catalogue, TOML", ".toml", catalogue, read_catalogue),
        Kind("catalogue, CSV", ".csv", csv(sample.catalogue.head(8)), read_catalogue),
        Kind("register", ".csv", csv(sample.register.head(20)), read_register),
        Kind("neighbours", ".csv", csv(sample.neighbours.head(20)), read_neighbours),
        Kind("outcomes", ".csv", csv(sample.outcomes), read_outcomes),
        Kind("engagements", ".csv", csv(sample.engagements.head(20)), read_engagements),
        Kind("challenges", ".csv", csv(pd.DataFrame([REPLY] * 3, columns=CHALLENGES)),
             read_challenges),
        Kind("questions", ".csv", questions.read_bytes(), read_questions),
        Kind("points system", ".toml", (systems / SYSTEM).read_bytes(), read_points_system),
        Kind("configuration", ".toml", config, read_config),
        Kind("lock", ".json", lock, read_lock),
    ]  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path, default=PAGE)
    return parser.parse_args()


def _text(
    asked: argparse.Namespace,
    kinds: list[Kind],
    counts: Counter[tuple[str, str]],
    slowest: dict[str, float],
) -> list[str]:
    """Return the page's parts."""
    rows = []
    for kind in kinds:
        read, refused = counts[kind.name, "read"], counts[kind.name, "refused"]
        total = sum(n for (name, _), n in counts.items() if name == kind.name)
        numbers = (total, read, refused, total - read - refused)
        longest = f"{slowest.get(kind.name, 0.0):.2f}"
        rows.append([kind.name, *(f"{number:,}" for number in numbers), longest])
    return [
        "# Damaged files: what readers make of them",
        "Written by `python -m benchmarks.fuzz`. Small good files are damaged at random: bytes "
        "changed, cut, doubled, or swapped for what is known to hurt. Each must be read, with an "
        "issue where something in it is doubted, or refused with an error that says what is "
        f"wrong; never a traceback of anything else, a wait of more than {SLOWEST} s, or a file "
        "that appears. Of workbooks, half are damaged in one of the files packed in them.",
        f"{machine()}. {asked.inputs:,} inputs, seed {asked.seed}.",
        table(["file", "inputs", "read", "refused", "anything else", "slowest, s"], rows),
    ]


if __name__ == "__main__":
    sys.exit(main())
