"""What was learnt as a few flat arrays, and back.

A `Learnt` is written field by field under the names of `LAYOUT`, all metrics one after the
other, and read in the same order: a field that is added, or changes its meaning, shows here,
and asks for a new format (`migrations`). Nothing is looked up by what an object happens to hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from earlywarning.errors import ModelError
from earlywarning.models.bank import Rhythm
from earlywarning.models.movement import CommonMovement
from earlywarning.models.peer_groups import PeerGroups
from earlywarning.models.pooling import Prior
from earlywarning.models.structural import BankFit
from earlywarning.schema import CONTRASTS
from earlywarning.signals import Learnt

Arrays = Mapping[str, NDArray[Any]]

WHOLE, NUMBER, TRUTH = "<i8", "<f8", "|b1"
N_AVERAGES = 2 * len(CONTRASTS)
LAYOUT = {
    "fit.metric": WHOLE,  # its place in the manifest's list
    "fit.season": WHOLE,
    "fit.window": WHOLE,
    "fit.law": NUMBER,
    "fit.n_structures": WHOLE,
    "fit.n_periods": WHOLE,
    "fit.n_groups": WHOLE,
    "fit.n_authorities": WHOLE,
    "period.word": WHOLE,  # its place in the manifest's list, as for groups and authorities
    "period.published": TRUTH,
    "period.time": NUMBER,  # of those that were published
    "group.word": WHOLE,
    "group.error": NUMBER,  # (n_groups, n_published)
    "authority.word": WHOLE,
    "authority.group": WHOLE,
    "authority.residual": NUMBER,  # (n_authorities, n_published), group by group
    "authority.average": NUMBER,  # (n_authorities, 6)
    "authority.tail": NUMBER,  # (n_authorities, 3)
    "prior.weight": NUMBER,  # (3, n_structures), as all of the prior
    "prior.df": NUMBER,
    "prior.variance": NUMBER,
    "prior.worth": NUMBER,
    "prior.usual": NUMBER,
}


@dataclass
class Words:
    """Texts that occur again and again, each kept once and known by its place."""

    authorities: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    periods: list[str] = field(default_factory=list)


def encoded(learnt: Iterable[tuple[int, Learnt]], words: Words) -> dict[str, NDArray[Any]]:
    """Return what was learnt as the arrays of `LAYOUT`, and fill in the words.

    Parameters
    ----------
    learnt : iterable of (int, Learnt)
        Each with its metric's place.
    words : Words
        Empty; filled in here.
    """
    parts: dict[str, list[ArrayLike]] = {name: [] for name in LAYOUT}
    places = tuple(_Places(one) for one in (words.authorities, words.groups, words.periods))
    for metric, one in learnt:
        authorities, groups, periods = (
            place.of(some)
            for place, some in zip(places, (one.authorities, one.groups, one.periods), strict=True)
        )
        found = _of_fit(one.fit) | {
            "fit.metric": [metric],
            "authority.word": authorities,
            "group.word": groups,
            "period.word": periods,
        }
        for name, values in found.items():
            parts[name].append(np.ravel(values))
    return {
        name: np.concatenate([np.zeros(0), *parts[name]]).astype(kind)
        for name, kind in LAYOUT.items()
    }


def _of_fit(fit: BankFit) -> dict[str, ArrayLike]:
    """Return the fields of one fit."""
    movement = fit.peers.movement
    return {
        "fit.season": [fit.rhythm.season],
        "fit.window": [fit.rhythm.window],
        "fit.law": [fit.law],
        "fit.n_structures": [fit.priors.weight.shape[1]],
        "fit.n_periods": [len(fit.published)],
        "fit.n_groups": [len(movement)],
        "fit.n_authorities": [len(fit.averages)],
        "period.published": fit.published,
        "period.time": fit.times,
        "group.error": np.concatenate([one.error for one in movement]),
        "authority.group": fit.peers.groups,
        "authority.residual": np.concatenate([one.residuals for one in movement]),
        "authority.average": fit.averages,
        "authority.tail": fit.tails,
        "prior.weight": fit.priors.weight,
        "prior.df": fit.priors.df,
        "prior.variance": fit.priors.variance,
        "prior.worth": fit.priors.worth,
        "prior.usual": fit.priors.usual,
    }


def decoded(arrays: Arrays, words: Words) -> Iterator[tuple[int, Learnt]]:
    """Yield what was learnt, each with its metric's place, from the arrays of `LAYOUT`.

    Raises
    ------
    ModelError
        If the arrays do not belong together.
    """
    rest = _Rest(arrays)
    for _ in range(len(arrays["fit.metric"])):
        yield _one(rest, words)
    rest.close()


def _one(rest: _Rest, words: Words) -> tuple[int, Learnt]:
    metric, season, window, k, n_periods, n_groups, n = (
        int(rest.take(f"fit.{name}", 1)[0])
        for name in (
            "metric", "season", "window", "n_structures", "n_periods", "n_groups",
            "n_authorities",
        )
    )  # fmt: skip
    periods, groups, authorities = (
        _named(rest.take(f"{name}.word", many), known)
        for name, many, known in (
            ("period", n_periods, words.periods),
            ("group", n_groups, words.groups),
            ("authority", n, words.authorities),
        )
    )
    published = rest.take("period.published", n_periods)
    t = int(published.sum())
    fit = BankFit(
        published=published,
        times=rest.take("period.time", t),
        rhythm=Rhythm(season, window),
        priors=Prior(
            *(
                rest.take(f"prior.{name}", len(CONTRASTS), k, 1)
                for name in ("weight", "df", "variance", "worth", "usual")
            )
        ),
        law=float(rest.take("fit.law", 1)[0]),
        peers=_peers(rest, n, n_groups, t),
        averages=rest.take("authority.average", n, N_AVERAGES),
        tails=rest.take("authority.tail", n, len(CONTRASTS)),
    )
    return metric, Learnt(periods, groups, authorities, fit)


def _peers(rest: _Rest, n: int, n_groups: int, t: int) -> PeerGroups:
    group = rest.take("authority.group", n).astype(np.intp)
    errors = rest.take("group.error", n_groups, t)
    if n and not (group.min() >= 0 and group.max() < n_groups):
        raise ModelError("an authority's group is none of those there are")
    sizes = np.bincount(group, minlength=n_groups)
    movements = tuple(
        CommonMovement(rest.take("authority.residual", size, t), error)
        for size, error in zip(sizes.tolist(), errors, strict=True)
    )
    return PeerGroups(group, movements)


def _named(places: NDArray[Any], words: Sequence[str]) -> tuple[str, ...]:
    at = places.astype(np.intp)
    if at.size and (at.min() < 0 or at.max() >= len(words)):
        raise ModelError("its arrays name words that the manifest does not have")
    return tuple(words[place] for place in at.tolist())


class _Places:
    """Each word's place in a list that grows as words come."""

    def __init__(self, words: list[str]):
        self._words = words
        self._known: dict[str, int] = {}

    def of(self, some: Sequence[str]) -> list[int]:
        """Return the places of these words; new ones are put at the end."""
        for word in some:
            if word not in self._known:
                self._known[word] = len(self._words)
                self._words.append(word)
        return [self._known[word] for word in some]


class _Rest:
    """What has not been read yet of each array."""

    def __init__(self, arrays: Arrays):
        self._arrays = arrays
        self._at = dict.fromkeys(LAYOUT, 0)

    def take(self, name: str, *shape: int) -> NDArray[Any]:
        """Return the next numbers of an array, in this shape."""
        size = int(np.prod(shape, dtype=object)) if min(shape) >= 0 else -1
        start = self._at[name]
        if not 0 <= size <= len(self._arrays[name]) - start:
            raise ModelError(f"its array {name} is shorter than the others say")
        self._at[name] = start + size
        return self._arrays[name][start : start + size].copy().reshape(shape)

    def close(self) -> None:
        """Refuse arrays of which anything is left."""
        left = sorted(name for name, at in self._at.items() if at < len(self._arrays[name]))
        if left:
            raise ModelError(f"its arrays {', '.join(left)} are longer than the others say")
