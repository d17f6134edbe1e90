"""What every test may ask for: a seeded generator, and the real data where they are."""

import os
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20240401)


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real data and published reference values, or skip."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("EARLYWARNING_SHARED", beside))
    if not (folder / "oracles").is_dir():
        pytest.skip("needs the folder of real data: set EARLYWARNING_SHARED to where it is")
    return folder
