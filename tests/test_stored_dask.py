"""Does a cluster give the same bytes, also where one of its machines dies in the middle?

A real scheduler and worker processes that talk over TCP; skipped where `distributed` is not
installed (`pip install earlywarning[dask]`).
"""

import os
import signal
import threading
import time

import pandas as pd
import pytest
from joblib import parallel_config

from earlywarning import EarlyWarning, Settings, as_panel, sample_tables
from earlywarning.store import append
from earlywarning.stored import score_store

distributed = pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
pytestmark = pytest.mark.filterwarnings("default")  # what the cluster itself warns of is its own

TABLES = ("flags", "authorities", "contributions", "issues", "metrics", "register")
FAST = Settings(null_draws=200, tail_draws=200, rank_draws=50)
PATIENCE = 60.0  # seconds until a worker should have had work


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """Return a store of seven blocks of metrics."""
    rows = sample_tables().panel
    rows = pd.concat([rows.assign(metric=rows["metric"] + f" {n}") for n in range(9)])
    return append(tmp_path_factory.mktemp("store"), [as_panel(rows)])


@pytest.fixture(scope="module")
def alone(store):
    """Return what one process makes of it."""
    return bytes_of(score_store(store, EarlyWarning(settings=FAST)))


@pytest.fixture
def client():
    """Return a client of a scheduler with two worker processes on this machine."""
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, protocol="tcp",
            dashboard_address=None, memory_limit=0,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):  # fmt: skip
        yield client


def bytes_of(result):
    return {name: getattr(result, name).to_csv().encode() for name in TABLES}


def pids(client):
    return {address: worker["pid"] for address, worker in client.run(process).items()}


def process():
    return {"pid": os.getpid()}


def scored(store):
    with parallel_config(backend="dask"):
        return score_store(store, EarlyWarning(settings=FAST))


def test_a_cluster_gives_the_same_bytes(store, alone, client):
    assert all(address.startswith("tcp://") for address in pids(client))
    assert os.getpid() not in pids(client).values()
    assert bytes_of(scored(store)) == alone


def test_a_worker_killed_in_the_middle_changes_no_byte(store, alone, client):
    before, killed = pids(client), []

    def kill_one_at_work():
        end = time.monotonic() + PATIENCE
        while not killed and time.monotonic() < end:
            for address, tasks in client.processing().items():
                if tasks:
                    os.kill(before[address], signal.SIGKILL)
                    killed.append(before[address])
                    return
            time.sleep(0.02)

    killer = threading.Thread(target=kill_one_at_work)
    killer.start()
    found = bytes_of(scored(store))
    killer.join()
    assert len(killed) == 1
    assert killed[0] not in pids(client).values()
    assert found == alone
