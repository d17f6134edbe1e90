"""How does a store change? Whole or not at all, one writer at a time.

New files are written beside the old ones; the manifest that lists them is replaced last.
A writer that was killed leaves files that nobody lists: the next one takes them away.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path

import numpy as np
import pandas as pd

from earlywarning.errors import UsageError
from earlywarning.panel import Panel
from earlywarning.panel.rows import Rows, rows_of, spelt_out, words
from earlywarning.store.admission import admitted
from earlywarning.store.disk import LOCK, only_writer, saying_why, sha256, to_disk
from earlywarning.store.manifest import (
    FILE_NAME,
    ISSUES,
    MANIFEST,
    ROWS,
    Label,
    Manifest,
    Part,
    begun,
    read_manifest,
)
from earlywarning.store.parts import Codes, content_of
from earlywarning.store.reading import Store

METRICS_A_FILE = 32  # as many as are scored at once: 2 MB for 400 authorities and 15 years
CLUTTER = {LOCK, f"{MANIFEST}.part", ".DS_Store", "Thumbs.db", "desktop.ini"}

Folder = str | PathLike[str]


def append(folder: Folder, panels: Iterable[Panel]) -> Store:
    """Put new values into a store, and make it if there is none.

    Parameters
    ----------
    folder : path
        Where the store is, or is to be.
    panels : iterable of Panel
        Taken one after another, so that only one need be in memory.

    Returns
    -------
    Store
        With all of them. What says again what the store has is left out, with an issue.

    Raises
    ------
    DataRefusedError
        If a value is there already with another number or another day of publication (see
        `revise`), a metric would have two frequencies, or a label would mean two things:
        nothing of any panel is then written.
    UsageError
        If another process is writing, or something else stands in the folder.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from earlywarning.panel import as_panel
    >>> rows = pd.DataFrame({"authority": "E06000001", "metric": "debt",
    ...                      "period": ["2021-22", "2022-23"], "value": [5.0, 6.0]})
    >>> with TemporaryDirectory() as folder:
    ...     store = append(folder, [as_panel(rows[:1]), as_panel(rows)])
    ...     store.n_rows, store.issues["code"].to_list()
    (2, ['lag_assumed', 'lag_assumed', 'duplicate'])
    """
    return _with_panels(folder, panels, "append")


def revise(folder: Folder, panels: Iterable[Panel]) -> Store:
    """Put new and revised values into a store; a revision has a later day of publication.

    Parameters, result and errors are those of `append`; but that a value is there already
    is no error where the new one was published later. The old one stays: it is what was known
    until that day.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from earlywarning.panel import as_panel
    >>> rows = pd.DataFrame({"authority": "E06000001", "metric": "debt", "period": "2021-22",
    ...                      "value": [5.0, 6.0], "published": ["2022-11-30", "2023-05-31"]})
    >>> with TemporaryDirectory() as folder:
    ...     _ = append(folder, [as_panel(rows[:1])])
    ...     panel = revise(folder, [as_panel(rows[1:])]).panel()
    ...     [panel.known_at(day).frame["value"].to_list() for day in ("2023-01-31", "2023-06-30")]
    [[5.0], [6.0]]
    """
    return _with_panels(folder, panels, "revise")


def compact(folder: Folder) -> Store:
    """Rewrite a store as if all its rows had come in together, and take away the old files.

    Parameters
    ----------
    folder : path
        Where the store is.

    Returns
    -------
    Store
        The same, in as few files as can be. Who had it open must open it again.

    Raises
    ------
    DataRefusedError
        If there is no store, or a file is damaged: nothing is then changed.
    UsageError
        If another process is writing.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from earlywarning.panel import as_panel
    >>> rows = pd.DataFrame({"authority": "E06000001", "metric": "debt",
    ...                      "period": ["2021-22", "2022-23"], "value": [5.0, 6.0]})
    >>> with TemporaryDirectory() as folder:
    ...     apart = append(folder, [as_panel(rows[:1]), as_panel(rows[1:])])
    ...     len(apart.manifest.rows), len(compact(folder).manifest.rows)
    (2, 1)
    """
    path = Path(folder).resolve()
    read_manifest(path)
    with _draft(path) as draft:
        before = Store(path, draft.manifest)
        draft.manifest = draft.manifest.model_copy(update={"rows": (), "issues": ()})
        for start in range(0, len(before.metrics), METRICS_A_FILE):
            draft.add_rows(before.lot(before.metrics[start : start + METRICS_A_FILE]).panel())
        draft.add_issues(before.issues)
    return Store(path, draft.manifest)


def _with_panels(folder: Folder, panels: Iterable[Panel], how: str) -> Store:
    path = Path(folder).resolve()
    _refuse_strangers(path)
    path.mkdir(parents=True, exist_ok=True)
    with _draft(path) as draft:
        for panel in panels:
            draft.add(panel, how)
        if not draft.manifest.rows:
            raise UsageError("There is no panel to store. Give at least one.")
    return Store(path, draft.manifest)


class _Draft:
    """A store's next manifest, and the files it will list."""

    def __init__(self, folder: Path, manifest: Manifest):
        self.folder = folder
        self.manifest = manifest

    def add(self, panel: Panel, how: str) -> None:
        """Add a panel's rows, as far as they are new."""
        store = Store(self.folder, self.manifest)
        panel, repeated = admitted(panel, store, how)
        codes = sorted({*store.authorities, *panel.authorities})
        labels = {label.period: label for label in self.manifest.periods}
        labels |= {label.period: label for label in _labels(panel.periods)}
        order = sorted(labels.values(), key=lambda one: (one.end, one.start, one.period))
        self.manifest = self.manifest.model_copy(
            update={
                "authorities": tuple(codes),
                "names": dict(sorted({**panel.names, **store.names}.items())),
                "periods": tuple(order),
            }
        )
        for start in range(0, len(panel.metrics), METRICS_A_FILE):
            self.add_rows(panel.only(panel.metrics[start : start + METRICS_A_FILE]))
        self.add_issues(pd.concat([panel.issues, repeated], ignore_index=True))

    def add_rows(self, panel: Panel) -> None:
        """Write a file of rows and of the series that have none."""
        rows = _all_rows(panel)
        if not len(rows):
            return
        content, metrics = content_of(rows)
        days = np.asarray(rows.published)[rows.period.codes >= 0].astype("datetime64[D]")
        first, last = (days.min().item(), days.max().item()) if len(days) else (None, None)
        part = self._write(ROWS, content, len(rows)).model_copy(
            update={"metrics": tuple(metrics), "first": first, "last": last}
        )
        self.manifest = self.manifest.model_copy(update={"rows": (*self.manifest.rows, part)})

    def add_issues(self, issues: pd.DataFrame) -> None:
        """Write a file of issues, if there are any."""
        if issues.empty:
            return
        buffer = io.BytesIO()
        issues.to_parquet(buffer, index=False)
        part = self._write(ISSUES, buffer.getvalue(), len(issues))
        self.manifest = self.manifest.model_copy(update={"issues": (*self.manifest.issues, part)})

    def _write(self, kind: str, content: bytes, n_rows: int) -> Part:
        number = self.manifest.next_number
        self.manifest = self.manifest.model_copy(update={"next_number": number + 1})
        name = f"{kind}-{number:06d}.parquet"
        with (self.folder / name).open("xb") as file:
            file.write(content)
        to_disk(self.folder / name)
        return Part(file=name, sha256=sha256(content), n_rows=n_rows)


