"""Run peers on the series of a file: `python -m benchmarks.peers ASKED.npz ANSWERS.npz`.

`ASKED` holds `series`, (n_metrics, n_authorities, n_periods), and `peers`, their names;
`ANSWERS` an array of each, (n_metrics, n_authorities, …), the `seconds` each took, and
the process' peak of memory, `peak_mb`.
"""

import resource
import sys
import time
import warnings
from importlib import import_module

import numpy as np

KIB_A_MB = 1024
WARM_UP = 3  # authorities: what is compiled at first use takes no part in the time

ROOMS = {
    "AutoETS": "forecasters",
    "AutoETS, long table": "forecasters",
    "AutoETS, quarters": "forecasters",
    "AutoETS, months": "forecasters",
    "AutoTheta": "forecasters",
    "AutoTheta, quarters": "forecasters",
    "AutoTheta, months": "forecasters",
    "Mann–Kendall": "trend_tests",
    "Mann–Kendall, Yue–Wang": "trend_tests",
    "ECOD": "outliers",
    "Isolation forest": "outliers",
    "ADTK PersistAD": "shifts",
    "ADTK LevelShiftAD": "shifts",
}


def peer(name: str):  # type: ignore[no-untyped-def]
    """Return the function of a peer, by its name in the tables."""
    room = ROOMS[name]
    return getattr(import_module(f"benchmarks.peers.{room}"), room.upper())[name]


def main() -> None:
    """Answer one file with another."""
    warnings.simplefilter("ignore")
    with np.load(sys.argv[1], allow_pickle=False) as asked:
        series, names = asked["series"], [str(name) for name in asked["peers"]]
    answers, seconds = {}, []
    for name in names:
        judge = peer(name)
        judge(np.nan_to_num(series[0, :WARM_UP]))
        start = time.perf_counter()
        answers[name] = np.stack([judge(metric) for metric in series])
        seconds.append(time.perf_counter() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_A_MB
    np.savez(sys.argv[2], seconds=np.array(seconds), peak_mb=peak, **answers)


if __name__ == "__main__":
    main()
