"""Was the configuration settled before the outcomes were looked at?

A lock holds the fingerprint of all that was chosen, and the day. It proves nothing by
itself, for a file can be made anew; published, or sent to someone else, on that day, it does.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from earlywarning import __version__
from earlywarning.errors import DataRefusedError, UsageError
from earlywarning.explain.wording import day
from earlywarning.pipeline import EarlyWarning
from earlywarning.store.disk import saying_why
from earlywarning.validation.fingerprint import fingerprint
from earlywarning.validation.plan import Plan

FROZEN, HINDSIGHT = "frozen", "chosen with hindsight"


class Lock(BaseModel):
    """A configuration, its fingerprint, and the day on which it was settled."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    frozen: dt.date
    fingerprint: str
    parts: dict[str, str]  # a fingerprint each, so that one can say what was changed
    chosen: dict[str, Any]  # the same to read: the plan and the settings

    def to_json(self) -> str:
        """Return it as text."""
        return self.model_dump_json(indent=2) + "\n"


def lock_of(plan: Plan, model: EarlyWarning, today: dt.date) -> Lock:
    """Return the lock of a configuration.

    Parameters
    ----------
    plan : Plan
        What is asked.
    model : EarlyWarning
        Its settings, catalogue, register and neighbours.
    today : date
        The day; the caller's to say, for the library reads no clock.

    Examples
    --------
    >>> day, model = dt.date(2025, 3, 1), EarlyWarning()
    >>> few, many = (lock_of(Plan(capacity=k), model, day) for k in (5, 9))
    >>> few.fingerprint == many.fingerprint
    False
    """
    parts = {
        "version": fingerprint(__version__),
        "plan": fingerprint(plan),
        "settings": fingerprint(model.settings),
        "catalogue": fingerprint(None if model.catalogue is None else model.catalogue.table),
        "register": fingerprint(model.register),
        "neighbours": fingerprint(model.neighbours),
    }
    chosen = {
        "earlywarning": __version__,
        "plan": plan.model_dump(mode="json"),
        "settings": model.settings.model_dump(mode="json"),
    }
    return Lock(frozen=today, fingerprint=fingerprint(parts), parts=parts, chosen=chosen)


def write_lock(lock: Lock, path: Path) -> None:
    """Write a lock; one that is there is never replaced, for its day would be lost."""
    with saying_why(path):
        try:
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(lock.to_json())
        except FileExistsError as error:
            raise UsageError(
                f"'{path}' is there already: what it froze stays frozen. Name another file to "
                "freeze a second configuration."
            ) from error


def read_lock(path: Path) -> Lock:
    """Read a lock; one that is damaged or was edited is refused."""
    try:
        lock = Lock.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"'{path}' cannot be opened: {error.strerror}.") from error
    except ValidationError as error:
        raise DataRefusedError(f"'{path}' is no lock: {error.errors()[0]['msg']}.") from error
    if fingerprint(lock.parts) != lock.fingerprint or not _tells_what_it_froze(lock):
        raise DataRefusedError(f"'{path}' was changed after it was written: it locks nothing.")
    return lock


def _tells_what_it_froze(lock: Lock) -> bool:
    try:
        plan = Plan.model_validate(lock.chosen.get("plan"))
    except ValidationError:
        return False
    return fingerprint(plan) == lock.parts.get("plan")


def verdict(lock: Lock | None, now: Lock) -> tuple[str, str]:
    """Say whether a configuration was settled before, and in a sentence how one knows.

    Parameters
    ----------
    lock : Lock or None
        What was frozen, if anything.
    now : Lock
        The configuration that is used.

    Returns
    -------
    tuple of str
        "frozen" or "chosen with hindsight", and a sentence.

    Examples
    --------
    >>> now = lock_of(Plan(), EarlyWarning(), dt.date(2025, 3, 1))
    >>> verdict(None, now)[0], verdict(now, now)[0]
    ('chosen with hindsight', 'frozen')
    """
    if lock is None:
        return HINDSIGHT, "Nothing was frozen before the outcomes were read."
    then = day(pd.Timestamp(lock.frozen))
    if lock.fingerprint == now.fingerprint:
        return (
            FROZEN,
            f"The configuration is the one that was frozen on {then}.",
        )
    changed = [name for name in now.parts if lock.parts.get(name) != now.parts[name]]
    return HINDSIGHT, (
        f"What was frozen on {then} was changed since: {', '.join(changed)}"
        f"{_plan_changes(lock, now)}."
    )


def _plan_changes(lock: Lock, now: Lock) -> str:
    then, today = (_flat(one.chosen.get("plan", {})) for one in (lock, now))
    told = [f"{name} {then.get(name)} to {today[name]}" for name in today
            if then.get(name) != today[name]]  # fmt: skip
    return f" ({'; '.join(told)})" if told else ""


def _flat(plan: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in plan.items()}
