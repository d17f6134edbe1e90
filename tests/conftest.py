"""What tests may ask for: a seeded generator, made-up panels, the sample, and the real data."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from tests.site_pages import cut, files_of
from threadpoolctl import threadpool_limits

from earlywarning.catalogue import Catalogue, as_catalogue
from earlywarning.explain import Explained
from earlywarning.panel import Panel, as_panel
from earlywarning.pipeline import EarlyWarning
from earlywarning.result import Result
from earlywarning.sample import Sample, sample_tables
from earlywarning.succession import carry_history


def pytest_configure() -> None:
    """Give each worker one core, and property tests their time; in CI, the same examples each time.

    On small matrices threads of BLAS mostly wait for one another.
    """
    threadpool_limits(limits=1, user_api="blas")
    settings.register_profile(
        "whole suite",
        deadline=None,  # a slow machine is no failure
        suppress_health_check=[HealthCheck.too_slow],
        derandomize="CI" in os.environ,  # old versions of hypothesis do not look there
    )
    settings.load_profile("whole suite")


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


def long_form(values: np.ndarray, metric: str = "debt", first: int = 2010) -> pd.DataFrame:
    """Return a matrix, authorities down and years across, as a long table without its gaps."""
    n, n_periods = values.shape
    rows = pd.DataFrame(
        {
            "authority": np.repeat([f"E06{i:06d}" for i in range(1, n + 1)], n_periods),
            "metric": metric,
            "period": np.tile(
                [f"{y}-{(y + 1) % 100:02d}" for y in range(first, 2100)][:n_periods], n
            ),
            "value": values.ravel(),
        }
    )
    return rows[rows["value"].notna()]


@pytest.fixture(scope="session")
def long() -> Callable[..., pd.DataFrame]:
    return long_form


@dataclass(frozen=True)
class Scored:
    """The committed sample, read and scored as the demo does."""

    tables: Sample
    catalogue: Catalogue
    panel: Panel
    model: EarlyWarning
    result: Result


@pytest.fixture(scope="session")
def sample() -> Scored:
    tables = sample_tables()
    catalogue = as_catalogue(tables.catalogue)
    panel = carry_history(as_panel(tables.panel, catalogue=catalogue), tables.register, catalogue)
    model = EarlyWarning(catalogue=catalogue, register=tables.register).fit(panel)
    return Scored(tables, catalogue, panel, model, model.score(panel))


@pytest.fixture(scope="session")
def few(sample: Scored) -> Explained:
    """What was found of a few authorities and metrics of the sample."""
    return cut(sample.result)


@pytest.fixture(scope="session")
def site(few: Explained) -> dict[str, str]:
    """The files of a site about them, by name."""
    return files_of(few)
