"""Is this a download of Oflog's Local Authority Data Explorer?

Its header says so. The metric is the `Measure`; `Code` is an alias that the
catalogue knows. Its own median and MADs are left out: they are computed anew.
"""

from collections.abc import Iterable, Mapping

HEADER = ("Financial year", "Local authority code", "Measure", "Code", "Value", "MADs_from_median")
COLUMNS: Mapping[str, str] = {
    "authority": "Local authority code",
    "name": "Local authority name",
    "metric": "Measure",
    "period": "Financial year",
    "value": "Value",
}


def oflog_columns(header: Iterable[str]) -> Mapping[str, str] | None:
    """Return role to column for a Data Explorer download, or None for any other file.

    Examples
    --------
    >>> oflog_columns(["Area Code", "Value"]) is None
    True
    """
    names = set(header)
    if not names.issuperset(HEADER):
        return None
    return {role: column for role, column in COLUMNS.items() if column in names}
