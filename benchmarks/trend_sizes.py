"""How often does each test of trend or of counts call what has nothing, and find what has?

Simulates healthy series with memory, years that vary more than counts, and counts with a
season, and prints the tables of docs/trend_tests.md and docs/counts.md:

    python -m benchmarks.trend_sizes
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

from earlywarning.models.farrington import Surveillance, farrington
from earlywarning.models.trends import count_trend, mann_kendall, theil_sen
from earlywarning.models.trends.calibration import ar1_noise
from earlywarning.models.trends.kendall import kendall_s

Array = NDArray[np.float64]

SEED = 20_244
SERIES = 50_000  # a cell: a standard error of 0.1 points at 5%
BLOCK = 10_000
PERIODS = (6, 8, 10, 12, 20, 40)
MEMORIES = (0.0, 0.3, 0.5)
SLOPES = {6: 0.6, 8: 0.45, 10: 0.35, 12: 0.28, 20: 0.13, 40: 0.05}  # sd a period


def residuals(X: Array) -> Array:
    """Return what a Theil–Sen line leaves."""
    line = theil_sen(X, interval="sen")
    return X - line.slope[:, None] * np.arange(X.shape[1])


def autocorrelations(X: Array) -> Array:
    """Return correlations with each period before, (n_series, n_periods - 1)."""
    off = X - X.mean(axis=1, keepdims=True)
    lags = [(off[:, k:] * off[:, : X.shape[1] - k]).sum(axis=1) for k in range(1, X.shape[1])]
    return np.stack(lags, axis=1) / (off**2).sum(axis=1, keepdims=True)


def from_s(s: Array, n: int, inflation: Array) -> Array:
    """Return the one-sided p of S with its variance inflated."""
    sd = np.sqrt(n * (n - 1) * (2 * n + 5) / 18 * np.maximum(inflation, 1e-9))
    return np.asarray(ndtr(-(s - np.sign(s)) / sd))


def hamed_rao(X: Array) -> Array:
    """Hamed and Rao (1998): autocorrelations of the ranks of residuals, where significant."""
    n = X.shape[1]
    ranks = residuals(X).argsort(axis=1).argsort(axis=1).astype(float)
    r = autocorrelations(ranks)
    r = np.where(np.abs(r) > 1.96 / np.sqrt(n), r, 0.0)
    left = n - np.arange(1, n)
    weight = left * (left - 1) * (left - 2)
    return from_s(kendall_s(X), n, 1 + 2 / (n * (n - 1) * (n - 2)) * (r @ weight))


def yue_wang(X: Array) -> Array:
    """Yue and Wang (2004): the first autocorrelation of residuals."""
    n = X.shape[1]
    r = autocorrelations(residuals(X))[:, :1]
    k = np.arange(1, n)
    return from_s(kendall_s(X), n, 1 + 2 * (r**k @ (1 - k / n)))


def prewhitened(X: Array) -> Array:
    """Take the first autocorrelation of residuals off residuals, and put the line back."""
    line = theil_sen(X, interval="sen").slope[:, None] * np.arange(X.shape[1])
    left = X - line
    white = left[:, 1:] - autocorrelations(left)[:, :1] * left[:, :-1] + line[:, 1:]
    return from_s(kendall_s(white), X.shape[1] - 1, np.ones(len(X)))


TESTS: dict[str, Callable[[Array], Array]] = {
    "exact": lambda X: mann_kendall(X, method="exact").above,
    "Hamed–Rao": hamed_rao,
    "Yue–Wang": yue_wang,
    "prewhitened": prewhitened,
    "ar1": lambda X: mann_kendall(X).above,
}


def shares(test: Callable[[Array], Array], make: Callable[[], Array], level: float = 0.05) -> float:
    """Return how often a test's p is at the level or below, in per cent."""
    found = [test(make()) for _ in range(SERIES // BLOCK)]
    p = np.concatenate(found)
    return float(100 * (p[np.isfinite(p)] <= level).mean())


def print_table(head: list[str], rows: list[list[str]]) -> None:
    """Print a table in Markdown."""
    for row in [head, ["---"] * len(head), *rows]:
        print("| " + " | ".join(row) + " |")
    print()


def print_sizes_of_tests(rng: np.random.Generator) -> None:
    """Print how often noise is called a rise, and how often a rise is found."""
    for title, sloping in (("Called a rise, without one", False), ("A rise found", True)):
        rows = []
        for n in PERIODS:
            line = SLOPES[n] * np.arange(n) if sloping else np.zeros(n)
            cells = [
                [
                    shares(test, lambda m=m, n=n, d=line: ar1_noise(rng, (BLOCK, n), m) + d)
                    for m in MEMORIES
                ]
                for test in TESTS.values()
            ]
            rows.append([str(n), *(" / ".join(f"{c:.1f}" for c in cell) for cell in cells)])
        print(f"{title}, % at 5%, one-sided; memory {' / '.join(map(str, MEMORIES))}\n")
        print_table(["periods", *TESTS], rows)


def print_sizes_elsewhere(rng: np.random.Generator) -> None:
    """Print the size of the test aware of memory under other conditions."""

    def gappy(n: int, memory: float) -> Array:
        X = ar1_noise(rng, (BLOCK, n), memory)
        X[rng.random(X.shape) < 0.2] = np.nan
        return X

    def heavy(n: int, memory: float) -> Array:
        x = rng.standard_t(4, size=(BLOCK, n + 30))
        for t in range(1, n + 30):
            x[:, t] += memory * x[:, t - 1]
        return x[:, 30:]

    def either(X: Array) -> Array:
        return mann_kendall(X).p

    rows = []
    for n in PERIODS:
        plain = {
            m: (lambda m=m, n=n: ar1_noise(rng, (BLOCK, n), m))
            for m in (0.0, 0.3, 0.5, 0.6, 0.7, 0.85)
        }
        rows.append(
            [
                str(n),
                " / ".join(f"{shares(either, plain[m]):.1f}" for m in MEMORIES),
                " / ".join(
                    f"{shares(TESTS['ar1'], lambda m=m, n=n: gappy(n, m)):.1f}" for m in MEMORIES
                ),
                " / ".join(f"{shares(either, lambda m=m, n=n: gappy(n, m)):.1f}" for m in MEMORIES),
                " / ".join(
                    f"{shares(TESTS['ar1'], lambda m=m, n=n: heavy(n, m)):.1f}" for m in MEMORIES
                ),
                " / ".join(f"{shares(TESTS['ar1'], plain[m], 0.01):.2f}" for m in MEMORIES),
                " / ".join(f"{shares(TESTS['ar1'], plain[m]):.1f}" for m in (0.6, 0.7, 0.85)),
            ]
        )
    head = ["periods", "two-sided", "a fifth missing", "the same, two-sided", "tails as t with 4"]
    print("Called a trend by ar1, without one, %\n")
    print_table([*head, "at 1%", "memory 0.6 / 0.7 / 0.85"], rows)


def print_markers(rng: np.random.Generator) -> None:
    """Print how often the five-point marker finds a trend where there is none, and where one is."""
    rows = []
    for sd in (0.0, 0.02, 0.05, 0.1, 0.2):
        cells = []
        for slope in (0.0, 0.05):
            found: dict[str, list[float]] = {"stated": [], "learnt": []}
            for _ in range(300):
                size = np.round(3000 * np.exp(rng.normal(size=(150, 1)))) + 50
                off = 0.2 * rng.normal(size=(150, 1)) + sd * rng.normal(size=(150, 5))
                share = expit(off + slope * np.arange(5) - 1.4)
                counts = rng.binomial(size.astype(int), share)
                for noise, values in found.items():
                    marker = count_trend(counts, size * np.ones(5), noise=noise).marker
                    values.append(np.isin(marker, ["increasing", "decreasing"]).mean())
            cells += [f"{100 * np.mean(values):.2f}" for values in found.values()]
        rows.append([f"{100 * sd:.0f}%", *cells])
    head = ["years vary by", "stated, no trend", "learnt, no trend"]
    print("Marked as a trend, %; 0.2 is promised\n")
    print_table([*head, "stated, 5% a year", "learnt, 5% a year"], rows)


def print_counts(rng: np.random.Generator) -> None:
    """Print how often a healthy newest count is called high or low."""
    designs = {
        "36 months": (36, 1, 12),
        "60 months": (60, 1, 12),
        "12 quarters": (12, 0, 4),
        "20 quarters": (20, 0, 4),
    }
    words = ("predictive", "delta", "nbPlugin", "muan")
    rows = []
    for name, (n_periods, window, frequency) in designs.items():
        for mean, dispersion in ((3, 1.3), (20, 2.0), (100, 5.0)):
            season = 1 + 0.2 * np.sin(2 * np.pi * np.arange(n_periods) / frequency)
            level = mean * np.exp(0.3 * rng.normal(size=(20_000, 1))) * season
            counts = rng.negative_binomial(level / (dispersion - 1), 1 / dispersion).astype(float)
            cells = []
            for word in words:
                options = Surveillance(
                    frequency=frequency, window=window, seasons=4, threshold=word
                )
                found = farrington(counts, options)
                tails = [t[np.isfinite(t)] for t in (found.above, found.below)]
                cells.append(
                    "; ".join(
                        " / ".join(f"{100 * (t <= level).mean():.1f}" for level in (0.05, 0.01))
                        for t in tails
                    )
                )
            rows.append([name, f"{mean}", f"{dispersion}", *cells])
    print("Called high; low, % at 5% / 1%\n")
    print_table(["record", "mean", "dispersion", *words], rows)


def main() -> None:
    """Print all tables."""
    rng = np.random.default_rng(SEED)
    for table in (print_sizes_of_tests, print_sizes_elsewhere, print_markers, print_counts):
        table(rng)


if __name__ == "__main__":
    main()
