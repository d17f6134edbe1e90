"""What is each authority called, and which of them is meant?"""

from __future__ import annotations

import difflib

import pandas as pd

from earlywarning.errors import UsageError, refuse_other_kind
from earlywarning.explain.wording import folded, one_line

LIKELY = 3  # authorities named where none is found


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
    if len(found):
        raise UsageError(
            f"{one_line(authority)!r} names {len(found)} authorities: "
            f"{', '.join(found)}. Give the code."
        )
    places = dict(zip([*keys["name"], *keys["code"]], [*codes, *codes], strict=True))
    near = difflib.get_close_matches(wanted, places, n=LIKELY, cutoff=0.5)
    of_code = dict(zip(codes, names, strict=True))
    hints = [f"{of_code[places[key]]} ({places[key]})" for key in near]
    advice = (
        f"Did you mean {', or '.join(dict.fromkeys(hints))}?"
        if hints
        else ("Give a code or name from the table of authorities.")
    )
    raise UsageError(f"There is no authority {one_line(authority)!r}. {advice}")
