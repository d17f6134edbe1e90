"""Where does the sample's chance come from?

Each part of the sample has its own stream, named by words: adding a metric, or
drawing more for one, leaves all the others as they were. Only uniform and normal
draws are used, for they are the same on every platform.
"""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]


def stream(seed: int, *words: str) -> np.random.Generator:
    """Return the stream of one part of the sample.

    Parameters
    ----------
    seed : int
        The sample's seed.
    *words : str
        What the draws are for.

    Returns
    -------
    Generator
        The same for the same seed and words.

    Examples
    --------
    >>> bool(stream(1, "names").random() == stream(1, "names").random())
    True
    >>> bool(stream(1, "names").random() == stream(1, "noise").random())
    False
    """
    name = crc32("/".join(words).encode())
    return np.random.Generator(np.random.PCG64([seed, name]))


def pick(rng: np.random.Generator, among: Indices, size: int) -> Indices:
    """Return so many of the places given, each at most once, in order.

    Examples
    --------
    >>> pick(stream(1, "doctest"), np.array([4, 7, 9]), 3).tolist()
    [4, 7, 9]
    """
    return np.sort(among[np.argsort(rng.random(among.size))[:size]])
