"""Who, what and which flags: the rows of the tables, cleaned once for all pages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from earlywarning.explain import Explained, one_line
from earlywarning.explain.order import place_of
from earlywarning.flags import gravest_first
from earlywarning.report.site.names import file_names
from earlywarning.schema import NO_THEME, THEME
from earlywarning.units import UNITS, format_change, format_value

WAYS = {
    "worse": "higher is worse",
    "better": "lower is worse",
    "context": "neither way is worse: what is unusual is shown, and adds no points",
}


@dataclass(frozen=True)
class Authority:
    """One authority, and what it scores."""

    code: str
    name: str
    type: str
    tier: str
    score: float
    position: float
    change: float
    coverage: float
    themes: Mapping[str, float]
    href: str

    @property
    def place(self) -> tuple[int, str, str]:
        """Where it stands in a list: by tier, then name."""
        return place_of(self.tier, self.name, self.code)

    @property
    def called(self) -> str:
        """Its name and code, or its code alone."""
        code = one_line(self.code)
        return self.name if self.name == code else f"{self.name} ({code})"


@dataclass(frozen=True)
class Metric:
    """One metric, as the catalogue has it."""

    code: str
    title: str
    theme: str
    unit: str
    higher_is: str
    frequency: str
    lag_days: str
    target: float
    source: str
    href: str

    @property
    def way(self) -> str:
        """Which way is worse, in words."""
        return WAYS.get(self.higher_is, WAYS["context"])

    @property
    def meaning(self) -> str:
        """What its unit means, in words."""
        return UNITS.get(self.unit, UNITS[""]).meaning

    def value(self, value: float) -> str:
        """Write a value of it."""
        return format_value(value, self.unit)

    def difference(self, effect: float) -> str:
        """Write a difference of two values, without the words of `steps`."""
        return format_change(effect, self.unit).removesuffix(f" {self.steps}")

    @property
    def steps(self) -> str:
        """What a difference of two values counts, in words; nothing where it says so itself."""
        known = UNITS.get(self.unit, UNITS[""])
        suffix = known.suffix if known.change_suffix is None else known.change_suffix
        return suffix.strip() if suffix.startswith(" ") else ""


@dataclass(frozen=True)
class Flag:
    """One flag, the gravest first in every list of them."""

    authority: Authority
    metric: Metric
    kind: str
    severity: str
    since: str
    period: str
    reason: str


@dataclass(frozen=True, eq=False)
class Rows:
    """All of them by their codes, in the order of the tables; the flags gravest first."""

    authorities: Mapping[str, Authority]
    metrics: Mapping[str, Metric]
    themes: Mapping[str, str]  # each theme's page, the themes in the order of the alphabet
    flags: tuple[Flag, ...]
    of_authority: Mapping[str, list[Flag]] = field(repr=False)
    of_series: Mapping[tuple[str, str], list[Flag]] = field(repr=False)

    @cached_property
    def by_tier(self) -> list[Authority]:
        """The authorities by tier, then name."""
        return sorted(self.authorities.values(), key=lambda who: who.place)

    @cached_property
    def by_name(self) -> list[Authority]:
        """The authorities by name."""
        return sorted(self.authorities.values(), key=lambda who: who.place[1:])

    @cached_property
    def metrics_by_theme(self) -> dict[str, list[Metric]]:
        """Each theme's metrics by title."""
        found: dict[str, list[Metric]] = {theme: [] for theme in self.themes}
        for metric in sorted(self.metrics.values(), key=lambda what: what.title.casefold()):
            found[metric.theme].append(metric)
        return found

    def flags_of_metric(self, metric: Metric) -> list[Flag]:
        """Return a metric's flags."""
        return [flag for flag in self.flags if flag.metric.code == metric.code]


def rows_of(told: Explained) -> Rows:
    """Return who, what and which flags there are.

    Examples
    --------
    >>> from earlywarning import schema
    >>> names = ("authorities", "flags", "signals", "contributions", "issues", "catalogue")
    >>> tables = [schema.empty(getattr(schema, name.upper())) for name in names]
    >>> tables[0].loc[0, ["authority", "name", "score", "tier"]] = ["E1", "Ash", 3.0, "none"]
    >>> found = rows_of(Explained(*tables, as_of=pd.Timestamp("2025-03-01")))
    >>> found.authorities["E1"].called, found.authorities["E1"].href
    ('Ash (E1)', 'authority-e1.html')
    """
    metrics = _metrics(told)
    authorities = _authorities(told)
    flags = []
    for row in gravest_first(told.flags).itertuples(index=False):
        who, what = authorities.get(str(row.authority)), metrics.get(str(row.metric))
        if who is not None and what is not None:
            cells = (row.kind, row.severity, row.since, row.period, row.reason)
            kind, severity, since, period, reason = map(one_line, cells)
            flags.append(Flag(who, what, kind, severity, since, period, reason))
    of_authority: dict[str, list[Flag]] = {}
    of_series: dict[tuple[str, str], list[Flag]] = {}
    for flag in flags:
        of_authority.setdefault(flag.authority.code, []).append(flag)
        of_series.setdefault((flag.authority.code, flag.metric.code), []).append(flag)
    themes = sorted({metric.theme for metric in metrics.values()}, key=str.casefold)
    return Rows(
        authorities,
        metrics,
        file_names("theme", themes),
        tuple(flags),
        of_authority,
        of_series,
    )


def _authorities(told: Explained) -> dict[str, Authority]:
    table = told.authorities
    columns = [str(name) for name in table.columns if str(name).startswith(THEME)]
    hrefs = file_names("authority", table["authority"].astype(str))
    return {
        str(row["authority"]): Authority(
            code=str(row["authority"]),
            name=text_of(row["name"]) or one_line(row["authority"]),
            type=text_of(row["type"]),
            tier=str(row["tier"]),
            score=number_of(row["score"]),
            position=number_of(row["score_position"]),
            change=number_of(row["score_change"]),
            coverage=number_of(row["coverage"]),
            themes={text_of(name.removeprefix(THEME)): number_of(row[name]) for name in columns},
            href=hrefs[str(row["authority"])],
        )
        for row in _dicts(table)
    }


def _metrics(told: Explained) -> dict[str, Metric]:
    """Return the catalogue's metrics, and whatever else has a signal or a flag."""
    known = {str(row["metric"]): row for row in _dicts(told.metrics)}
    for table in (told.signals, told.flags):
        for code in table["metric"].astype(str).unique():
            known.setdefault(code, {"metric": code})
    hrefs = file_names("metric", known)
    return {
        code: Metric(
            code=code,
            title=text_of(row.get("title")) or one_line(code),
            theme=text_of(row.get("theme")) or NO_THEME,
            unit=text_of(row.get("unit")),
            higher_is=text_of(row.get("higher_is")) or "context",
            frequency=text_of(row.get("frequency")),
            lag_days=text_of(row.get("lag_days")),
            target=number_of(row.get("target")),
            source=text_of(row.get("source")),
            href=hrefs[code],
        )
        for code, row in known.items()
    }


def _dicts(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    names = [str(name) for name in table.columns]
    for row in table.itertuples(index=False, name=None):
        yield dict(zip(names, row, strict=True))


def text_of(cell: object) -> str:
    """Return a cell as one line; nothing where it is missing."""
    return "" if cell is None or pd.isna(cell) else one_line(cell)  # type: ignore[call-overload]


def number_of(cell: Any) -> float:
    """Return a cell as a number; NaN where it is missing."""
    return float("nan") if cell is None or pd.isna(cell) else float(cell)
