"""Where are replies kept, so that none is lost, kept twice or half written?

One CSV file, beside the results folder if nothing else is said. Each reply is added under a
lock of the file's folder: the file is written anew beside it, and takes its name when it is on
the disk. Killed at any instant, the log has the reply or is as it was.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from earlywarning.authorities.tables import HEADER, listed, refuse
from earlywarning.challenges import as_challenges
from earlywarning.errors import ChallengesError
from earlywarning.formulas import as_was
from earlywarning.output import Written
from earlywarning.output.cells import write_table
from earlywarning.output.place import one_at_a_time
from earlywarning.schema import CHALLENGES, empty
from earlywarning.store.disk import replacing, saying_why

LOG = "challenges.csv"
MOST_BYTES = 1 << 24  # of a log: some ten thousand replies
# A reply is the same whenever it came, and whichever run of that day it was given to.
SAME = [name for name in CHALLENGES if name in (
    "authority", "metric", "kind", "as_of", "period", "challenge", "reply", "by",
)]  # fmt: skip


def read_challenges(path: Path | str) -> pd.DataFrame:
    """Read a log of challenges, and check it.

    Parameters
    ----------
    path : path
        A CSV file with the columns `schema.CHALLENGES`; an empty file is an empty log.

    Returns
    -------
    DataFrame
        Columns `schema.CHALLENGES`, in the order in which they were kept; texts as they were
        given, without the apostrophe that keeps a spreadsheet from taking them for formulas.

    Raises
    ------
    ChallengesError
        If it cannot be read; or naming everything that is wrong in it.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "challenges.csv")
    ...     _ = path.write_text(",".join(CHALLENGES))
    ...     len(read_challenges(path))
    0
    """
    name = Path(path).name
    rows = _rows(Path(path))
    if not rows:
        return as_challenges(empty(CHALLENGES))
    header, *body = rows
    torn = [place for place, row in enumerate(body, HEADER) if len(row) != len(header)]
    problem = f"{name}: rows {listed(torn)} have not as many cells as the header. Mend them."
    refuse([problem] if torn else [], error=ChallengesError)
    texts = pd.DataFrame(body, columns=header, dtype=object)
    try:
        return as_challenges(texts.apply(as_was) if header and body else texts)
    except ChallengesError as error:
        raise ChallengesError(f"{name} is no log of challenges as we keep it. {error}") from error


def keep_challenge(path: Path | str, challenge: pd.DataFrame) -> bool:
    """Add a reply to the log, whole or not at all, unless it is there.

    Parameters
    ----------
    path : path
        The log; made if it is not there.
    challenge : DataFrame
        One row, as from `challenge_of`.

    Returns
    -------
    bool
        Whether it was added: the same reply to the same flag is kept once.

    Raises
    ------
    ChallengesError
        If what is there is no log; it is left untouched.
    UsageError
        If it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> day = pd.Timestamp("2025-03-01")
    >>> cells = ("E1", "debt", "change", day, "2023/24", "2023/24", 5.0, 0.01, "watch",
    ...          "context", "=We know.", "", day, "0" * 64)
    >>> row = pd.DataFrame([cells], columns=list(CHALLENGES))
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "challenges.csv")
    ...     [keep_challenge(path, row), keep_challenge(path, row)], len(read_challenges(path))
    ([True, False], 1)
    """
    path = Path(path).resolve()
    then = "It is as it was. Make room or give way, or name another file with --log."
    with saying_why(Path(path.name), then):
        path.parent.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(path.parent):
            kept = read_challenges(path) if path.exists() else empty(CHALLENGES)
            if len(kept) and kept[SAME].eq(challenge[SAME].iloc[0]).all(axis=1).any():
                return False
            with replacing(path) as part:
                write_table(pd.concat([kept, challenge]) if len(kept) else challenge, part)
    return True


def log_beside(results: Path | str) -> Path:
    """Return where the log of a results folder is, if nothing else is said.

    Examples
    --------
    >>> log_beside("/data/results").as_posix()
    '/data/challenges.csv'
    """
    return Path(results).resolve().parent / LOG


def kept_challenges(*results: Written, log: Path | None = None) -> pd.DataFrame:
    """Return what was replied to results: by one log, or by all that can be found.

    Parameters
    ----------
    *results : Written
        Results folders.
    log : Path, optional
        The log; if none, those beside the folders, and what runs have kept in them.

    Returns
    -------
    DataFrame
        Columns `schema.CHALLENGES`, each reply once.

    Raises
    ------
    ChallengesError
        If a log cannot be read.
    """
    if log is not None:
        return read_challenges(log)
    likely = [place for one in results for place in (log_beside(one.folder), one.folder / LOG)]
    found = [read_challenges(path) for path in dict.fromkeys(likely) if path.is_file()]
    kept = [table for table in found if len(table)]
    if not kept:
        return as_challenges(empty(CHALLENGES))
    return pd.concat(kept).drop_duplicates(SAME).reset_index(drop=True)


def _rows(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file, header first; lines with nothing in them left out."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ChallengesError(f"{path.name} has more than 16 MB. Begin another log.")
        text = path.read_bytes().decode("utf-8-sig")
        return [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except OSError as error:
        raise ChallengesError(f"{path.name} cannot be opened: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ChallengesError(f"{path.name} is not UTF-8 text. Save it as UTF-8.") from error
    except csv.Error as error:
        raise ChallengesError(f"{path.name} cannot be read as CSV: {error}.") from error
