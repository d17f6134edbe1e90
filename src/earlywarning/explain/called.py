"""What is each authority called, and which of them is meant?"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

import pandas as pd

from earlywarning.errors import UsageError, refuse_other_kind
from earlywarning.explain.wording import folded, one_line

LIKELY = 3  # things named where none is found


def called(authorities: pd.DataFrame) -> pd.DataFrame:
    """Return what each authority is called: its code, its name or else its code, and both."""
    codes = authorities["authority"].astype(str)
    bare = codes.map(one_line)
    name = authorities["name"].map(one_line).where(authorities["name"].notna(), bare)
    both = bare.where(name.eq(bare), name + " (" + bare + ")")
    return pd.DataFrame({"code": codes, "name": name, "both": both})


def find_authority(authority: str, known: pd.DataFrame) -> str:
    """Return the code of an authority given by its code or name, whatever their case.

    `known` is what all are `called`.
    """
    refuse_other_kind("authority", authority, str, "Give one code or name at a time.")
    codes, names = known["code"], known["name"]
    if codes.eq(authority).sum() == 1:  # as it stands, even where another is like it
        return authority
    wanted, keys = folded(authority), known[["code", "name"]].map(folded)
    found = codes[keys["code"].eq(wanted) | keys["name"].eq(wanted)]
    if len(found) == 1:
        return str(found.iloc[0])
    places = dict(zip([*keys["name"], *keys["code"]], [*codes, *codes], strict=True))
    of_code = dict(zip(codes, names, strict=True))
    likely = {key: f"{of_code[code]} ({code})" for key, code in places.items()}
    none = "Give a code or name from the table of authorities."
    raise unclear(authority, found, likely, kinds=("authority", "authorities", "code"), none=none)


def unclear(
    typed: str,
    found: Iterable[str],
    likely: Mapping[str, str],
    *,
    kinds: tuple[str, str, str],
    none: str,
) -> UsageError:
    """Return what to say of words under which not one thing was found.

    `found` is several or nothing; `likely` says, for each folded key, what would be meant by
    it; `kinds` is what one and several of them are called, and what tells them apart; `none` is
    what to do where nothing is like it.

    Examples
    --------
    >>> kinds = "metric", "metrics", "name"
    >>> str(unclear("dept", [], {"debt": "debt"}, kinds=kinds, none="Look into metrics.csv."))
    "There is no metric 'dept'. Did you mean debt?"
    """
    one, several, apart = kinds
    if meant := [one_line(each) for each in found]:
        return UsageError(
            f"{one_line(typed)!r} names {len(meant)} {several}: {', '.join(meant)}. "
            f"Give the {apart}."
        )
    near = difflib.get_close_matches(folded(typed), likely, n=LIKELY, cutoff=0.5)
    hints = ", or ".join(dict.fromkeys(one_line(likely[key]) for key in near))
    advice = f"Did you mean {hints}?" if hints else none
    return UsageError(f"There is no {one} {one_line(typed)!r}. {advice}")
