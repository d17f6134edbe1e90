"""How does a model of an earlier format become one of today's?

One step a format: `MIGRATIONS[n]` takes the manifest, as plain objects, and the arrays of
format n, and returns those of format n + 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earlywarning.errors import ModelError
from earlywarning.schema import CONTRASTS

Objects = dict[str, Any]
Arrays = Mapping[str, NDArray[Any]]
Step = Callable[[Objects, Arrays], tuple[Objects, Arrays]]


def _without_tails(found: Objects, arrays: Arrays) -> tuple[Objects, Arrays]:
    """Format 1 did not say how far out its authorities were: no release was rough to it."""
    size = len(CONTRASTS) * len(arrays.get("authority.word", ()))
    return found, {**arrays, "authority.tail": np.full(size, np.nan)}


MIGRATIONS: dict[int, Step] = {1: _without_tails}


def migrated(
    found: Objects, arrays: Arrays, to: int, *, steps: Mapping[int, Step] = MIGRATIONS
) -> tuple[Objects, Arrays]:
    """Return a manifest and its arrays in a later format, step by step.

    Raises
    ------
    ModelError
        If there is no way there.

    Examples
    --------
    >>> migrated({"format": 1}, {}, 2, steps={1: lambda found, arrays: ({"new": True}, arrays)})
    ({'new': True, 'format': 2}, {})
    """
    while (now := int(found["format"])) < to:
        if now not in steps:
            raise ModelError(f"there is no way from format {now} to {to}")
        found, arrays = steps[now](found, arrays)
        found = {**found, "format": now + 1}
    return found, arrays
