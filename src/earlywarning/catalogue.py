"""What is each metric, and which way is worse?

A `Catalogue` is a table with one row a metric; `built_in` opens the ones that
come with the library, `read_catalogue` a user's own, `draft` starts a new one.
Names are matched whatever their case, punctuation and white space, and by the
aliases a catalogue lists: never by likeness. Polarity is never guessed: a metric
in no catalogue is `context`.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property, lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pandas as pd

from earlywarning import schema
from earlywarning.catalogue_file import Aliases, checked, nearest, read_rows, readable, write_toml
from earlywarning.errors import UsageError
from earlywarning.units import format_change, format_value

__all__ = [
    "BUILT_IN", "Catalogue", "Metric", "as_catalogue", "built_in", "draft", "format_change",
    "format_value", "match_built_in", "read_catalogue", "write_toml",
]  # fmt: skip

BUILT_IN = ("oflog", "outcomes-framework", "finance")  # where two know a metric, the first counts


@dataclass(frozen=True, slots=True)
class Metric:
    """What a catalogue says of one metric; the fields are `schema.CATALOGUE`."""

    metric: str
    title: str
    theme: str = schema.NO_THEME
    unit: str = ""
    higher_is: str = "context"
    frequency: str = ""
    lag_days: int | None = None
    transform: str = "identity"
    target: float | None = None
    source: str = ""


@dataclass(frozen=True, eq=False)
class Catalogue:
    """A checked table of metrics; made by `as_catalogue`, `read_catalogue` or `built_in`.

    Parameters
    ----------
    table : DataFrame
        Columns `schema.CATALOGUE`, one row a metric.
    aliases : mapping of str to sequence of str, optional
        Other names and codes of a metric, by its name.

    Examples
    --------
    >>> finance = built_in("finance")
    >>> finance.metric("Usable reserves to NRE, pct").higher_is
    'better'
    >>> finance.metric("bins collected").theme
    'no theme'
    """

    table: pd.DataFrame
    aliases: Aliases = field(default_factory=dict)

    @cached_property
    def _exact(self) -> dict[str, Metric]:
        """Every metric of the table, by its own name."""
        rows: list[list[Any]] = [
            [None if pd.isna(cell) else cell for cell in row]
            for row in self.table.astype(object).itertuples(index=False, name=None)
        ]
        return {row[0]: Metric(*row) for row in rows}

    @cached_property
    def _folded(self) -> dict[str, str | None]:
        """The name behind each key; None where two metrics share it."""
        found: dict[str, str | None] = {}
        for name in self._exact:
            for key in self.keys(name):
                found[key] = name if found.get(key, name) == name else None
        return found

    def _find(self, name: str) -> Metric | None:
        if name in self._exact:
            return self._exact[name]
        key = _fold(name)
        own = self._folded.get(key) if key else None
        return self._exact[own] if own is not None else None

    def keys(self, name: str) -> tuple[str, ...]:
        """Return a metric's name and aliases as they are matched."""
        folded = (_fold(word) for word in (name, *self.aliases.get(name, ())))
        return tuple(key for key in folded if key)

    def metric(self, name: str) -> Metric:
        """Return what is known of a metric under the name given; a stranger is `context`."""
        found = self._find(name)
        if found is None:
            return Metric(metric=name, title=name)
        return replace(found, metric=name)

    def known(self, metrics: Iterable[str]) -> list[str]:
        """Return those of the metrics that the catalogue has, in their order."""
        return [name for name in metrics if self._find(name) is not None]

    def unknown(self, metrics: Iterable[str]) -> list[str]:
        """Return those of the metrics that the catalogue does not have, in their order."""
        return [name for name in metrics if self._find(name) is None]

    def lags(self, metrics: Iterable[str]) -> pd.Series:
        """Return days from a period's end to its publication, NaN where not said, by metric."""
        days = {name: self.metric(name).lag_days for name in metrics}
        return pd.Series(days, dtype=float, name="lag_days").rename_axis("metric")


