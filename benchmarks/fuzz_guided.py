"""Let atheris look for bytes that a reader cannot bear: `python -m benchmarks.fuzz_guided`.

`benchmarks.fuzz` damages good files at random. Here libFuzzer watches which places of the library
an input reaches, and keeps changing those that reach new ones, beginning with the same files.
Each must be read, or refused with an error of ours. Prints a table, and ends with status 1
where a reader did anything else, or took more than 20 s. Needs `pip install atheris`.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

LONGEST = 20_000  # bytes of an input
SLOWEST = 20  # seconds it may take
REACHED = re.compile(r"cov: (\d+)")


def main() -> int:
    """Fuzz each kind of file in a process of its own, and print what came of it."""
    asked = _arguments()
    if asked.kind:
        return _fuzz(asked.kind, asked.runs)
    from benchmarks.fuzz import kinds_of_files
    from benchmarks.page import table

    rows, bad = [], 0
    for kind in kinds_of_files():
        command = [sys.executable, "-m", "benchmarks.fuzz_guided", "--kind", kind.name]
        done = subprocess.run(
            [*command, "--runs", str(asked.runs)], capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )  # fmt: skip
        reached = [int(number) for number in REACHED.findall(done.stderr)] or [0]
        bad += done.returncode != 0
        said = "nothing else" if done.returncode == 0 else "see below"
        rows.append([kind.name, f"{asked.runs:,}", str(reached[0]), str(reached[-1]), said])
        print(rows[-1], file=sys.stderr, flush=True)
        if done.returncode:
            print(done.stderr[-3000:])
    print(table(["file", "inputs", "places reached at first", "at last", "anything else"], rows))
    return 1 if bad else 0


def _fuzz(name: str, runs: int) -> int:
    """Give one reader what libFuzzer makes up; does not return, for libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["earlywarning"]):
        from benchmarks.fuzz import kinds_of_files
        from earlywarning.errors import EarlyWarningError

        kind = next(kind for kind in kinds_of_files() if kind.name == name)
    with tempfile.TemporaryDirectory() as folder:
        corpus, path = Path(folder, "corpus"), Path(folder, f"input{kind.ending}")
        corpus.mkdir()
        (corpus / "good").write_bytes(kind.good)

        def one(content: bytes) -> None:
            path.write_bytes(content)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    kind.read(path)
                except EarlyWarningError:
                    return

        options = [f"-runs={runs}", f"-timeout={SLOWEST}", f"-max_len={LONGEST}", "-seed=1"]
        atheris.Setup([sys.argv[0], str(corpus), f"-artifact_prefix={folder}/", *options], one)
        atheris.Fuzz()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz_guided", description=__doc__)
    parser.add_argument("--runs", type=int, default=2_000, help="inputs a kind of file")
    parser.add_argument("--kind", help="one kind alone, in this process")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
