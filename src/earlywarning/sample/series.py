"""What would each metric have shown had nothing gone wrong?

An authority's series is its own level and trend, noise that remembers the period
before, the season, and its share of two shocks that hit everyone. The chance in a
small count comes on top, where a metric has numerator and denominator.
"""

from dataclasses import dataclass

import numpy as np

from earlywarning.sample.axis import MIDDLE, Axis, axis
from earlywarning.sample.chance import Flags, Floats, stream
from earlywarning.sample.metrics import Law
from earlywarning.sample.places import LAST_DAY, Places

WILD = 3.0  # times the usual noise


@dataclass(frozen=True)
class Series:
    """One metric without troubles; arrays are (n_authorities, n_periods) or (n_authorities,)."""

    law: Law
    axis: Axis
    working: Floats  # on the working scale
    noise: Floats  # each authority's standard deviation of noise there, small counts included
    denominator: Floats  # number of people or cases; 0 where the metric has no parts


@dataclass(frozen=True)
class Values:
    """What was measured, in the unit; numerators are NaN where the metric has no parts."""

    value: Floats
    numerator: Floats
    denominator: Floats


def make_series(law: Law, places: Places, seed: int) -> Series:
    """Return a metric's series for every authority, also for those that do not have it.

    Examples
    --------
    >>> from earlywarning.sample.laws import LAWS
    >>> from earlywarning.sample.places import make_places
    >>> make_series(LAWS[0], make_places(1), 1).working.shape
    (120, 12)
    """
    when = axis(law.frequency, law.first)
    n = len(places.register)
    level, slope, pandemic, inflation, *steps = _draws(law, n, when.size, seed)
    level = law.deprived * places.deprivation + np.sqrt(1 - law.deprived**2) * level
    level, slope = _handed_on(level, law, places), _handed_on(slope, law, places)
    start = law.to_working(law.centre) + law.district * places.of_type("district")
    trend = (law.drift + law.slope * slope)[:, None] * (when.times - MIDDLE)
    course = (start + law.between * level)[:, None] + trend

    rng = stream(seed, "loudness", law.metric)
    own = law.noise * places.loud * np.exp(0.22 * rng.standard_normal(n))
    noise = own[:, None] * _remembering(_wild(np.array(steps).T, law.wild, rng), law.memory)
    shocks = law.noise * (
        (law.pandemic * (1 + 0.4 * pandemic))[:, None] * when.pandemic
        + (law.inflation * (1 + 0.4 * inflation))[:, None] * when.inflation
        + law.season * when.season
    )
    denominator = _denominators(law, places, when, rng)
    sampling = _sampling_noise(law, course, denominator)
    return Series(law, when, course + noise + shocks, np.hypot(own, sampling), denominator)


def measure(series: Series, working: Floats, places: Places, seed: int) -> Values:
    """Return values, rounded as published, from those on the working scale.

    Examples
    --------
    >>> from earlywarning.sample.laws import LAWS
    >>> from earlywarning.sample.places import make_places
    >>> places = make_places(1)
    >>> series = make_series(LAWS[0], places, 1)
    >>> float(measure(series, np.full((120, 12), np.log(12.34)), places, 1).value[0, 0])
    12.3
    """
    law, whole = series.law, series.denominator
    amount = law.to_unit(working)
    none = np.full_like(amount, np.nan)
    if law.unit == "count":
        amount = amount * places.population[:, None]
    if not law.base:
        return Values(np.round(amount, law.decimals) + 0.0, none, none)
    share = np.clip(amount / law.per, 0, 1)
    luck = stream(seed, "luck", law.metric).standard_normal(amount.shape)
    counts = np.round(whole * share + np.sqrt(whole * share * (1 - share)) * luck)
    part = np.clip(counts, 0, whole) + 0.0
    return Values(np.round(law.per * part / whole, law.decimals), part, whole)


def exists(series: Series, places: Places) -> Flags:
    """Return which (authority, period) there can be: the right type, and not yet or no longer."""
    kind = places.of_type(*series.law.types)[:, None]
    gone = places.ended[:, None] & (series.axis.ends > LAST_DAY)
    not_yet = places.new[:, None] & (series.axis.starts <= LAST_DAY)
    there: Flags = kind & ~gone & ~not_yet
    return there


def _draws(law: Law, n: int, size: int, seed: int) -> Floats:
    """Return standard normal draws, (4 + n_periods, n_authorities), tied to the twin's."""
    own = stream(seed, "series", law.metric).standard_normal((4 + size, n))
    if not law.twin:
        return own
    twin = stream(seed, "series", law.twin).standard_normal((4 + size, n))
    tied: Floats = law.likeness * twin + np.sqrt(1 - law.likeness**2) * own
    return tied


def _handed_on(draws: Floats, law: Law, places: Places) -> Floats:
    """Give the new authority the mean of those it took over from, where they had the metric."""
    if not {"district", "unitary"} <= set(law.types):
        return draws
    handed = np.average(draws[places.ended], weights=places.population[places.ended])
    result: Floats = np.where(places.new, handed, draws)
    return result


def _wild(steps: Floats, share: float, rng: np.random.Generator) -> Floats:
    return steps * np.where(rng.random(steps.shape) < share, WILD, 1.0)


def _remembering(steps: Floats, memory: float) -> Floats:
    """Return noise of order one: each period keeps a share of the one before, variance 1."""
    noise = steps.copy()
    for period in range(1, steps.shape[1]):
        fresh = np.sqrt(1 - memory**2) * steps[:, period]
        noise[:, period] = memory * noise[:, period - 1] + fresh
    return noise


def _denominators(law: Law, places: Places, when: Axis, rng: np.random.Generator) -> Floats:
    """Return people, growing slowly, or cases, which vary from period to period as well."""
    people = places.population[:, None] * (1 + 0.006 * (when.times - MIDDLE))
    cases = np.exp(0.08 * rng.standard_normal(people.shape)) if law.per == 100 else 1.0
    least = 1.0 if law.base else 0.0
    return np.maximum(np.round(law.base * people * cases), least)


def _sampling_noise(law: Law, course: Floats, denominator: Floats) -> Floats:
    """Return the standard deviation of chance in the counts, on the working scale."""
    if not law.base:
        return np.zeros(len(course))
    share = np.clip(law.to_unit(np.median(course, axis=1)) / law.per, 1e-9, 1 - 1e-9)
    left = 1 - share if law.scale == "logit" else 1.0
    return 1 / np.sqrt(np.median(denominator, axis=1) * share * left)
