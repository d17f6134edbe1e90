"""Which kinds of outcome are judged together?"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from earlywarning.authorities.tables import listed
from earlywarning.catalogue_file import nearest
from earlywarning.errors import UsageError
from earlywarning.schema import issue_row, issues_table

Groups = Mapping[str, Sequence[str]]


class Grouped(NamedTuple):
    """Outcomes by group, and what was left out.

    Attributes
    ----------
    outcomes : DataFrame
        As from `read_outcomes`, `outcome` the group's name, and a column `kind`, the outcome's
        own name. An outcome whose kind is in two groups has a row in each.
    issues : DataFrame
        Columns `schema.ISSUES`: one row a kind that is in no group.
    """

    outcomes: pd.DataFrame
    issues: pd.DataFrame


def as_groups(outcomes: pd.DataFrame, groups: Groups | None = None) -> Grouped:
    """Put outcomes into the groups that are judged together.

    Parameters
    ----------
    outcomes : DataFrame
        As from `read_outcomes`.
    groups : mapping of str to sequence of str, optional
        Each group's name and its kinds; without it each kind is a group of its own.

    Returns
    -------
    Grouped

    Raises
    ------
    UsageError
        If a kind in a group is not among the outcomes, or a group is empty.

    Examples
    --------
    >>> from earlywarning.validation.outcomes import read_outcomes
    >>> record = read_outcomes(pd.DataFrame({"authority": ["A", "A"], "date": ["2020", "2021"],
    ...                                      "outcome": ["section_114", "peer_challenge"]}))
    >>> found = as_groups(record, {"statutory": ["section_114"]})
    >>> found.outcomes[["outcome", "kind"]].values.tolist(), found.issues["n_rows"].to_list()
    ([['statutory', 'section_114']], [1])
    """
    kinds = outcomes["outcome"].astype(str)
    present = sorted(kinds.unique())
    chosen = {kind: [kind] for kind in present} if groups is None else groups
    _refuse_unknown(chosen, present)
    pairs = pd.DataFrame(
        [(group, kind) for group, members in chosen.items() for kind in dict.fromkeys(members)],
        columns=["outcome", "kind"],
    )
    rows = outcomes.drop(columns="outcome").assign(kind=kinds)
    found = rows.merge(pairs, on="kind", how="inner")
    order = [*outcomes.columns, "kind"]
    left_out = kinds[~kinds.isin(pairs["kind"])].value_counts().sort_index()
    return Grouped(found[order], _issues(left_out))


def _refuse_unknown(groups: Groups, present: list[str]) -> None:
    """Refuse groups without kinds, and kinds that are not on record; all at once."""
    hollow = [group for group, members in groups.items() if not members]
    unknown = [
        f"{kind!r} of {group!r}{nearest(kind, present)}"
        for group, members in groups.items()
        for kind in members
        if kind not in present
    ]
    problems = []
    if hollow:
        problems.append(f"Groups without a kind: {', '.join(hollow)}. Name their kinds.")
    if unknown:
        problems.append(f"Not on record: {'; '.join(unknown)}. On record: {listed(present)}.")
    if problems:
        raise UsageError(" ".join(problems))


def _issues(left_out: "pd.Series[int]") -> pd.DataFrame:
    """Say which kinds are in no group, and how many rows each has."""
    remedy = "Nothing, or put it into a group."
    return issues_table(
        [
            issue_row("outcomes", "kind_left_out", f"'{kind}' is in no group and is left out.",
                      remedy, n_rows=n)
            for kind, n in left_out.items()
        ]
    )  # fmt: skip
