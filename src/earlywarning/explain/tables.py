"""The tables that a page is made of, and how an authority is found in them."""

import difflib
from dataclasses import dataclass, field, replace

import pandas as pd

from earlywarning.errors import UsageError
from earlywarning.explain.reasons import LIMITS
from earlywarning.explain.wording import one_line
from earlywarning.schema import BREAKS, PRACTICE, VALUES, empty

LIKELY = 3  # authorities named where none is found


@dataclass(frozen=True, eq=False)
class Explained:
    """All that a page on an authority is made of; columns as in `schema`.

    Parameters
    ----------
    authorities, flags, signals, contributions, issues : DataFrame
        What was found, as known on `as_of`.
    metrics : DataFrame
        Columns `schema.CATALOGUE`.
    as_of : Timestamp
        The day.
    limits : float, default 0.95
        The share inside `lower` to `upper`, as in `Settings.limits`.
    breaks : DataFrame, optional
        Columns `schema.BREAKS`: where metrics may have been defined anew; none by default.
    values, practice : DataFrame, optional
        Columns `schema.VALUES` and `schema.PRACTICE`: the values of all authorities, and who
        does well in what; none by default.
    """

    authorities: pd.DataFrame
    flags: pd.DataFrame
    signals: pd.DataFrame
    contributions: pd.DataFrame
    issues: pd.DataFrame
    metrics: pd.DataFrame
    as_of: pd.Timestamp
    limits: float = LIMITS
    breaks: pd.DataFrame = field(default_factory=lambda: empty(BREAKS))
    values: pd.DataFrame = field(default_factory=lambda: empty(VALUES))
    practice: pd.DataFrame = field(default_factory=lambda: empty(PRACTICE))

    def find(self, authority: str) -> str:
        """Return the code of an authority given by its code or name, whatever their case."""
        codes = self.authorities["authority"].astype(str)
        if codes.eq(authority).sum() == 1:  # as it stands, even where another is like it
            return authority
        names = self.authorities["name"].where(self.authorities["name"].notna(), codes)
        keys = pd.DataFrame({"code": codes.map(_folded), "name": names.map(_folded)})
        wanted = _folded(authority)
        found = codes[keys["code"].eq(wanted) | keys["name"].eq(wanted)]
        if len(found) == 1:
            return str(found.iloc[0])
        if len(found):
            raise UsageError(
                f"{one_line(authority)!r} names {len(found)} authorities: "
                f"{', '.join(found)}. Give the code."
            )
        known = dict(zip([*keys["name"], *keys["code"]], [*codes, *codes], strict=True))
        near = difflib.get_close_matches(wanted, known, n=LIKELY, cutoff=0.5)
        of_code = dict(zip(codes, names.map(one_line), strict=True))
        hints = [f"{of_code[known[key]]} ({known[key]})" for key in near]
        advice = (
            f"Did you mean {', or '.join(dict.fromkeys(hints))}?"
            if hints
            else ("Give a code or name from the table of authorities.")
        )
        raise UsageError(f"There is no authority {one_line(authority)!r}. {advice}")

    def about(self, code: str) -> "Explained":
        """Return the same tables, what was found cut to one authority."""

        def cut(table: pd.DataFrame) -> pd.DataFrame:
            return table[table["authority"].eq(code)]

        return replace(
            self,
            authorities=cut(self.authorities),
            flags=cut(self.flags),
            signals=cut(self.signals),
            contributions=cut(self.contributions),
            issues=cut(self.issues),
        )

    def titles(self, metrics: pd.Series) -> pd.Series:
        """Return each metric's title on one line; a stranger is called by its name."""
        title = metrics.map(self.metrics.set_index("metric")["title"])
        return title.where(title.notna(), metrics).map(one_line)


def _folded(text: object) -> str:
    return one_line(text).casefold()
