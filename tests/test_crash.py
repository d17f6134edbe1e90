import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from benchmarks.crash import Site

from earlywarning.output import read_result

ROOT = Path(__file__).resolve().parents[1]

RUN = [sys.executable, "-c", "from earlywarning.cli import main; main()", "run"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="no processes that are killed so there"),
]


def crash(*words):
    """Run the benchmark in a process of its own: it forks, which a test process should not."""
    command = [sys.executable, "-m", "benchmarks.crash", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_kills_at_random_instants_and_at_the_first_steps_do_no_harm():
    told = crash("--kills", 10, "--steps", 25, "--at-once", 2)
    assert "10 kills at random instants: 0 problems." in told
    assert re.search(r"each of the 25 things a run does to the disk: 0 problems", told)


def test_of_twelve_runs_at_one_moment_one_does_the_work():
    told = crash("--kills", 0, "--steps", 0, "--at-once", 12)
    assert "12 runs at one moment: 1 did the work, 11 ended with status 4, 0 otherwise" in told


def test_the_command_itself_killed_leaves_the_last_run_and_the_next_one_succeeds(tmp_path):
    site = Site.at(tmp_path)
    subprocess.run(RUN, cwd=tmp_path, check=True, capture_output=True)
    was = site.shelf.latest
    site.write_panel(1)
    with subprocess.Popen(RUN, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as killed:
        for line in killed.stderr:  # it has read, and is about to judge
            if " Read " in line:
                killed.send_signal(signal.SIGKILL)
                break
    assert killed.returncode == -signal.SIGKILL
    assert site.shelf.latest == was
    assert read_result(site.shelf.folder / was)
    again = subprocess.run(RUN, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert f"process {killed.pid} on" in again.stderr
    assert site.shelf.latest != was
    assert site.rest(site.shelf.latest) == []


def test_a_run_stopped_by_a_signal_of_the_system_needs_no_cleaning_by_hand(tmp_path):
    site = Site.at(tmp_path)
    with subprocess.Popen(RUN, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as stopped:
        time.sleep(0.5)
        stopped.terminate()
    assert stopped.returncode == -signal.SIGTERM
    subprocess.run(RUN, cwd=tmp_path, check=True, capture_output=True)
    assert site.rest(site.shelf.latest) == []
