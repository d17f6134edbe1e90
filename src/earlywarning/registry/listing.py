"""Which saved models are there, and can each be used?"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from earlywarning.errors import ModelError, UsageError
from earlywarning.registry.loading import MANIFEST, saved_in, standing

COLUMNS = ("name", "as_of", "metrics", "format", "version", "status")
WHOLE = "ok"


def list_models(folder: Path | str) -> pd.DataFrame:
    """Return the saved models of a folder, one row each, by name.

    Parameters
    ----------
    folder : path
        What the models' own folders stand in; folders without a manifest are none, and left out.

    Returns
    -------
    DataFrame
        `name` is that of the model's folder, `as_of` the day until when it had looked, `metrics`
        how many it knows, `format` and `version` those it was saved in, `status` "ok", or why it
        cannot be used: each model is loaded to see.

    Raises
    ------
    UsageError
        If there is no such folder.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from earlywarning import EarlyWarning, as_panel, sample_tables
    >>> from earlywarning.registry import save_model
    >>> panel = as_panel(sample_tables().panel.query("metric == 'roads_poor_pct'"))
    >>> with TemporaryDirectory() as models:
    ...     _ = save_model(EarlyWarning().fit(panel), Path(models, "roads"))
    ...     list_models(models)[["name", "metrics", "format", "status"]]
        name  metrics  format status
    0  roads        1       2     ok
    """
    if not Path(folder).is_dir():
        raise UsageError(f"There is no folder '{folder}'. Name the one that the models stand in.")
    places = sorted(path for path in Path(folder).iterdir() if (path / MANIFEST).is_file())
    table = pd.DataFrame([_row(place) for place in places], columns=list(COLUMNS))
    return table.astype({"metrics": "Int64", "format": "Int64", "as_of": "datetime64[ns]"})


def _row(place: Path) -> list[object]:
    try:
        found = saved_in(standing(place))
    except ModelError as error:
        return [place.name, None, None, None, "", str(error)]
    manifest = found.manifest
    return [
        place.name, pd.Timestamp(manifest.as_of), len(manifest.metrics), found.format,
        manifest.earlywarning, WHOLE,
    ]  # fmt: skip
