"""In which order are authorities listed? By tier, then name: it is no league table."""

import pandas as pd

from earlywarning.schema import IN_A_TIER, TIERS


def place_of(tier: str, name: str, code: str) -> tuple[int, str, str]:
    """Return where an authority stands in a list: by tier, the gravest first, then by name.

    Parameters
    ----------
    tier : str
        One of `schema.TIERS`.
    name, code : str
        The code decides between two of one name.

    Returns
    -------
    tuple
        To sort by; it begins with 0 for the gravest tier, and 3 for none.

    Examples
    --------
    >>> sorted([place_of("watch", "ash", "E1"), place_of("priority", "Elm", "E2")])
    [(0, 'elm', 'E2'), (2, 'ash', 'E1')]
    """
    return TIERS[::-1].index(tier), name.casefold(), code


def in_a_tier(authorities: pd.DataFrame) -> pd.DataFrame:
    """Return the authorities in a tier, by `place_of`.

    Parameters
    ----------
    authorities : DataFrame
        Columns `authority, name, tier`, as in `schema.AUTHORITIES`, and any others.

    Returns
    -------
    DataFrame
        Their rows, and in `called` the name, or the code of who has none.

    Examples
    --------
    >>> sector = {"authority": ["E1", "E2", "E3"], "name": ["Elm", None, "Ash"],
    ...           "tier": ["watch", "watch", "none"]}
    >>> in_a_tier(pd.DataFrame(sector))["called"].to_list()
    ['E2', 'Elm']
    """
    there = authorities[authorities["tier"].isin(IN_A_TIER)]
    code = there["authority"].astype(str)
    called = there["name"].where(there["name"].notna(), code).astype(str)
    places = list(map(place_of, there["tier"].astype(str), called, code))
    return there.assign(called=called).iloc[sorted(range(len(places)), key=places.__getitem__)]
