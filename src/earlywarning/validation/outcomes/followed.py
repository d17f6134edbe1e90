"""Whose is an outcome, where one authority came after another?

`successions` lists who stands in whose place, and from when; `followed` says for each
authority which episodes are its own and which came to those after it. What befell an
authority is never carried back to others that the same successor came after.
"""

from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from earlywarning.authorities.register import AND
from earlywarning.validation.outcomes.episodes import EPISODES

WAYS = ("own", "merged", "divided", "inherited", "date uncertain")
SUCCESSIONS = ("authority", "through", "since", "way")
FOLLOWED = ("authority", "outcome", "through", "way", *EPISODES[2:])
Links = Mapping[str, tuple[pd.Timestamp, list[str]]]


def successions(register: pd.DataFrame) -> pd.DataFrame:
    """List who came after each authority, chains followed to their end.

    Parameters
    ----------
    register : DataFrame
        As from `read_register`.

    Returns
    -------
    DataFrame
        One row an authority and one that came after it: `authority, through`; `since`, the day
        from which it stands in its place; `way`, 'merged' where the authority went into it as
        a whole, 'divided' where into several of which it is one. Parts that come together
        again have a row for each.

    Examples
    --------
    >>> from earlywarning.authorities import read_register
    >>> rows = {"code": ["A", "B", "C"], "end": ["2019-04-01", None, None],
    ...         "successor": ["B;C", None, None]}
    >>> after = successions(read_register(pd.DataFrame(rows)))
    >>> after[["authority", "through", "way"]].values.tolist()
    [['A', 'B', 'divided'], ['A', 'C', 'divided']]
    """
    links = _links(register)
    rows = [row for code in links for row in _after(code, links)]
    table = pd.DataFrame(rows, columns=list(SUCCESSIONS))
    return table.astype({"since": "datetime64[us]"})


def followed(
    outcome_episodes: pd.DataFrame,
    authorities: Iterable[str],
    register: pd.DataFrame,
    *,
    within_days: int = 0,
) -> pd.DataFrame:
    """Say for each authority which episodes are its own, and which came to its successors.

    Parameters
    ----------
    outcome_episodes : DataFrame
        As from `episodes`.
    authorities : iterable of str
        Those asked about, whether they still stand or not.
    register : DataFrame
        As from `read_register`.
    within_days : int, default=0
        An episode of a successor that begins at most so many days after one of a predecessor, of
        the same outcome, goes on from it.

    Returns
    -------
    DataFrame
        One row an authority and an episode: `authority, outcome`; `through`, to whom it came;
        `way`; then the episode as it was. `way` is

        - 'own': it came to the authority itself;
        - 'merged': to the one successor that the authority went into as a whole;
        - 'divided': to one of several it was divided into, so it may not be its;
        - 'inherited': to a successor, but it went on from a predecessor's, so is no new event;
        - 'date uncertain': to a successor, perhaps before the authority's end.

        A successor's episode before the authority's end is not the authority's, and has no row.

    Examples
    --------
    >>> from earlywarning.authorities import read_register
    >>> from earlywarning.validation.outcomes import episodes, read_outcomes
    >>> register = read_register(pd.DataFrame({"code": ["A", "B", "N"],
    ...     "end": ["2019-03-31", "2019-03-31", None], "successor": ["N", "N", None]}))
    >>> record = read_outcomes(pd.DataFrame({"authority": ["A", "N"], "outcome": "notice",
    ...                                      "date": ["2018-02-02", "2022-05-01"]}))
    >>> found = followed(episodes(record, within_days=365), ["A", "B"], register)
    >>> found[["authority", "through", "way"]].values.tolist()
    [['A', 'A', 'own'], ['A', 'N', 'merged'], ['B', 'N', 'merged']]
    """
    asked = pd.Series(list(dict.fromkeys(map(str, authorities))), dtype=object)
    after = successions(register)
    given = outcome_episodes.rename(columns={"authority": "through"})
    given = given.assign(number=range(len(given)))
    own = given[given["through"].isin(asked)].assign(way="own")
    own = own.assign(authority=own["through"])
    later = after[after["authority"].isin(asked)].merge(given, on="through", how="inner")
    later = _judged(later, register)
    inherited = later["number"].isin(_going_on(given, after, within_days))
    later["way"] = later["way"].mask(inherited, "inherited")
    both = pd.concat([own, later]) if len(later) else own
    order = ["authority", "outcome", "start_earliest", "through"]
    return both.sort_values(order, ignore_index=True)[list(FOLLOWED)]


def _links(register: pd.DataFrame) -> Links:
    """Return when each authority that has successors ended, and which they are."""
    moved = register[register["successor"].fillna("").astype(str) != ""]
    return {
        str(code): (pd.Timestamp(end), [part.strip() for part in str(after).split(AND)])
        for code, end, after in zip(
            moved["authority"], moved["end"], moved["successor"], strict=True
        )
    }


def _paths(code: str, links: Links) -> Iterator[dict[str, pd.Timestamp]]:
    """Yield each way from an authority to a last one: who is passed, and from when."""
    if code not in links:
        yield {}
        return
    end, parts = links[code]
    for part in parts:
        for path in _paths(part, links):
            yield {part: end, **{passed: max(end, since) for passed, since in path.items()}}


def _after(code: str, links: Links) -> Iterator[tuple[str, str, pd.Timestamp, str]]:
    """Yield who came after one authority: in part from the first way there, wholly by the last."""
    paths = list(_paths(code, links))
    for through in dict.fromkeys(passed for path in paths for passed in path):
        since = [path[through] for path in paths if through in path]
        whole = len(since) == len(paths)
        if not whole or min(since) < max(since):
            yield code, through, min(since), "divided"
        if whole:
            yield code, through, max(since), "merged"


def _judged(later: pd.DataFrame, register: pd.DataFrame) -> pd.DataFrame:
    """Keep of a successor's episodes those that may have come in the authority's place."""
    starts = pd.to_datetime(register.set_index("authority")["start"])
    begun = pd.to_datetime(later["through"].map(starts))
    first = later["start_earliest"].mask(begun > later["start_earliest"], begun)
    later = later.assign(first=first)[later["start_latest"] >= later["since"]]
    sure = later["first"] >= later["since"]
    # The latest way that surely held by then, else the earliest that may have.
    later = later.assign(sure=sure, way=later["way"].where(sure, "date uncertain"))
    later = later.sort_values(["authority", "number", "sure", "since"])
    return later.drop_duplicates(["authority", "number"], keep="last")


def _going_on(given: pd.DataFrame, after: pd.DataFrame, within_days: int) -> set[int]:
    """Return the numbers of the episodes that go on from one of a predecessor."""
    theirs = given[["through", "outcome", "start_earliest", "end"]]
    theirs = theirs.rename(
        columns={"through": "authority", "start_earliest": "begun", "end": "until"}
    )
    pairs = given.merge(after.drop_duplicates(["authority", "through"]), on="through")
    pairs = pairs.merge(theirs, on=["authority", "outcome"])
    soon = pairs["start_earliest"] - pairs["until"] <= pd.Timedelta(days=within_days)
    goes_on = soon & (pairs["begun"] <= pairs["start_latest"])
    return set(pairs.loc[goes_on & (pairs["since"] <= pairs["start_latest"]), "number"])
