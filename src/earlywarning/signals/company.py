"""Who is compared with whom: authorities of a type, or the neighbours named for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Labels = NDArray[np.intp]

UNKNOWN = "unknown"  # the type of an authority nobody said anything of
MIXED = "mixed"  # the group of authorities whose type has too few


@dataclass(frozen=True, eq=False)
class Company:
    """Who an authority is compared with: its type's authorities, or the neighbours named for it."""

    types: Mapping[str, str]  # by authority
    neighbours: pd.DataFrame | None = None

    @cached_property
    def _numbered(self) -> tuple[NDArray[np.str_], dict[str, int]]:
        """All types there are, and the number of each authority's."""
        types = dict(self.types)
        words, number = np.unique([*map(str, types.values()), UNKNOWN], return_inverse=True)
        return words, dict(zip(types, number.tolist(), strict=False))

    def kinds(self, authorities: Sequence[str]) -> tuple[NDArray[np.str_], Labels]:
        """Return the types of these authorities, and the same as numbers from 0."""
        words, number_of = self._numbered
        unknown = repeat(int(np.searchsorted(words, UNKNOWN)))
        found = map(number_of.get, authorities, unknown)
        numbers = np.fromiter(found, dtype=np.intp, count=len(authorities))
        return words[numbers], numbers


def common_groups(
    types: NDArray[np.str_], kinds: Labels, known: NDArray[np.bool_], fewest: int
) -> NDArray[np.str_]:
    """Return the types, those with too few known members taken together; all, if that is too few.

    Who has no value yet counts for nothing: what comes later must not change what is known.
    """
    members = np.bincount(kinds[known], minlength=kinds.max(initial=0) + 1)
    small = (members <= fewest)[kinds]
    if 0 < (small & known).sum() <= fewest:
        return np.full(types.shape, MIXED)
    return np.where(small, MIXED, types)


def named_neighbours(
    authorities: list[str], neighbours: pd.DataFrame | None
) -> NDArray[np.bool_] | None:
    """Return who is a named neighbour of whom; whoever has none is None's business."""
    if neighbours is None:
        return None
    place = pd.Index(authorities)
    row = place.get_indexer(pd.Index(neighbours["authority"].astype(str)))
    column = place.get_indexer(pd.Index(neighbours["neighbour"].astype(str)))
    here = (row >= 0) & (column >= 0) & (row != column)
    peers = np.zeros((len(authorities), len(authorities)), dtype=bool)
    peers[row[here], column[here]] = True
    return peers