@contextmanager
def _draft(folder: Path) -> Iterator[_Draft]:
    """Give a draft of what is to be; at the end it is what is."""
    then = "The store is as it was. Make room or give way, or name another folder."
    with saying_why(folder, then), only_writer(folder):
        before = begun(folder)
        draft = _Draft(folder, before)
        _sweep(folder, before)
        try:
            yield draft
        except BaseException:
            _sweep(folder, before)
            if not before.rows:
                (folder / MANIFEST).unlink(missing_ok=True)
            raise
        draft.manifest.write(folder)
        _sweep(folder, draft.manifest)


def _sweep(folder: Path, manifest: Manifest) -> None:
    """Take away our files that the manifest does not list."""
    for path in folder.iterdir():
        if re.match(FILE_NAME, path.name) and path.name not in manifest.files:
            with suppress(PermissionError):  # on Windows, a reader has it open: the next time
                path.unlink()
    (folder / f"{MANIFEST}.part").unlink(missing_ok=True)


def _refuse_strangers(folder: Path) -> None:
    """Refuse a place where something else stands."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"'{folder}' is no folder: it is left untouched. Name another.")
    if not folder.exists() or (folder / MANIFEST).exists():
        return
    strange = sorted({path.name for path in folder.iterdir()} - CLUTTER)
    if any(re.match(FILE_NAME, name) for name in strange):
        raise UsageError(
            f"'{folder}' holds rows of a store whose {MANIFEST} is missing: it is left untouched. "
            f"Take {MANIFEST} from a backup, or name a new folder."
        )
    if strange:
        raise UsageError(
            f"'{folder}' holds other things ({', '.join(strange[:3])}): it is left untouched. "
            "Name a new folder."
        )


def _labels(periods: pd.DataFrame) -> Iterator[Label]:
    for row in periods.to_dict("records"):
        yield Label.model_validate({**row, "start": row["start"].date(), "end": row["end"].date()})


def _all_rows(panel: Panel) -> Rows:
    """Return a panel's rows by metric, and one without a period for each series that has none."""
    rows, series = rows_of(panel.frame), panel.series
    key = series["metric"].cat.codes.to_numpy(np.int64) * len(panel.authorities)
    key += series["authority"].cat.codes.to_numpy()
    lacking = np.flatnonzero(~np.isin(key, rows.key("metric", "authority")))
    if not lacking.size:
        return rows
    series = series.iloc[lacking]
    said = pd.concat([spelt_out(rows.status), series["status"].astype("str")], ignore_index=True)
    nothing, never = (
        np.full(lacking.size, np.nan),
        np.full(lacking.size, np.datetime64("NaT", "us")),
    )
    whole = Rows(
        authority=_longer(rows.authority, series["authority"].cat.codes.to_numpy()),
        metric=_longer(rows.metric, series["metric"].cat.codes.to_numpy()),
        period=_longer(rows.period, np.full(lacking.size, -1)),
        numbers={name: np.append(column, nothing) for name, column in rows.numbers.items()},
        status=words(said),
        published=np.append(np.asarray(rows.published), never),
    )
    return whole.take(np.argsort(whole.metric.codes, kind="stable"))


def _longer(column: pd.Categorical, codes: Codes) -> pd.Categorical:
    """Return a column with more cells, of the same words."""
    joined = np.append(column.codes.astype(np.int64), codes.astype(np.int64))
    return pd.Categorical.from_codes(joined, categories=column.categories)
