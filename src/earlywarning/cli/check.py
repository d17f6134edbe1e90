"""`earlywarning check`: can these files be used, and what is wrong with them?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from earlywarning.cli.options import Catalogues, Columns, Files, MetricName, PeriodKind, Sheet

if TYPE_CHECKING:
    import pandas as pd

    from earlywarning.catalogue import Catalogue
    from earlywarning.panel import Panel

LONGEST_NAME = 37  # letters of a metric
SEVERITY = ("refused", "doubted", "repaired")  # gravest first
REPAIRED = {
    "columns_taken", "duplicate", "encoding", "history_carried", "marker", "metric_from_file",
    "rows_above_header", "shape", "value_note",
}  # fmt: skip
DOUBTED = {
    "column_ignored", "history_cut", "lag_assumed", "metric_ignored", "no_neighbours",
    "no_publication_day", "not_in_catalogue", "not_in_register", "period_doubted",
    "published_unreadable", "rough_release", "shape_not_used", "sheet_ignored", "spelt_twice",
    "unknown_authority",
}  # fmt: skip  # all others: rows, cells or sheets that are not used


def check(
    files: Files,
    *,
    catalogue: Catalogues = None,
    column: Columns = None,
    sheet: Sheet = None,
    metric: MetricName = None,
    period_kind: PeriodKind = None,
    every: Annotated[
        bool, typer.Option("--all", help="List every issue, not one line a code.")
    ] = False,
) -> None:
    """Read files as score would, and say what is in them and what is wrong.

    Example: earlywarning check figures.csv
    """
    from earlywarning.catalogue import match_built_in
    from earlywarning.cli.inputs import Reading, read_inputs
    from earlywarning.cli.screen import heading, say, table

    found = read_inputs(
        Reading(files, catalogue or (), column or (), sheet, metric, period_kind=period_kind)
    )
    panel = found.panel
    known = match_built_in(panel.metrics) if found.catalogue is None else found.catalogue
    say(
        f"{len(panel.authorities):,} authorities, {len(panel.metrics):,} metrics, "
        f"{len(panel.series):,} series, {len(panel.frame):,} rows."
    )
    heading("Metrics")
    headers = ("metric", "authorities", "from", "to", "frequency", "missing", "worse is")
    table(headers, metric_rows(panel, known), numbers=" r   r ")
    _issues(panel.issues, every)


def metric_rows(panel: Panel, catalogue: Catalogue) -> list[tuple[str, ...]]:
    """Return one row a metric: name, authorities, first and last period, frequency, gaps, worse."""
    frame = panel.known_at(panel.latest_publication).frame
    values = frame[frame["value"].notna()]
    labels = panel.periods["period"].astype(str).to_list()
    frequency = panel.periods["frequency"].astype(str).to_list()
    place = values["period"].astype(str).map({label: at for at, label in enumerate(labels)})
    spans = place.groupby(values["metric"].astype(str)).agg(["min", "max", "nunique", "size"])
    span_of = {str(row[0]): [int(n) for n in row[1:]] for row in spans.itertuples(name=None)}
    authorities = panel.series["metric"].value_counts()
    rows: list[tuple[str, ...]] = []
    for name in panel.metrics:
        n = int(authorities[name])
        if name not in span_of:
            rows.append((_short(name), f"{n:,}", "", "", "", "100%", "not used"))
            continue
        first, last, periods, size = span_of[name]
        gaps = f"{1 - size / (n * periods):.0%}"
        worse = _worse(name, catalogue)
        span = (labels[first], labels[last], frequency[last])
        rows.append((_short(name), f"{n:,}", *span, gaps, worse))
    return rows


def _short(name: str) -> str:
    """Leave out the middle of a long name: names often differ in their ends."""
    half = (LONGEST_NAME - 1) // 2
    return name if len(name) <= LONGEST_NAME else f"{name[:half]}…{name[-half:]}"


def _worse(name: str, catalogue: Catalogue) -> str:
    """Say which way is worse, or that no catalogue says so."""
    if not catalogue.known([name]):
        return "in no catalogue"
    return {"worse": "higher", "better": "lower", "context": "neither"}[
        catalogue.metric(name).higher_is
    ]


def severity(code: str) -> str:
    """Return what became of the data of an issue: refused, doubted or repaired.

    Examples
    --------
    >>> severity("values_disagree"), severity("marker")
    ('refused', 'repaired')
    """
    return "repaired" if code in REPAIRED else "doubted" if code in DOUBTED else "refused"


def _issues(issues: pd.DataFrame, every: bool) -> None:
    """Print the issues, the gravest first."""
    from earlywarning.cli.screen import heading, listed, say
    from earlywarning.explain.wording import counted

    heading("Issues")
    if issues.empty:
        say("None.")
        return
    grave = issues.assign(n_rows=issues["n_rows"].fillna(1), severity=issues["code"].map(severity))
    grave["place"] = grave["severity"].map(SEVERITY.index)
    grave = grave.sort_values(["place", "code"], kind="stable")
    if every:
        listed(f"{row.severity}: {row.code}{_where(row)}: {row.message} {row.remedy}"
               for row in grave.itertuples())  # fmt: skip
        return
    for code, group in grave.groupby("code", sort=False):
        first = next(group.itertuples())
        rows = counted(int(group["n_rows"].sum()), "row", "rows")
        head = f"{first.severity}: {code}, {rows}, the first{_where(first)}"
        listed([f"{head}: {first.message} {first.remedy}"])
    if grave["code"].duplicated().any():
        say("", "Each issue: --all.")


def _where(row: object) -> str:
    """Return the file and row of an issue, as far as they are known."""
    import pandas as pd

    file, line = getattr(row, "file", None), getattr(row, "row", None)
    parts = [str(file)] if not pd.isna(file) else []
    parts += [f"row {line}"] if not pd.isna(line) else []
    return f" in {', '.join(parts)}" if parts else ""
