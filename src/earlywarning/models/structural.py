"""Has it become worse than it and its peers would lead one to expect?

Each series is predicted from its own past by a bank of structures (`bank`), whose
weights and variances are learnt from all authorities of the metric (`pooling`). Three
contrasts ask when a change began: `last` (in the newest period), `step` (the one
before), `drift` (creeping in over the later half). What happened to the peers
meanwhile is taken out, twice: from the past a contrast is judged by, and from the
effect it finds. The periods a contrast tests never feed the limits it is tested
against, and an authority is not its own peer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from earlywarning.models.bank import ANNUAL, Rhythm
from earlywarning.models.blocks import STEP, most_tested
from earlywarning.models.contrasts import Contrasts, averages_of, judged, smaller_tails
from earlywarning.models.peer_groups import PeerGroups, PeersOfEach, Shown, shown_without
from earlywarning.models.pooling import Prior, learn_prior, moderated, posterior, with_tails
from earlywarning.models.roughness import roughness
from earlywarning.models.tails import law_of
from earlywarning.models.tested import Asking, Tested, apply_bank
from earlywarning.schema import CONTRASTS

Array = NDArray[np.float64]
Labels = NDArray[np.intp]
Flags = NDArray[np.bool_]

FILLED_UP = 1.5  # times the authorities of a metric: those of more are worked out apart
SERIES_AT_ONCE = 3000  # of several metrics: what is learnt from so many stays near the processor


@dataclass(frozen=True, slots=True)
class BankFit:
    """What `learn` found in the authorities of one metric; plain arrays, fit to be kept."""

    published: Flags  # which periods anybody has a value in; the others only take time
    times: Array  # of these
    rhythm: Rhythm
    priors: Prior  # a row a contrast
    law: float  # degrees of freedom of the t law that the noise is like
    peers: PeerGroups  # of the series that were fitted
    averages: Array  # (n_authorities, 6) what each of them shows: its effects, its surprises
    tails: Array  # (n_authorities, 3) the smaller p-value of each contrast, were nothing rough


def learn(X: Array, times: Array, groups: Labels, *, rhythm: Rhythm = ANNUAL) -> BankFit:
    """Learn weights, variances and common movements from all series of one metric.

    Parameters
    ----------
    X : ndarray of shape (n_authorities, n_periods)
        Series, up is worse, oldest period first, NaN in gaps.
    times : ndarray of shape (n_periods,)
        When the periods ended, in release intervals, rising.
    groups : ndarray of shape (n_authorities,)
        The number of each authority's group of peers, from 0 without gaps.
    rhythm : Rhythm, optional
        Seasons and rolling windows; none by default.

    Returns
    -------
    BankFit
        What `contrasts` needs to judge these series, or later ones.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(60, 10))
    >>> fit = learn(X, np.arange(10.0), np.zeros(60, dtype=int))
    >>> contrasts(X, np.zeros(60, dtype=int), fit).expected.shape
    (60, 3)
    """
    return learn_and_judge(X, times, groups, rhythm=rhythm)[0]


def contrasts(X: Array, groups: Labels, fit: BankFit, *, fitted: Labels | None = None) -> Contrasts:
    """Judge each series by what `learn` found; shapes and units are those of `learn`.

    `fitted` says which of the series that were fitted each row is, -1 for none of them: an
    authority is not its own peer, also where its values were others when it was fitted.
    Without it, a series that was fitted is known by its values.
    """
    if fitted is None:
        fitted = fit.peers.recognised(X[:, fit.published], groups)
    return Yardsticks.of([Asked(groups, fit, fitted)]).contrasts([X])


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose series of a metric are to be judged; as the parameters of `contrasts`."""

    groups: Labels
    fit: BankFit
    fitted: Labels

    @property
    def shown(self) -> Shown:
        """Who they are among their groups, and what those show."""
        peers = self.fit.peers
        own = peers.places(self.groups, self.fitted)
        return Shown(peers, self.groups, own, self.fit.averages)

    @property
    def rough(self) -> Array:
        """How much rougher the release is, for all others, than was expected, (n, 3)."""
        known = (self.fitted >= 0)[:, None]
        return roughness(np.where(known, self.fit.tails[self.fitted], np.nan), self.fit.tails)


