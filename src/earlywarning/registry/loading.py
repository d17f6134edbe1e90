"""A saved model out of its folder, without trusting what is in it.

First the hash of each file, then the manifest, then the arrays that it lists, then whether they
can be what `fit` learns. Nothing is unpickled, evaluated or unpacked to disk.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from earlywarning.catalogue import Catalogue, as_catalogue
from earlywarning.errors import DataRefusedError, ModelError
from earlywarning.output import Place
from earlywarning.pipeline import EarlyWarning, Fitted
from earlywarning.registry.archive import Array, opened, read_arrays
from earlywarning.registry.encoding import LAYOUT, Words, decoded
from earlywarning.registry.manifest import (
    BANK,
    FORMAT,
    Envelope,
    Manifest,
    as_envelope,
    as_manifest,
    as_object,
)
from earlywarning.registry.migrations import Objects, migrated
from earlywarning.registry.soundness import check_sound
from earlywarning.registry.tables import as_frame
from earlywarning.schema import NEIGHBOURS, REGISTER
from earlywarning.signals import Learnt

MANIFEST, ARRAYS, SUMS = "manifest.json", "arrays.npz", "SHA256SUMS"
FILES = frozenset({MANIFEST, ARRAYS, SUMS})
MOST_TEXT = 2**28  # bytes of a manifest: some hundred thousand metrics
MOST_SUMS = 2**10  # bytes of the list of hashes
HASHES = re.compile(rb"([0-9a-f]{64})  arrays\.npz\n([0-9a-f]{64})  manifest\.json\n")


def load_model(folder: Path | str) -> EarlyWarning:
    """Load a saved model; it scores as the one that was saved does.

    No code is run and no object unpacked, whatever is in the folder: a manifest of texts and
    numbers is checked, then arrays of numbers, each against its hash.

    Parameters
    ----------
    folder : path
        As `save_model` wrote it.

    Returns
    -------
    EarlyWarning
        Fitted, with the catalogue, register, neighbours and settings it was saved with.

    Raises
    ------
    ModelError
        If it is missing, damaged, altered, of a later version, or no model, saying which.

    Examples
    --------
    >>> load_model("models/nowhere")
    Traceback (most recent call last):
    ...
    earlywarning.errors.ModelError: 'models/nowhere' cannot be used: there is no such folder. Save \
the model again, or take an undamaged copy.
    """
    return open_model(folder).model


@dataclass(frozen=True, eq=False)
class Saved:
    """A saved model that is whole: the model, what it says of itself, its format on disk."""

    model: EarlyWarning
    manifest: Manifest
    format: int


def open_model(folder: Path | str) -> Saved:
    """Load a model with what it says of itself; errors are those of `load_model`."""
    try:
        return saved_in(standing(folder))
    except ModelError as error:
        raise ModelError(
            f"'{folder}' cannot be used: {error}. Save the model again, or take an undamaged copy."
        ) from error


def standing(folder: Path | str) -> Path:
    """Return where a model's folder is, also where a save was killed between two renamings."""
    if Path(folder).is_symlink():
        raise ModelError("it is a link: name the folder itself")
    return Place(Path(folder), FILES, MANIFEST, b"").standing()


def saved_in(folder: Path) -> Saved:
    """Load the model in a folder; a refusal says why, and no more."""
    found = opening(folder)
    with opened(folder / ARRAYS) as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != found.arrays:
            raise ModelError(f"{ARRAYS} is damaged or altered")
        file.seek(0)
        arrays: Mapping[str, Array] = read_arrays(file, found.envelope.arrays)
    objects, arrays = migrated(found.objects, arrays, FORMAT)
    manifest = as_manifest(objects)
    if manifest.bank != BANK:
        raise ModelError(
            "its weights are of other structures than this version judges by: fit it again"
        )
    model = _model(manifest, _learnt(manifest, arrays))
    return Saved(model, manifest, found.envelope.format)


@dataclass(frozen=True)
class Opening:
    """What is known of a saved model before its arrays are read."""

    objects: Objects
    envelope: Envelope
    arrays: str  # the hash of their file


def opening(folder: Path) -> Opening:
    """Read and check a manifest, of today's format or an earlier one."""
    if not folder.is_dir():
        raise ModelError("there is no such folder")
    with opened(folder / SUMS, MOST_SUMS) as file:
        hashes = HASHES.fullmatch(file.read())
    if hashes is None:
        raise ModelError(f"{SUMS} is damaged or altered")
    arrays, manifest = (found.decode() for found in hashes.groups())
    with opened(folder / MANIFEST, MOST_TEXT) as file:
        text = file.read()
    if hashlib.sha256(text).hexdigest() != manifest:
        raise ModelError(f"{MANIFEST} is damaged or altered")
    objects = as_object(text)
    envelope = as_envelope(objects)
    if envelope.format > FORMAT:
        raise ModelError(
            f"it was saved by a later version ({envelope.earlywarning}) in format "
            f"{envelope.format}, and this one knows {FORMAT}: update earlywarning"
        )
    return Opening(objects, envelope, arrays)


def _learnt(manifest: Manifest, arrays: Mapping[str, Array]) -> dict[str, dict[str, Learnt]]:
    """Return what was learnt of each metric, by newest period."""
    if {name: array.dtype.str for name, array in arrays.items()} != LAYOUT:
        raise ModelError("it does not have the arrays of its format")
    words = manifest.words
    names = [look.metric for look in manifest.metrics]
    found: dict[str, dict[str, Learnt]] = {name: {} for name in names}
    if len(found) < len(names):
        raise ModelError("a metric is named twice")
    for place, one in decoded(arrays, Words(words.authorities, words.groups, words.periods)):
        if not 0 <= place < len(names):
            raise ModelError("its arrays name a metric that the manifest does not have")
        check_sound(one)
        if one.periods[-1] in found[names[place]]:
            raise ModelError("the same was learnt twice")
        found[names[place]][one.periods[-1]] = one
    return found


def _model(manifest: Manifest, learnt: Mapping[str, Mapping[str, Learnt]]) -> EarlyWarning:
    """Return the model that a manifest describes."""
    try:
        tables = {name: as_frame(table) for name, table in manifest.tables.items()}
        catalogue = _catalogue(tables.pop("catalogue", None), manifest)
    except (DataRefusedError, ValueError, OverflowError) as error:
        raise ModelError(f"its tables cannot be used ({error})") from error
    for name, columns in (("register", REGISTER), ("neighbours", NEIGHBOURS)):
        if name in tables and not set(columns) <= set(tables[name]):
            raise ModelError(f"its table of {name} lacks columns")
    register, neighbours = (tables.pop(name, None) for name in ("register", "neighbours"))
    if tables or (register is not None and register["authority"].duplicated().any()):
        raise ModelError("its tables are not those of a model")
    model = EarlyWarning(
        catalogue=catalogue, register=register, neighbours=neighbours, settings=manifest.settings
    )
    seen = {look.metric: look.seen for look in manifest.metrics}
    model.learnt_ = Fitted(pd.Timestamp(manifest.as_of), learnt, seen, manifest.data)
    return model


def _catalogue(table: pd.DataFrame | None, manifest: Manifest) -> Catalogue | None:
    return None if table is None else as_catalogue(table, aliases=manifest.aliases)
