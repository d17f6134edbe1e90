"""How is it said why one authority is another's neighbour?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from earlywarning.explain import one_line

SHOWN = 2  # characteristics in which two authorities are nearest
NOTHING = 1e-9  # of a squared distance: they are the same


def alike(one: str, other: str, characteristics: Sequence[str], parts: NDArray[np.float64]) -> str:
    """Return one sentence: in what a neighbour is nearest, and in what it differs most.

    Parameters
    ----------
    one, other : str
        The names of the authority and of its neighbour.
    characteristics : sequence of str
    parts : ndarray of shape (n_characteristics,)
        What each adds to the squared distance; NaN where it is not known of both.

    Examples
    --------
    >>> alike("Ash", "Birch", ["population", "density", "deprivation"], np.array([0.0, 3.0, 0.1]))
    'Birch is nearest to Ash in population and deprivation; it differs most in density.'
    >>> alike("Ash", "Birch", ["population", "density"], np.array([0.0, np.nan]))
    'Birch is the same as Ash in population; density is not known of both.'
    """
    words = [one_line(name).replace("_", " ") for name in characteristics]
    order = [int(place) for place in np.argsort(parts, kind="stable") if np.isfinite(parts[place])]
    who = f"{one_line(other)} is"
    if parts[order[-1]] <= NOTHING:
        said = f"{who} the same as {one_line(one)} in {_and([words[i] for i in sorted(order)])}"
    elif len(order) == 1:
        said = f"{who} compared with {one_line(one)} by {words[order[0]]} alone"
    else:
        nearest = _and([words[i] for i in order[:-1][:SHOWN]])
        most = f"it differs most in {words[order[-1]]}"
        said = f"{who} nearest to {one_line(one)} in {nearest}; {most}"
    unknown = [words[i] for i in np.flatnonzero(np.isnan(parts))]
    verb = "is" if len(unknown) == 1 else "are"
    return said + (f"; {_and(unknown)} {verb} not known of both" if unknown else "") + "."


def _and(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)
