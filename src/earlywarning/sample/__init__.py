"""A made-up sector to try the library on: who is in it, what it publishes, what goes wrong?

120 authorities that do not exist, 24 metrics in six themes, and fifteen planted
troubles whose truth is known. Everything follows from one seed. It was written
without sight of the detectors, and is not tuned to them.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from earlywarning.sample.files import write_catalogue, write_csv
from earlywarning.sample.laws import LAWS
from earlywarning.sample.metrics import catalogue_table
from earlywarning.sample.outcomes import make_engagements, make_outcomes
from earlywarning.sample.places import Places, make_neighbours, make_places
from earlywarning.sample.publication import publish
from earlywarning.sample.series import Series, make_series, measure
from earlywarning.sample.troubles import Troubles, plant

__all__ = ["SEED", "Sample", "sample_tables", "write_sample"]

SEED = 20240401


@dataclass(frozen=True)
class Sample:
    """The sample's tables, with the columns `schema` names; troubles are the truth."""

    panel: pd.DataFrame
    register: pd.DataFrame
    neighbours: pd.DataFrame
    catalogue: pd.DataFrame
    troubles: pd.DataFrame
    outcomes: pd.DataFrame
    engagements: pd.DataFrame


def sample_tables(*, seed: int = SEED) -> Sample:
    """Make the sample.

    Parameters
    ----------
    seed : int
        What everything drawn follows from; the sample that comes with the library has `SEED`.

    Returns
    -------
    Sample
        Plain tables; days are datetime64, a suppressed value is NaN with the status "[c]".

    Examples
    --------
    >>> sample = sample_tables()
    >>> sample.register.shape, sample.panel["metric"].nunique()
    ((120, 7), 24)
    >>> sample.troubles["authority"].nunique()
    15
    """
    places = make_places(seed)
    series = {law.metric: make_series(law, places, seed) for law in LAWS}
    troubles = plant(series, places, seed)
    outcomes = make_outcomes(troubles, places, seed)
    parts = [_published(one, troubles, places, seed) for one in series.values()]
    return Sample(
        panel=pd.concat(parts, ignore_index=True),
        register=places.register,
        neighbours=make_neighbours(places),
        catalogue=catalogue_table(LAWS),
        troubles=troubles.table,
        outcomes=outcomes,
        engagements=make_engagements(outcomes, places, seed),
    )


def write_sample(folder: Path | str) -> None:
    """Write the sample's files: the same bytes every time, on every platform.

    Parameters
    ----------
    folder : path
        Where to; made if it is not there. Files of the same names are replaced.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_sample(folder)
    ...     sorted(path.name for path in Path(folder).iterdir())[:3]
    ['authorities.csv', 'catalogue.toml', 'engagements.csv']
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    sample = sample_tables()
    write_catalogue(sample.catalogue, folder / "catalogue.toml")
    write_csv(sample.register, folder / "authorities.csv")
    for name in ("panel", "neighbours", "troubles", "outcomes", "engagements"):
        write_csv(getattr(sample, name), folder / f"{name}.csv")


def _published(one: Series, troubles: Troubles, places: Places, seed: int) -> pd.DataFrame:
    """Return one metric's rows of the panel, its troubles planted."""
    shift = troubles.shifts[one.law.metric]
    values = measure(one, one.working + shift, places, seed)
    troubled = np.any(shift != 0, axis=1)
    return publish(one, values, troubled, places=places, seed=seed)
