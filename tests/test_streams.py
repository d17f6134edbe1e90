import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")
COMMAND = "from earlywarning.cli import main; main()"
PRINTED = """
import typer
from earlywarning.cli.streams import settle_streams
from earlywarning.errors import UsageError

settle_streams()
try:
    typer.echo("£")
except UsageError as error:
    typer.echo(error, err=True)
"""
needs_full = pytest.mark.skipif(not FULL.exists(), reason="no device that is always full")


def ran(code, *words, **more):
    """Run code as a process of its own."""
    more = {"text": True, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.run([sys.executable, "-c", code, *words], check=False, **more)


@needs_full
def test_a_full_disk_is_one_line_and_the_status_of_what_cannot_be_written(tmp_path):
    (tmp_path / "panel.csv").touch()
    with FULL.open("w") as full:
        done = ran(COMMAND, "init", "run.toml", stdout=full, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: What is printed cannot be written: No space left")
    assert len(done.stderr.splitlines()) == 1
    assert (tmp_path / "run.toml").stat().st_size > 1000


@needs_full
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_full_disk_is_seen_whoever_writes_in_whatever_encoding(unbuffered, encoding):
    env = {**os.environ, "PYTHONUNBUFFERED": unbuffered, "PYTHONIOENCODING": encoding}
    with FULL.open("w") as full:
        done = ran(PRINTED, stdout=full, env=env)
    assert (done.returncode, len(done.stderr.splitlines())) == (0, 1)
    assert "No space left" in done.stderr


@needs_full
def test_what_stderr_cannot_take_leaves_the_status_as_it_is():
    with FULL.open("w") as full:
        assert ran(COMMAND, "check", "--no-such-option", stderr=full).returncode == 2


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="no such signal")
def test_a_pipe_that_nobody_reads_ends_it_quietly():
    reader, writer = os.pipe()
    os.close(reader)
    done = ran(COMMAND, "--help", stdout=writer)
    os.close(writer)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, "")


@pytest.mark.skipif(os.name == "nt", reason="no such call")
def test_a_closed_stdout_is_no_error():
    done = ran(COMMAND, "--version", stdout=None, preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, "")


def test_stopping_it_before_it_is_known_what_was_asked_has_no_traceback():
    code = (
        "import typer.main\ndef stop(_): raise KeyboardInterrupt\ntyper.main.get_command = stop\n"
    )
    done = ran(code + COMMAND, "--version")
    assert (done.returncode, done.stderr) == (130, "Stopped.\n")


def test_processes_that_work_side_by_side_pass_over_what_stops_the_command():
    code = """
import signal
from joblib import Parallel, delayed
from earlywarning.cli.workers import start_workers

signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job begins without
start_workers(2)
heard = Parallel(n_jobs=2)(delayed(signal.getsignal)(signal.SIGINT) for _ in range(4))
print(set(heard) == {signal.SIG_IGN}, signal.getsignal(signal.SIGINT) != signal.SIG_IGN)
"""
    assert ran(code).stdout == "True True\n"
