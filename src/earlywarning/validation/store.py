"""Where are the days kept that have been looked at, so that a stopped run goes on?

A folder for each day, named after all that the day depends on: what was known, the
settings, the version. It is written beside and renamed, so that it is whole or not there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from earlywarning import __version__
from earlywarning.store.disk import renamed
from earlywarning.validation.fingerprint import fingerprint

if TYPE_CHECKING:
    from earlywarning.panel import Panel
    from earlywarning.pipeline import EarlyWarning

TABLES = ("scores", "flags", "baselines")


@dataclass(frozen=True)
class Store:
    """A folder of days, or none."""

    folder: Path | None

    def key(
        self, model: EarlyWarning, panel: Panel, day: pd.Timestamp, scorers: Sequence[object]
    ) -> str:
        """Return the name of a day: the same only where everything it depends on is the same."""
        if self.folder is None:
            return ""
        table = None if model.catalogue is None else model.catalogue.table
        return fingerprint(
            __version__, day, panel.known_at(day).frame, model.settings, table, model.register,
            model.neighbours, list(scorers),
        )[:40]  # fmt: skip

    def read(self, key: str) -> dict[str, pd.DataFrame] | None:
        """Return a day's tables, or nothing where it has not been looked at, or cannot be read."""
        if self.folder is None or not (self.folder / key).is_dir():
            return None
        try:
            return {name: pd.read_parquet(self.folder / key / f"{name}.parquet") for name in TABLES}
        except (OSError, ValueError):  # damaged: it is looked at again
            shutil.rmtree(self.folder / key, ignore_errors=True)
            return None

    def write(self, key: str, tables: Mapping[str, pd.DataFrame]) -> None:
        """Keep a day's tables, whole or not at all."""
        if self.folder is None:
            return
        part = self.folder / f"{key}.{os.getpid()}.part"
        part.mkdir(parents=True, exist_ok=True)
        for name in TABLES:
            tables[name].to_parquet(part / f"{name}.parquet", index=False)
        shutil.rmtree(self.folder / key, ignore_errors=True)
        renamed(part, self.folder / key)
