"""How long does the library take to import, and the command to say what it can do?

    python -m benchmarks.startup

Each is started so many times in a process of its own; the middle and the slowest are printed.
"""

import platform
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

TIMES = 15
COMMAND = str(Path(sys.executable).with_name("earlywarning"))
STARTED = {
    "import earlywarning": [sys.executable, "-c", "import earlywarning"],
    "earlywarning.EarlyWarning, its models imported": [
        sys.executable, "-c", "import earlywarning; earlywarning.EarlyWarning",
    ],
    "earlywarning --help": [COMMAND, "--help"],
    "earlywarning score --help": [COMMAND, "score", "--help"],
}  # fmt: skip


def seconds(command: list[str]) -> list[float]:
    """Return how long each start took."""
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        took.append(time.perf_counter() - began)
    return took


def main() -> None:
    """Print the table."""
    print(f"Python {platform.python_version()}, numpy {version('numpy')}, "
          f"pandas {version('pandas')}; {TIMES} starts each, files in the cache.\n")  # fmt: skip
    print("| started | middle, s | slowest, s |\n|---|--:|--:|")
    for name, command in STARTED.items():
        took = seconds(command)
        print(f"| `{name}` | {statistics.median(took):.2f} | {max(took):.2f} |")


if __name__ == "__main__":
    main()
