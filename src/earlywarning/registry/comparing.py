"""In what do two fitted models differ?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

import numpy as np
import pandas as pd

from earlywarning.errors import UsageError
from earlywarning.models.bank import Structure, bank_for
from earlywarning.models.blocks import STEP
from earlywarning.pipeline import EarlyWarning
from earlywarning.signals import Learnt, Seen

COLUMNS = ("about", "metric", "what", "first", "second")
SAME = 1e-9  # relatively: what another machine's rounding makes of the same data

Facts = dict[str, object]
Row = tuple[str, str | None, str, object, object]


def compare_models(a: EarlyWarning, b: EarlyWarning) -> pd.DataFrame:
    """Return all in which two fitted models differ, one row a difference.

    Parameters
    ----------
    a, b : EarlyWarning
        Fitted or loaded.

    Returns
    -------
    DataFrame
        `about` is "model", "settings", "metric" (what it looked like) or "learnt" (what its
        authorities taught), `metric` the metric where it is about one, `what` the name of what
        differs, `first` and `second` what it is in `a` and in `b`; missing where one has none.

        Learnt are, of those with the newest period: how many authorities taught; the `scale`,
        the usual standard deviation of their noise, in units of the metric's own scale; the
        `tails`, the degrees of freedom of the t law it is like; the likeliest `structure`.

    Raises
    ------
    UsageError
        If one of them has learnt nothing.

    Examples
    --------
    >>> from earlywarning import EarlyWarning, as_panel, sample_tables
    >>> panel = as_panel(sample_tables().panel.query("metric == 'roads_poor_pct'"))
    >>> model = EarlyWarning().fit(panel)
    >>> len(compare_models(model, model))
    0
    """
    if not (hasattr(a, "learnt_") and hasattr(b, "learnt_")):
        raise UsageError("A model has learnt nothing yet. Call fit(panel) before comparing it.")
    return pd.DataFrame(list(_rows(a, b)), columns=list(COLUMNS))


def _rows(a: EarlyWarning, b: EarlyWarning) -> Iterator[Row]:
    yield from _differences("model", None, _of_model(a), _of_model(b))
    yield from _differences("settings", None, a.settings.model_dump(), b.settings.model_dump())
    for metric in sorted(a.learnt_.metrics.keys() | b.learnt_.metrics.keys()):
        looks = [_of_look(model.learnt_.seen.get(metric)) for model in (a, b)]
        yield from _differences("metric", metric, *looks)
        if all(looks):
            learnt = [_of_learnt(model.learnt_.metrics[metric]) for model in (a, b)]
            yield from _differences("learnt", metric, *learnt)


def _differences(
    about: str, metric: str | None, first: Mapping[str, object], second: Mapping[str, object]
) -> Iterator[Row]:
    """Yield a row for each name under which two collections of facts differ."""
    for name in dict.fromkeys([*first, *second]):
        one, other = first.get(name), second.get(name)
        if not _alike(one, other):
            yield about, metric, name, one, other


def _alike(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return bool(np.isclose(one, other, rtol=SAME, atol=0, equal_nan=True))
    return one == other


def _of_model(model: EarlyWarning) -> Facts:
    catalogue = model.catalogue
    tables = {
        "catalogue": None if catalogue is None else catalogue.table,
        "register": model.register,
        "neighbours": model.neighbours,
    }
    rows = {f"rows of {name}": None if t is None else len(t) for name, t in tables.items()}
    day = f"{model.learnt_.as_of:%Y-%m-%d}"
    return {"as_of": day, "data": model.learnt_.data, **rows}


def _of_look(seen: Seen | None) -> Facts:
    if seen is None:
        return {}
    scale = seen.orientation
    return {
        "period": seen.period, "frequency": seen.frequency, "authorities": seen.n_authorities,
        "coverage": seen.coverage, "gaps": seen.gaps, "level": seen.level,
        "spread": seen.spread, "transform": scale.transform, "sign": scale.sign,
        "whole": scale.whole, "size": scale.size,
    }  # fmt: skip


def _of_learnt(by_period: Mapping[str, Learnt]) -> Facts:
    """Return what the authorities with the newest period taught."""
    if not by_period:
        return {}
    fit = list(by_period.values())[-1].fit
    weight, usual = fit.priors.weight[STEP, :, 0], fit.priors.usual[STEP, :, 0]
    bank = bank_for(fit.rhythm).structures
    return {
        "authorities": len(fit.averages),
        "scale": float(np.sqrt(weight @ usual)),
        "tails": fit.law,
        "structure": _named(bank[int(weight.argmax())]),
    }


def _named(structure: Structure) -> str:
    """Return what there is in a structure.

    >>> _named(Structure(level=0.3))
    'noise 1.0, level 0.3'
    """
    return ", ".join(f"{name} {size}" for name, size in asdict(structure).items() if size)
