"""Whom is an authority compared with, and do they share what is flagged?"""

from typing import Any

import pandas as pd

from earlywarning.explain.flagged import rows_of
from earlywarning.explain.peers import Shared, moved, shared
from earlywarning.explain.sections import Section
from earlywarning.explain.tables import About
from earlywarning.explain.wording import counted, first_few, one_line
from earlywarning.schema import ASSESSED

MOST_NAMES = 6  # peers named
MORE_THAN_CHANCE = 3.0  # times as many peers beyond their limits as chance alone puts there
AGAINST = "Against whom"
NOBODY = "It was compared with nobody."
OF_TYPE = "Peers: {many}: the other authorities of its type ({kind}) with a value for the period."
OTHERS = (
    "Peers: {many}; those named as its neighbours, or else authorities of its type{kind}, or of "
    "several types where one has too few."
)
NAMES = (
    "Of its type there are {n} others: {names}. The full list is the table of authorities "
    "(authorities.csv in a results folder), column type."
)


def against_whom(about: About) -> Section:
    """Say who the peers are, how many, and where they are all named."""
    position = about.signals[about.signals["signal"].eq("position")]
    n = position["n_peers"].dropna().astype(int)
    if n.empty:
        return Section(AGAINST, (NOBODY,))
    least, most = n.min(), n.max()
    many = f"{most:,}" if least == most else f"{least:,} to {most:,}, by metric"
    kind = about.who["type"]
    said = "" if pd.isna(kind) else one_line(kind)
    known = bool(said) and _of_its_type(about, position)
    text = (OF_TYPE if known else OTHERS).format(
        many=many, kind=said if known else said and f" ({said})"
    )
    names = about.everyone.names(about.peers).to_list()
    if not names:
        return Section(AGAINST, (text,))
    listed = NAMES.format(n=f"{len(names):,}", names=first_few(names, MOST_NAMES))
    return Section(AGAINST, (text, listed))


def _of_its_type(about: About, position: pd.DataFrame) -> bool:
    """Return whether as many others of its type have a value as there were peers, everywhere."""
    own = position[position["status"].eq(ASSESSED)]
    kind = [str(about.who["type"])] * len(own)
    wanted = pd.MultiIndex.from_arrays([kind, own["metric"].astype(str), own["period"].astype(str)])
    others = about.everyone.with_value.reindex(wanted).to_numpy(float) - 1
    return bool(len(own)) and bool((others == own["n_peers"].to_numpy(float)).all())


def theirs_alone(about: About) -> Section:
    """Say of each flag how many of its type lie there too, and moved the same way."""
    heading = "Sector-wide or theirs alone"
    if about.peers.empty:
        return Section(heading, ("Of its type there is nobody else to ask this of.",))
    told = about.flags["metric"].duplicated()  # how a metric moved is said once
    items = [
        _of_flag(about, flag) + ("" if again else _moving(about, flag))
        for flag, again in zip(rows_of(about), told, strict=True)
    ]
    return Section(heading, items=tuple(items), labelled=True)


def _of_flag(about: About, flag: Any) -> str:
    everyone = about.everyone
    found = shared(
        flag, everyone.signals, everyone.flags, peers=about.peers, limits=everyone.settings.limits
    )
    what = f"“{one_line(flag.title)}”, {flag.kind}"
    if not found.peers:
        return f"{what}: no peer of its type was assessed for the same period."
    return f"{what}: {lying(flag, found)}"


def lying(flag: Any, found: Shared) -> str:
    """Say how many peers lie beyond their limits as it does, and what that makes of it."""
    above = "above" if flag.value > flag.expected else "below"
    there = f"{found.beyond or 'None'} of {counted(found.peers, 'peer', 'peers')} of its type"
    lie = "lie" if found.beyond > 1 else "lies"
    return (
        f"{_word(found)}. {there} {lie} {above} the limits too, where chance alone would put about "
        f"{found.by_chance:.1f}; {found.same_side:,} lie {above} what was expected, and "
        f"{found.flagged or 'none'} {'are' if found.flagged > 1 else 'is'} flagged."
    )


def _word(found: Shared) -> str:
    """Say in a word how many peers beyond their limits there are."""
    if not found.beyond:
        return "theirs alone"
    if 2 * found.beyond > found.peers:
        return "sector-wide"
    more = found.beyond > MORE_THAN_CHANCE * found.by_chance
    return "shared by some" if more else "theirs, but for what chance does"


def _moving(about: About, flag: Any) -> str:
    """Say how many peers moved as it did since the period before, where it moved."""
    found = moved(flag, about.everyone.values, own=about.values, peers=about.peers)
    if found is None or not found.peers:
        return ""
    rose = "rose" if found.rose else "fell"
    return (
        f" From {one_line(found.before)} to {one_line(flag.period)} it {rose}, as did "
        f"{found.same_way:,} of {counted(found.peers, 'peer', 'peers')}."
    )
