"""A fitted model into a folder, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from earlywarning import __version__
from earlywarning.errors import UsageError
from earlywarning.output import Place
from earlywarning.output.run import LIBRARIES, sha256
from earlywarning.pipeline import EarlyWarning
from earlywarning.registry.archive import Array, kept, write_arrays
from earlywarning.registry.encoding import Words, encoded
from earlywarning.registry.loading import ARRAYS, FILES, MANIFEST, SUMS, saved_in
from earlywarning.registry.manifest import BANK, FORMAT, Known, Look, Manifest
from earlywarning.registry.tables import mapping_of

BEGINS = b'{\n  "earlywarning":'


def place_of_model(folder: Path | str) -> Place:
    """Return the place for a model's folder; `check` refuses where something else stands.

    Examples
    --------
    >>> place_of_model("models/2024").part.name
    '2024.part'
    """
    return Place(Path(folder), FILES, MANIFEST, BEGINS)


def save_model(model: EarlyWarning, folder: Path | str) -> Path:
    """Save a fitted model in a folder, whole or not at all; an earlier model there is replaced.

    Parameters
    ----------
    model : EarlyWarning
        Fitted. Its catalogue, register, neighbours and settings are saved with it.
    folder : path
        The folder; the same model gives the same bytes.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    UsageError
        If nothing is learnt yet, something else stands there, or it cannot be written.
    ModelError
        If what was learnt, or a table it was given, could not be loaded again.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from earlywarning import EarlyWarning, as_panel, sample_tables
    >>> from earlywarning.registry import load_model
    >>> panel = as_panel(sample_tables().panel.query("metric == 'roads_poor_pct'"))
    >>> model = EarlyWarning().fit(panel)
    >>> with TemporaryDirectory() as models:
    ...     again = load_model(save_model(model, Path(models, "roads")))
    >>> again.score(panel).flags.equals(model.score(panel).flags)
    True
    """
    if not hasattr(model, "learnt_"):
        raise UsageError("Nothing is learnt yet. Call fit(panel) before saving the model.")
    words = Words()
    learnt = [
        (place, one)
        for place, by_period in enumerate(model.learnt_.metrics.values())
        for one in by_period.values()
    ]
    arrays = encoded(learnt, words)
    text = _manifest(model, words, arrays).to_json()
    with place_of_model(folder).replaced() as part:
        write_arrays(arrays, part / ARRAYS)
        (part / MANIFEST).write_text(text, encoding="utf-8", newline="\n")
        sums = "".join(f"{sha256(part / name)}  {name}\n" for name in (ARRAYS, MANIFEST))
        (part / SUMS).write_text(sums, encoding="ascii", newline="\n")
        saved_in(part)
    return Path(folder)


def _manifest(model: EarlyWarning, words: Words, arrays: Mapping[str, Array]) -> Manifest:
    fitted, catalogue = model.learnt_, model.catalogue
    tables = {
        "catalogue": None if catalogue is None else catalogue.table,
        "register": model.register,
        "neighbours": model.neighbours,
    }
    aliases = {} if catalogue is None else catalogue.aliases
    return Manifest(
        earlywarning=__version__,
        format=FORMAT,
        as_of=fitted.as_of.date(),
        data=fitted.data,
        bank=BANK,
        settings=model.settings,
        versions={name: version(name) for name in LIBRARIES},
        arrays=kept(arrays),
        metrics=[Look.of(name, seen) for name, seen in fitted.seen.items()],
        words=Known(authorities=words.authorities, groups=words.groups, periods=words.periods),
        tables=mapping_of(tables),
        aliases={name: list(others) for name, others in aliases.items()},
    )
