"""One plain sentence a flag: what was seen, when, against what, and how sure that is."""

from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earlywarning.explain.wording import bare, in_period, once_in, one_line
from earlywarning.schema import SIGNAL_NAMES
from earlywarning.settings import Settings
from earlywarning.signals.strongest import as_compared
from earlywarning.units import format_value

LIMITS = Settings().limits  # share of peers, or of chance, inside the limits shown
SHOWN = ["signal", "value", "expected", "lower", "upper", "n_peers", "n_periods"]
SAID = ["title", "unit", "higher_is"]
SERIES = ["authority", "metric", "signal"]

Comparison = Literal["worse", "better", "unusual"]

_SEEN = {
    "last": "{title} was {value} {when}",
    "step": "{title} averaged {value} over the last two periods to {period}",
    "drift": "{title} has crept to {value} by {period}",
    "position": "{title} was {value} {when}",
}
_EXPECTED = {
    "worse": ", where {whom} led one to expect {limits}",
    "unusual": ", which is unusual for it: {whom} led one to expect {limits}",
    "better": ", better than expected: {whom} led one to expect {limits}",
}


def reason(flag: Any, *, limits: float = LIMITS) -> str:
    """Return one plain sentence on a flag, from its row alone.

    Parameters
    ----------
    flag : namedtuple or similar
        A row of `with_signals`: a flag, its title, unit and polarity, and what was measured.
    limits : float, default 0.95
        The share inside `lower` to `upper`, as in `Settings.limits`.

    Returns
    -------
    str
        British English, on one line; plain text, nothing escaped.

    Examples
    --------
    >>> from types import SimpleNamespace as Row
    >>> reason(
    ...     Row(
    ...         title="Council tax collected", unit="percent", higher_is="better",
    ...         signal="last", period="2023/24", value=91.2, expected=95.0, lower=93.1,
    ...         upper=96.2, n_peers=35, p=0.000412,
    ...     )
    ... )  # doctest: +NORMALIZE_WHITESPACE
    'Council tax collected was 91.2% in 2023/24, where its own record and its 35 peers led one
    to expect 95.0% (93.1% to 96.2%); chance alone would do this about once in 2,400 series.'
    """
    comparison: Comparison = "unusual" if flag.higher_is == "context" else "worse"
    return f"{seen(flag, comparison, limits=limits)}; {once_in(flag.p)}."


def reasons(flags: pd.DataFrame, *, limits: float = LIMITS) -> pd.Series:
    """Return the reason for each flag.

    Parameters
    ----------
    flags : DataFrame
        As from `with_signals`.
    limits : float, default 0.95
        The share inside `lower` to `upper`, as in `Settings.limits`.

    Returns
    -------
    Series
        Named `reason`, with the index of `flags`.

    Examples
    --------
    >>> reasons(pd.DataFrame(columns=["p"])).to_list()
    []
    """
    said = [reason(flag, limits=limits) for flag in flags.itertuples(index=False)]
    return pd.Series(said, index=flags.index, dtype="str", name="reason")


def with_signals(flags: pd.DataFrame, signals: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """Put beside each flag what was measured and what its metric is.

    Parameters
    ----------
    flags, signals, metrics : DataFrame
        Columns `schema.FLAGS`, `schema.SIGNALS` and `schema.CATALOGUE`.

    Returns
    -------
    DataFrame
        The flags in their order, with the metric's `title, unit, higher_is`, and `signal, value,
        expected, lower, upper, n_peers, n_periods` of the position, or of the strongest of the
        three contrasts.

    Examples
    --------
    >>> from earlywarning import schema
    >>> nothing = with_signals(*map(schema.empty, (schema.FLAGS, schema.SIGNALS, schema.CATALOGUE)))
    >>> nothing.columns[-3:].to_list()
    ['title', 'unit', 'higher_is']
    """
    series = ["authority", "metric", "kind"]
    near = _of_the_same_series(signals, flags) & signals["signal"].ne("change").to_numpy()
    place = np.flatnonzero(near)
    order = pd.Index(SIGNAL_NAMES).get_indexer(signals["signal"].array.take(place))
    place = place[np.lexsort((order, as_compared(signals["p"].array.take(place))))]
    authority, metric, signal = (
        np.asarray(signals[name].array.take(place), dtype=object) for name in SERIES
    )
    shown = signals[SHOWN].take(place).assign(signal=pd.Series(signal, dtype=object).array)
    kind = np.where(signal == "position", "position", "change")
    keys = list(zip(authority, metric, kind, strict=True))
    strongest = dict(zip(reversed(keys), reversed(range(len(keys))), strict=True))
    of = [strongest.get(key, -1) for key in zip(*(flags[name] for name in series), strict=True)]
    beside = shown[SHOWN].reset_index(drop=True).reindex(of).set_axis(flags.index)
    known = metrics.set_index("metric")[SAID].reindex(flags["metric"]).set_axis(flags.index)
    table = pd.concat([flags, beside, known], axis=1)
    stranger = {"title": table["metric"].astype(str), "unit": "", "higher_is": "context"}
    return table.fillna(stranger)


def _of_the_same_series(signals: pd.DataFrame, flags: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which signals are of a series that has a flag."""
    key, flagged = np.zeros(len(signals), dtype=np.int64), np.zeros(len(flags), dtype=np.int64)
    for name in ("authority", "metric"):
        words = signals[name].astype("category").cat
        size = len(words.categories) + 1
        key = size * key + words.codes.to_numpy()
        wanted = pd.Index(flags[name].astype(str))
        flagged = size * flagged + words.categories.get_indexer(wanted).astype(np.int64)
    return np.isin(key, flagged)


def seen(row: Any, comparison: Comparison, *, limits: float = LIMITS) -> str:
    """Return what was seen and what was expected, without its doubt and full stop."""
    what = _SEEN[row.signal].format(
        title=one_line(row.title),
        value=format_value(row.value, row.unit),
        when=in_period(row.period),
        period=one_line(row.period),
    )
    against = _peers(row, comparison, limits) if row.signal == "position" else ""
    return what + (against or _expected(row, comparison)) + _hidden(row)


def _expected(row: Any, comparison: Comparison) -> str:
    expected, lower, upper = _written(row)
    own = "its own record"
    whom = f"{own} and {_its_peers(row.n_peers)}" if row.n_peers > 0 else own
    return _EXPECTED[comparison].format(whom=whom, limits=f"{expected} ({lower} to {upper})")


def _peers(row: Any, comparison: Comparison, limits: float) -> str:
    middle, lower, upper = _written(row)
    than = "unusual among" if comparison == "unusual" else f"{comparison} than"
    return (
        f", {than} {_its_peers(row.n_peers)}, whose middle is {middle} "
        f"and of whom {limits:.0%} would lie between {lower} and {upper} in its place"
    )


def _its_peers(n: float) -> str:
    return f"its {n:,.0f} peer{'' if n == 1 else 's'}"


def _written(row: Any) -> tuple[str, str, str]:
    return bare(row.expected, row.unit), bare(row.lower, row.unit), bare(row.upper, row.unit)


def _hidden(row: Any) -> str:
    """Own up where rounding makes what was seen look like what was expected."""
    alike = bare(row.value, row.unit) == bare(row.expected, row.unit)
    return ", a difference that rounding hides" if alike else ""
