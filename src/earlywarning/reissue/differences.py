"""Everything that differs between two issues, in one table, with what is known of the reason."""

from __future__ import annotations

from typing import Any

import pandas as pd

from earlywarning.batch.changes import changes_of
from earlywarning.explain import one_line
from earlywarning.explain.wording import counted, in_period
from earlywarning.output import Written
from earlywarning.reissue.answered import challenges_answered
from earlywarning.reissue.compared import (
    FLAG,
    flags_compared,
    tiers_compared,
    values_compared,
)
from earlywarning.reissue.edition import Edition
from earlywarning.schema import ASSESSED, DIFFERENCES
from earlywarning.units import format_value

ORDER = ("challenge", "flag", "tier", "value")


def differences_of(old: Written, new: Written, challenges: pd.DataFrame) -> pd.DataFrame:
    """List what differs between two issues, and what became of each challenge.

    Parameters
    ----------
    old, new : Written
        As from `read_result`: what was issued, and what is issued now.
    challenges : DataFrame
        Columns `schema.CHALLENGES`.

    Returns
    -------
    DataFrame
        Columns `schema.DIFFERENCES`: challenges, then flags, tiers and values, each by the
        authority's name. `why` is what is known: of a challenge the reply, of a flag what
        differs in its own series. It is no proof that one thing came of the other.
    """
    return between(Edition.of(old), Edition.of(new), challenges)


def between(old: Edition, new: Edition, challenges: pd.DataFrame) -> pd.DataFrame:
    """List what differs, as `differences_of`, of what is compared alone.

    Examples
    --------
    >>> from earlywarning import schema
    >>> names = ("flags", "signals", "authorities", "catalogue")
    >>> nothing = Edition(*(schema.empty(getattr(schema, name.upper())) for name in names))
    >>> between(nothing, nothing, schema.empty(schema.CHALLENGES)).empty
    True
    """
    flags, values = flags_compared(old, new), values_compared(old, new)
    found = {
        "challenge": challenges_answered(challenges, flags, old, new),
        "flag": _with_reasons(flags, values, old, new),
        "tier": tiers_compared(old, new),
        "value": values,
    }
    parts = [found[about] for about in ORDER if len(found[about])]
    if not parts:
        return flags
    table = _named(pd.concat(parts, ignore_index=True), old, new)
    place = {about: at for at, about in enumerate(ORDER)}
    order = table.assign(at=table["about"].map(place), folded=table["name"].str.casefold())
    keys = ["at", "folded", "authority", "metric", "kind", "period"]
    return table.loc[order.sort_values(keys, kind="stable").index].reset_index(drop=True)


def _named(table: pd.DataFrame, old: Edition, new: Edition) -> pd.DataFrame:
    """Return the table with names and titles, newer ones first; a stranger keeps its code."""
    said = {}
    for word, key, theirs in (("name", "authority", "authorities"), ("title", "metric", "metrics")):
        both = pd.concat([getattr(issue, theirs)[[key, word]] for issue in (new, old)])
        known = both[both[word].notna() & both[word].ne("")].drop_duplicates(key)
        found = table[key].map(known.set_index(key)[word])
        said[word] = found.where(found.notna(), table[key]).fillna("").astype(object)
    return table.assign(**said)[list(DIFFERENCES)]


def _with_reasons(
    flags: pd.DataFrame, values: pd.DataFrame, old: Edition, new: Edition
) -> pd.DataFrame:
    """Say of each flag what else differs in its series."""
    gone = changes_of(new.flags, old.flags, new.signals)
    status = gone[gone["change"].eq("cleared")].set_index(FLAG)["status"].to_dict()
    unit = pd.concat([old.metrics, new.metrics]).drop_duplicates("metric", keep="last")
    units = unit.set_index("metric")["unit"].to_dict()
    series = ["authority", "metric"]
    near = values.merge(flags[series].drop_duplicates(), on=series)
    own = dict(list(near.groupby(series)))
    why = []
    for flag in flags.itertuples(index=False):
        now = status.get((flag.authority, flag.metric, flag.kind), ASSESSED)
        parts = [] if now == ASSESSED else [f"what is said of its series now: {one_line(now)}"]
        differing = own.get((flag.authority, flag.metric))
        if differing is not None:
            parts.append(_values(differing, flag, units.get(flag.metric, "")))
        elif len(values):
            parts.append("no value of its own differs; others' do")
        why.append("; ".join(parts))
    return flags.assign(why=pd.Series(why, index=flags.index, dtype=object))


def _values(series: pd.DataFrame, flag: Any, unit: str) -> str:
    """Say which value differs, that of the flag's period first, and how many more do."""
    flagged = series["period"].isin([flag.period, flag.period_before])
    row = series[flagged if flagged.any() else ~flagged].iloc[-1]
    was, now = (format_value(row[name], unit) for name in ("value_before", "value"))
    more = f", and {counted(len(series) - 1, 'value', 'values')} more" if len(series) > 1 else ""
    return f"its value {in_period(row['period'])} was {was}, and is {now}{more}"
