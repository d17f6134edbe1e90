"""Who hears Ctrl-C where several processes are at work? The command alone, which then ends them."""

import signal


def start_workers(n_jobs: int) -> None:
    """Start the processes that are to work side by side, so that they pass over Ctrl-C.

    For the second that this takes the command does, too.
    """
    from joblib import Parallel, delayed

    if n_jobs == 1:
        return
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)  # which a process hands on
    try:
        Parallel(n_jobs=n_jobs)(delayed(abs)(job) for job in range(2))
    finally:
        signal.signal(signal.SIGINT, heard)
