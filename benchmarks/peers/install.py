"""Make the peers' environment: `python -m benchmarks.peers.install FOLDER`."""

import subprocess
import sys
import venv
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements.txt"


def main() -> None:
    """Make a virtual environment and install the peers in it."""
    folder = Path(sys.argv[1])
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "-r", REQUIREMENTS], check=True)
    print(f"The peers are in {python}")


if __name__ == "__main__":
    main()