def _fold(name: str) -> str:
    """Return what is left of a name without case, punctuation and white space."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\W_]+", " ", plain).strip()


def as_catalogue(
    table: pd.DataFrame, *, aliases: Aliases | None = None, where: str = "the catalogue"
) -> Catalogue:
    """Check a table of metrics, and fill in what may be left out.

    Parameters
    ----------
    table : DataFrame
        Any of the columns `schema.CATALOGUE`; `metric` and `higher_is` must be there.
    aliases : mapping of str to sequence of str, optional
        Other names and codes of a metric, by its name.
    where : str, default "the catalogue"
        What to call the table in messages.

    Returns
    -------
    Catalogue
        With a title made of the name, "no theme", and the unit's own transform where left out.

    Raises
    ------
    CatalogueError
        Naming every row and column that breaks a rule, and the nearest known word.

    Examples
    --------
    >>> mine = pd.DataFrame(
    ...     {"metric": ["tax_collected"], "unit": ["percent"], "higher_is": ["better"]}
    ... )
    >>> as_catalogue(mine).metric("tax_collected").transform
    'logit'
    """
    return Catalogue(checked(table, where), dict(aliases or {}))


def read_catalogue(path: str | Path) -> Catalogue:
    r"""Read a catalogue from a TOML or CSV file.

    Parameters
    ----------
    path : str or Path
        TOML with one `[[metric]]` table a metric, or CSV with the same names as columns.

    Returns
    -------
    Catalogue
        Checked and filled in, as by `as_catalogue`.

    Raises
    ------
    CatalogueError
        If the file cannot be read, or breaks a catalogue's rules.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "mine.csv")
    ...     _ = path.write_text("metric,higher_is\nrecycling,better\n")
    ...     read_catalogue(path).metric("Recycling").higher_is
    'better'
    """
    rows, aliases = read_rows(Path(path))
    return as_catalogue(rows, aliases=aliases, where=str(path))


@lru_cache
def _shipped(name: str) -> Catalogue:
    with as_file(files("earlywarning") / "catalogues" / f"{name}.toml") as path:
        return read_catalogue(path)


def built_in(*names: str) -> Catalogue:
    """Open the catalogues that come with the library.

    Parameters
    ----------
    *names : str
        Any of `BUILT_IN`; none means all, in that order.

    Returns
    -------
    Catalogue
        All their metrics. Where two know a metric under one name, the first one counts.

    Raises
    ------
    UsageError
        If there is no catalogue of such a name.

    Examples
    --------
    >>> built_in("oflog").metric("ASC7").higher_is
    'worse'
    """
    wrong = [f"{name!r}{nearest(name, BUILT_IN)}" for name in names if name not in BUILT_IN]
    if wrong:
        raise UsageError(f"No built-in catalogue {', '.join(wrong)}. There are {list(BUILT_IN)}.")
    taken: set[str] = set()
    tables: list[pd.DataFrame] = []
    aliases: dict[str, Sequence[str]] = {}
    for shipped in map(_shipped, names or BUILT_IN):
        new = [name for name in shipped.table["metric"] if taken.isdisjoint(shipped.keys(name))]
        tables.append(shipped.table[shipped.table["metric"].isin(new)])
        aliases |= {name: shipped.aliases[name] for name in new if name in shipped.aliases}
        taken.update(key for name in new for key in shipped.keys(name))
    return Catalogue(pd.concat(tables, ignore_index=True), aliases)


def match_built_in(metrics: Iterable[str]) -> Catalogue:
    """Find metrics in the built-in catalogues.

    Parameters
    ----------
    metrics : iterable of str
        Names as in the data.

    Returns
    -------
    Catalogue
        A row for each metric that is known, under the name given.

    Examples
    --------
    >>> match_built_in(["borrowing_total_k", "bins collected"]).table["metric"].to_list()
    ['borrowing_total_k']
    """
    catalogue = built_in()
    names = list(dict.fromkeys(metrics))
    rows = [asdict(catalogue.metric(name)) for name in catalogue.known(names)]
    return as_catalogue(pd.DataFrame(rows, columns=list(schema.CATALOGUE), dtype=object))


def draft(panel_frame: pd.DataFrame, periods: pd.DataFrame) -> pd.DataFrame:
    """Start a catalogue for the metrics of a panel, to be filled in by hand.

    Parameters
    ----------
    panel_frame : DataFrame
        Columns `metric` and `period` at least.
    periods : DataFrame
        Columns `schema.PERIODS`: what each period label means.

    Returns
    -------
    DataFrame
        Columns `schema.CATALOGUE`, one row a metric in the order of the alphabet, the frequency
        as observed. Every metric is `context`: which way is worse is for you to say.

    Examples
    --------
    >>> panel = pd.DataFrame({"metric": ["tax_collected"], "period": ["2023-24"]})
    >>> periods = pd.DataFrame({"period": ["2023-24"], "frequency": ["annual"]})
    >>> draft(panel, periods)[["title", "higher_is", "frequency"]].to_numpy().tolist()
    [['Tax collected', 'context', 'annual']]
    """
    frequency_of = periods.drop_duplicates("period").set_index("period")["frequency"]
    seen = panel_frame[["metric", "period"]].drop_duplicates().astype(str)
    seen["frequency"] = seen["period"].map(frequency_of)
    observed = seen.groupby("metric")["frequency"].agg(_one_frequency)
    rows = pd.DataFrame({"metric": observed.index, "frequency": observed.to_numpy()})
    rows["title"] = rows["metric"].map(readable)
    filled = rows.assign(theme=schema.NO_THEME, higher_is="context")
    return checked(filled, "the draft").assign(transform="")


def _one_frequency(frequencies: pd.Series) -> str:
    words = frequencies.dropna().unique()
    return str(words[0]) if len(words) == 1 else ("irregular" if len(words) else "")
