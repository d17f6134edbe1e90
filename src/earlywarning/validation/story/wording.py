"""How are figures of a back-test written?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from earlywarning.validation.plan import Plan

UNKNOWN = "not known"


def number(value: float, digits: int = 2) -> str:
    """Write a figure; one that is missing in words.

    Examples
    --------
    >>> number(0.5), number(float("nan"))
    ('0.50', 'not known')
    """
    return f"{value:.{digits}f}" if math.isfinite(value) else UNKNOWN


def percent(value: float, digits: int = 1) -> str:
    """Write a share.

    Examples
    --------
    >>> percent(0.0254), percent(-16.84, 0)
    ('2.5%', '-1,684%')
    """
    return f"{value:,.{digits}%}" if math.isfinite(value) else UNKNOWN


def with_limits(row: Mapping[str, Any] | pd.Series[Any], name: str, digits: int = 2) -> str:
    """Write a figure and its limits, as a table of measures has them.

    Limits that are one number say nothing: every draw gave the same.

    Examples
    --------
    >>> with_limits({"auc": 0.7, "auc_lower": 0.6, "auc_upper": 0.8}, "auc")
    '0.70 (0.60 to 0.80)'
    >>> with_limits({"hits": 0.0, "hits_lower": 0.0, "hits_upper": 0.0}, "hits")
    '0.00'
    """
    value, lower, upper = (float(row[f"{name}{end}"]) for end in ("", "_lower", "_upper"))
    if not math.isfinite(lower) or lower == upper:
        return number(value, digits)
    return f"{number(value, digits)} ({number(lower, digits)} to {number(upper, digits)})"


def horizon_of(plan: Plan) -> str:
    """Write the horizon in words.

    Examples
    --------
    >>> horizon_of(Plan(horizon="2Y"))
    '24 months'
    """
    return f"{plan.months} months"


def months(days: float) -> str:
    """Write days as months.

    Examples
    --------
    >>> months(365.25)
    '12 months'
    """
    if math.isinf(days):
        return "longer than was seen"
    return f"{days / 365.25 * 12:.0f} months" if math.isfinite(days) else UNKNOWN
