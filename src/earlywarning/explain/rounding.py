"""How are parts rounded so that they add up, as printed, to the whole as printed?"""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def tenths(numbers: NDArray[Any]) -> NDArray[np.float64]:
    """Return numbers in whole tenths; those of the first few are their sum's, wherever one stops.

    Parameters
    ----------
    numbers : ndarray of float, of any shape
        The parts, in the order in which they are added up.

    Returns
    -------
    ndarray of float, of the same shape
        Whole numbers, each within one of ten times the part.

    Examples
    --------
    >>> tenths(np.array([0.14, 0.14, 0.14])).tolist()
    [1.0, 2.0, 1.0]
    """
    steps: NDArray[np.float64] = np.diff(np.round(10 * np.cumsum(numbers)), prepend=0.0)
    return steps.reshape(numbers.shape)
