"""Under which file name does the page on something stand, whatever its code is?"""

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

LONGEST = 60  # letters of a code in a file's name
DIGITS = 10  # of the hash that tells apart what reads alike
ALIKE = re.compile(r"[\s_]+")  # written as one hyphen, as people would
OTHER = re.compile(r"[^a-z0-9]+")
HASHED = re.compile(rf"-[0-9a-f]{{{DIGITS}}}\Z")


def file_names(kind: str, codes: Iterable[str]) -> dict[str, str]:
    """Return a file name for each code, safe on every system and different from all others.

    Parameters
    ----------
    kind : str
        What the pages are on; each name begins with it.
    codes : iterable of str
        As in the data: any text.

    Returns
    -------
    dict of str to str
        Names of small letters, digits and hyphens. A code that was changed by more than its
        case, spaces and underscores, or that reads as another does, has a hash at its end.

    Examples
    --------
    >>> file_names("metric", ["debt_total", "../etc/passwd"])
    {'debt_total': 'metric-debt-total.html', '../etc/passwd': 'metric-etc-passwd-7fef78f534.html'}
    """
    codes = list(dict.fromkeys(codes))
    slugs = {code: _slug(code) for code in codes}
    shared = Counter(slugs.values())
    return {
        code: f"{kind}-{slug if _faithful(code, slug) and shared[slug] == 1 else _told(code, slug)}"
        ".html"
        for code, slug in slugs.items()
    }


def _slug(code: str) -> str:
    return OTHER.sub("-", code.lower()).strip("-")[:LONGEST].strip("-")


def _faithful(code: str, slug: str) -> bool:
    """Say whether nothing was lost, and the end cannot be taken for a hash."""
    return "" != slug == ALIKE.sub("-", code.lower()) and not HASHED.search(slug)


def _told(code: str, slug: str) -> str:
    mark = sha256(code.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]
    return f"{slug}-{mark}" if slug else mark
