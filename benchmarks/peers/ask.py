"""Ask the peers, in their own environment, and keep their answers.

An answer is kept by the series it is about and the peer's name, so the same panel is
never asked twice; the folder may be thrown away at any time.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

ROOT = Path(__file__).resolve().parents[2]
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}


@dataclass(frozen=True)
class Peers:
    """Where the peers' interpreter is, and where their answers are kept."""

    python: Path
    kept: Path

    def ask(self, series: Array, names: Sequence[str]) -> dict[str, Array]:
        """Return each peer's answer about these series, (n_metrics, n_authorities, …).

        Parameters
        ----------
        series : ndarray of shape (n_metrics, n_authorities, n_periods)
            Newest period last, NaN in gaps.
        names : sequence of str
            Of `benchmarks.peers.__main__.ROOMS`.
        """
        digest = hashlib.sha256(repr(series.shape).encode() + series.tobytes()).hexdigest()[:24]
        self.kept.mkdir(parents=True, exist_ok=True)
        files = {name: self.kept / f"{digest}-{name}.npy" for name in names}
        missing = [name for name, file in files.items() if not file.exists()]
        if missing:
            for name, answer in run(self.python, series, missing).answers.items():
                np.save(files[name], answer, allow_pickle=False)
        return {name: np.load(file, allow_pickle=False) for name, file in files.items()}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Let a command be told where the peers are: `--peers`, or EARLYWARNING_PEERS."""
    parser.add_argument(
        "--peers", type=Path, default=os.environ.get("EARLYWARNING_PEERS"),
        help="the peers' interpreter",
    )  # fmt: skip
    parser.add_argument("--kept", type=Path, help="folder for the peers' answers")


def peers_of(asked: argparse.Namespace) -> Peers | None:
    """Return the peers a command was told of; their answers are kept beside them by default."""
    if asked.peers is None:
        return None
    return Peers(asked.peers, asked.kept or asked.peers.parents[1] / "answers")


@dataclass(frozen=True)
class Told:
    """What peers said, the seconds each took, and the peak of memory of their process."""

    answers: dict[str, Array]
    seconds: dict[str, float]
    peak_mb: float


def run(python: Path, series: Array, names: Sequence[str]) -> Told:
    """Run peers on series, (n_metrics, n_authorities, n_periods), in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        asked, told = Path(folder) / "asked.npz", Path(folder) / "told.npz"
        np.savez(asked, series=series, peers=np.array(names))
        command = [str(python), "-m", "benchmarks.peers", str(asked), str(told)]
        subprocess.run(command, check=True, cwd=ROOT, env={**os.environ, **ONE_THREAD})
        with np.load(told, allow_pickle=False) as file:
            seconds = dict(zip(names, map(float, file["seconds"]), strict=True))
            return Told({name: file[name] for name in names}, seconds, float(file["peak_mb"]))