@dataclass(frozen=True, slots=True)
class Yardsticks:
    """What series of several metrics, one after the other, are held against.

    Held ready so that the same authorities can be judged by other values again and again.
    """

    asked: Sequence[Asked]
    moved: list[list[Array]]  # what the peers did: a metric, then a contrast
    shared: list[Array]  # what the peers show too, and its variance, (2, 6, n) a metric
    rough: list[Array]  # how much rougher the release is, for all others, (n, 3) a metric

    @classmethod
    def of(cls, asked: Sequence[Asked]) -> Yardsticks:
        """Work out what the peers did, and show."""
        lengths: dict[int, list[int]] = {}
        for i, one in enumerate(asked):
            lengths.setdefault(one.fit.times.size, []).append(i)
        moved: dict[int, list[Array]] = {}
        shared: dict[int, Array] = {}
        for size, places in lengths.items():
            these = [asked[i].shown for i in places]
            parts = shown_without(these, _lengths(size))
            moved |= zip(places, parts[0], strict=True)
            shared |= zip(places, parts[1], strict=True)
        every = range(len(asked))
        rough = [one.rough for one in asked]
        return cls(asked, [moved[i] for i in every], [shared[i] for i in every], rough)

    def again(self, rows: Sequence[Labels]) -> Yardsticks:
        """Return the same for rows of each metric's series, the same ones as often as they come."""
        asked = [
            Asked(one.groups[of], one.fit, one.fitted[of])
            for one, of in zip(self.asked, rows, strict=True)
        ]
        moved = [[m[of] for m in by] for by, of in zip(self.moved, rows, strict=True)]
        shared = [by[..., of] for by, of in zip(self.shared, rows, strict=True)]
        rough = [by[of] for by, of in zip(self.rough, rows, strict=True)]
        return Yardsticks(asked, moved, shared, rough)

    def contrasts(self, series: Sequence[Array]) -> Contrasts:
        """Judge series, an array (n, n_periods) a metric, those of the same periods at once."""
        alike: dict[tuple[bytes, Rhythm], list[int]] = {}
        for i, one in enumerate(self.asked):
            alike.setdefault((one.fit.times.tobytes(), one.fit.rhythm), []).append(i)
        ends = np.cumsum([0, *map(len, series)])
        found = Contrasts.unknown(int(ends[-1]))
        for places in alike.values():
            part = self._of_alike(places, [series[i] for i in places])
            rows = np.concatenate([np.arange(ends[i], ends[i + 1]) for i in places])
            for name in Contrasts.__slots__:
                getattr(found, name)[rows] = getattr(part, name)
        return found

    def _of_alike(self, places: list[int], series: list[Array]) -> Contrasts:
        """Judge series of metrics that have the same times and rhythm."""
        fits, counts = [self.asked[i].fit for i in places], [len(x) for x in series]
        x = np.concatenate([x[:, f.published] for x, f in zip(series, fits, strict=True)])
        moved = [np.concatenate([self.moved[i][j] for i in places]) for j in range(len(CONTRASTS))]
        found = apply_bank(x, fits[0].times, fits[0].rhythm, moved)
        laws = np.repeat([fit.law for fit in fits], counts)
        here = posterior(found.past, Prior.of_each([fit.priors for fit in fits], counts), laws)
        shared, doubt = np.concatenate([self.shared[i] for i in places], axis=2)
        rough = np.concatenate([self.rough[i] for i in places])
        return judged(found, here, shared, doubt, laws).widened(rough, found.as_last)


def learn_and_judge(
    X: Array, times: Array, groups: Labels, *, rhythm: Rhythm = ANNUAL
) -> tuple[BankFit, Contrasts]:
    """Do `learn` and `contrasts` on the same series at once, at half the cost."""
    return learn_and_judge_each([(X, groups)], times, rhythm=rhythm)[0]


def learn_and_judge_each(
    metrics: Sequence[tuple[Array, Labels]], times: Array, *, rhythm: Rhythm = ANNUAL
) -> list[tuple[BankFit, Contrasts]]:
    """Do `learn_and_judge` for metrics whose periods are the same: several at once cost less.

    `metrics` are pairs of series and their groups, as `learn` takes them.
    """
    alike: dict[tuple[bytes, int], list[int]] = {}
    periods = [_published(X) for X, _ in metrics]
    for i, (published, (X, _)) in enumerate(zip(periods, metrics, strict=True)):
        size = int(np.log(max(len(X), 1)) / np.log(FILLED_UP))
        alike.setdefault((published.tobytes(), size), []).append(i)
    found: dict[int, tuple[BankFit, Contrasts]] = {}
    for places in alike.values():
        published = periods[places[0]]
        asking = _Asking(
            [metrics[i][0][:, published] for i in places], [metrics[i][1] for i in places],
            times[published], published, rhythm,
        )  # fmt: skip
        found |= zip(places, _learnt_and_judged(asking), strict=True)
    return [found[i] for i in range(len(metrics))]


