"""Which flag does an authority reply to, and what was seen in it?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from earlywarning.catalogue_file import nearest
from earlywarning.challenges import wrong_with
from earlywarning.errors import UsageError
from earlywarning.explain import Explained, one_line
from earlywarning.explain.called import unclear
from earlywarning.explain.wording import folded
from earlywarning.schema import CHALLENGE_WORDS, CHALLENGES


@dataclass(frozen=True)
class Reply:
    """What was replied, when and by whom.

    Parameters
    ----------
    text : str
        The reply, kept as it was given, but for spaces around it.
    on : Timestamp
        The day.
    kind : str, default "context"
        One of `schema.CHALLENGE_WORDS`.
    by : str, default ""
        Who replied.

    Raises
    ------
    UsageError
        Naming all that is wrong: an empty text or one that is not kept, a kind that is none.

    Examples
    --------
    >>> Reply(" We know. ", pd.Timestamp("2025-03-01")).text
    'We know.'
    """

    text: str
    on: pd.Timestamp
    kind: str = "context"
    by: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", self.text.strip())
        object.__setattr__(self, "by", self.by.strip())
        problems = [] if self.text else ["The reply is empty: say what was replied."]
        for name, text in (("reply", self.text), ("name of who replied", self.by)):
            if reason := wrong_with(text):
                problems.append(f"The {name} {reason}.")
        if self.kind not in CHALLENGE_WORDS:
            words = ", ".join(CHALLENGE_WORDS)
            hint = nearest(self.kind, CHALLENGE_WORDS)
            problems.append(f"No kind {one_line(self.kind)!r}{hint}. Use one of {words}.")
        if problems:
            raise UsageError("\n".join(problems))


def find_flag(
    tables: Explained, authority: str, metric: str, *, kind: str | None = None
) -> pd.Series:
    """Return the one flag that is meant.

    Parameters
    ----------
    tables : Explained
        What was found, for all authorities.
    authority, metric : str
        Its code or name; the metric's name or title; whatever their case.
    kind : str, optional
        `position` or `change`; needed only where a metric is flagged for both.

    Returns
    -------
    Series
        The flag, columns `schema.FLAGS`.

    Raises
    ------
    UsageError
        If there is no such authority or metric, naming the nearest; no such flag, listing those
        of the authority; or two.

    Examples
    --------
    >>> from earlywarning import schema
    >>> names = ("authorities", "flags", "signals", "contributions", "issues", "catalogue")
    >>> tables = [schema.empty(getattr(schema, name.upper())) for name in names]
    >>> tables[0].loc[0, ["authority", "name"]] = ["E1", "Ash"]
    >>> tables[1].loc[0, ["authority", "metric", "kind"]] = ["E1", "debt", "change"]
    >>> tables[5].loc[0, ["metric", "title"]] = ["debt", "Debt for each resident"]
    >>> found = Explained(*tables, as_of=pd.Timestamp("2025-03-01"))
    >>> find_flag(found, "ash", "debt for each resident")["kind"]
    'change'
    """
    code = tables.find(authority)
    name = _metric(tables, code, metric)
    own = tables.flags[tables.flags["authority"].eq(code)]
    found = own[own["metric"].eq(name)]
    if kind is not None:
        found = found[found["kind"].eq(kind)]
    if len(found) == 1:
        return found.iloc[0]
    if len(found):
        raise UsageError(
            f"{one_line(name)} of {one_line(code)} is flagged for position and for change: "
            "say which, with --flag position or --flag change."
        )
    of = f"{one_line(name)}{f' for {one_line(kind)}' if kind else ''}"
    theirs = zip(own["metric"], own["kind"], own["period"], strict=True)
    flags = "; ".join(" ".join(map(one_line, (m, "for", k, "in", p))) for m, k, p in theirs)
    have = f"Its flags: {flags}." if flags else "It has no flags."
    raise UsageError(f"{one_line(code)} is not flagged for {of}. {have}")


def challenge_of(tables: Explained, flag: pd.Series, reply: Reply, *, run: str) -> pd.DataFrame:
    """Return a reply with the flag it is to, as one row of the log.

    Parameters
    ----------
    tables : Explained
        What was found.
    flag : Series
        As from `find_flag`.
    reply : Reply
        What was replied.
    run : str
        What the results are known by, as `Written.id`.

    Returns
    -------
    DataFrame
        Columns `schema.CHALLENGES`.

    Examples
    --------
    >>> from earlywarning import schema
    >>> names = ("authorities", "flags", "signals", "contributions", "issues", "catalogue")
    >>> tables = [schema.empty(getattr(schema, name.upper())) for name in names]
    >>> found = Explained(*tables, as_of=pd.Timestamp("2025-03-01"))
    >>> flag = pd.Series("debt", index=list(schema.FLAGS))
    >>> reply = Reply("We know.", pd.Timestamp("2025-03-09"))
    >>> challenge_of(found, flag, reply, run="0" * 64)[["metric", "reply"]].values.tolist()
    [['debt', 'We know.']]
    """
    said = {"as_of": tables.as_of, "value": _value(tables.signals, flag), "run": run,
            "challenge": reply.kind, "reply": reply.text, "by": reply.by,
            "replied_on": reply.on.normalize()}  # fmt: skip
    return pd.DataFrame([{**flag, **said}], columns=list(CHALLENGES))


def _value(signals: pd.DataFrame, flag: pd.Series) -> float:
    """Return the newest value of the flagged series."""
    of = signals["authority"].eq(flag["authority"]) & signals["metric"].eq(flag["metric"])
    found = signals.loc[of & signals["signal"].eq("last"), "value"]
    return float(found.iloc[0]) if len(found) else float("nan")


def _metric(tables: Explained, code: str, metric: str) -> str:
    """Return a metric's name from its name or title."""
    names = tables.metrics["metric"].astype(str)
    titles = tables.titles(names)
    wanted = folded(metric)
    found = names[names.map(folded).eq(wanted)]
    found = found if len(found) else names[titles.map(folded).eq(wanted)]
    if len(found) == 1:
        return str(found.iloc[0])
    flagged = tables.flags.loc[tables.flags["authority"].eq(code), "metric"]
    first = names.isin(flagged).sort_values(ascending=False, kind="stable").index
    likely = {folded(key): name for keys in (names[first], titles[first])
              for key, name in zip(keys, names[first], strict=True)}  # fmt: skip
    none = "Give a name or title from metrics.csv."
    raise unclear(metric, found, likely, kinds=("metric", "metrics", "name"), none=none)