def _published(X: Array) -> Flags:
    """Return which periods anybody published; all of them, if nobody ever did."""
    known = np.isfinite(X)
    return np.asarray(known.any(axis=0) | ~known.any())


@dataclass(frozen=True, slots=True)
class _Asking:
    """Metrics that were published in the same periods."""

    series: list[Array]
    groups: list[Labels]
    times: Array
    published: Flags
    rhythm: Rhythm


def _learnt_and_judged(asking: _Asking) -> Iterator[tuple[BankFit, Contrasts]]:
    """Learn from metrics and judge them, one after the other."""
    everyone = PeersOfEach(asking.series, asking.groups, _lengths(asking.times.size))
    n = max(map(len, asking.series))
    x = _stacked(asking.series, n, np.nan)
    contrasts = zip(*everyone.moved, strict=True)
    moved = [_stacked(part, n, 0.0) for part in contrasts]
    at_once = max(1, SERIES_AT_ONCE // max(n, 1))
    tested = Asking(x, asking.times, asking.rhythm, moved).in_turn(max(at_once * n, 1))
    for start, found in zip(range(0, len(asking.series), at_once), tested, strict=True):
        some = slice(start, min(start + at_once, len(asking.series)))
        yield from _learnt_at_once(asking, some, everyone, found)


def _learnt_at_once(
    asking: _Asking, some: slice, everyone: PeersOfEach, found: Tested
) -> Iterator[tuple[BankFit, Contrasts]]:
    """Learn from what was tested of some metrics: as many rows each, the last maybe nobody's."""
    series, peers, moved = asking.series[some], everyone.peers[some], everyone.moved[some]
    n = found.df.shape[1] // len(series)
    priors, each = learn_prior(found.past.of_metrics(n))
    here = each.one_after_the_other()
    averages = averages_of(found, here)
    rows = [slice(place * n, place * n + len(x)) for place, x in enumerate(series)]
    (shared, doubt), laws = np.zeros((2, *averages.T.shape)), np.full(len(averages), np.inf)
    pairs = everyone.shared([averages[mine] for mine in rows], some.start)
    learnt = []
    for place, (x, mine) in enumerate(zip(series, rows, strict=True)):
        prior = priors.of_metric(place)
        structure = int(prior.weight[STEP].argmax())
        law = law_of(x - moved[place][STEP], asking.times, asking.rhythm, structure)
        shared[:, mine], doubt[:, mine] = pairs[place]
        laws[mine] = law
        if np.isfinite(law):
            past = found.past.of(mine)
            prior = with_tails(prior, past, law)
            known = moderated(here.share[..., mine], past, prior, law)
            here.variance[..., mine], here.df[..., mine] = known.variance, known.df
        learnt.append((prior, law, peers[place], averages[mine]))
    every = judged(found, here, shared, doubt, laws)
    tails = smaller_tails(found, every)
    every = every.widened(_rough(tails, n), found.as_last)
    for of_metric, mine in zip(learnt, rows, strict=True):
        fit = BankFit(asking.published, asking.times, asking.rhythm, *of_metric, tails[mine])
        yield fit, every.of(mine)


def _rough(tails: Array, n: int) -> Array:
    """Return `roughness` for metrics of n authorities each, one after the other."""
    by_metric = tails.reshape(-1, n, len(CONTRASTS)).swapaxes(0, 1)
    columns = by_metric.reshape(n, -1)
    return roughness(columns, columns).reshape(by_metric.shape).swapaxes(0, 1).reshape(tails.shape)


def _stacked(parts: Sequence[Array], n: int, nothing: float) -> Array:
    """Return tables one after the other, each filled up to n rows."""
    found = np.full((len(parts) * n, parts[0].shape[1]), nothing)
    for place, part in enumerate(parts):
        found[place * n : place * n + len(part)] = part
    return found


def _lengths(n_periods: int) -> list[int]:
    """Return how many periods come before what each contrast tests."""
    return [n_periods - most_tested(j, n_periods) for j in range(len(CONTRASTS))]
