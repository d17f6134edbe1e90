"""Is what is to be read there, and may a file be written where it was asked for?

What is read is never replaced, nor anything in a results folder.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterable
from pathlib import Path

FEW = 1024  # bytes: a file of more blanks than these is for the reader to refuse


def in_the_way(path: Path, read: Iterable[Path], there: str = "replace") -> list[str]:
    """Say why a file may not be written at a path; nothing if it may.

    Parameters
    ----------
    path : Path
        Where it is to be written.
    read : iterable of Path
        The files that are read for it.
    there : str, default "replace"
        What becomes of a file that is there: `replace`, or `keep`.

    Examples
    --------
    >>> in_the_way(Path("."), [Path(".")])
    ["'.' is what is read. Name another file to write."]
    """
    if path.exists() and any(one.exists() and path.samefile(one) for one in read):
        return [f"'{path}' is what is read. Name another file to write."]
    if problem := among_results(path):
        return [problem]
    if path.is_dir():
        return [f"'{path}' is there already, and a folder. Name a file."]
    if path.exists() and there == "keep":
        return [f"'{path}' is there already. Name another file, or --force."]
    return []


def among_results(path: Path) -> str:
    """Say that a path is inside a folder that holds what a run wrote; nothing if it is not."""
    from earlywarning.output import place_of_results
    from earlywarning.output.stored import place_of_stored

    folders = [above.resolve() for above in path.absolute().parents]
    if any(place_of_results(one).ours or place_of_stored(one).ours for one in folders):
        return f"'{path}' is in a results folder, which is left untouched. Name a place elsewhere."
    return ""


def refuse_absent(files: Iterable[Path | None], results: Iterable[Path] = ()) -> None:
    """Refuse files and results folders that are not there, all at once.

    Raises
    ------
    UsageError
        Naming each.
    DataRefusedError
        If all are there, and a file has nothing in it.
    """
    from earlywarning.errors import DataRefusedError, UsageError

    named = [path for path in files if path is not None]
    problems = [said for path in results if (said := _no_results(path))]
    problems += [said for path in named if (said := no_file(path))]
    if problems:
        raise UsageError("\n".join(problems))
    if empty := [path for path in named if _is_empty(path)]:
        raise DataRefusedError("\n".join(f"'{path}' is empty. Fill it in." for path in empty))


def no_file(path: Path) -> str:
    """Say that a path is no file; nothing if it is one.

    Examples
    --------
    >>> no_file(Path("nowhere.csv"))
    "There is no file 'nowhere.csv'."
    """
    if path.is_dir():
        return f"'{path}' is a folder: name the files in it."
    return "" if path.exists() else f"There is no file '{path}'."


def _no_results(path: Path) -> str:
    from earlywarning.output import place_of_results
    from earlywarning.output.stored import place_of_stored

    if path.is_file():
        return f"'{path}' is a file. Name the folder that score wrote, such as '{path.parent}'."
    if place_of_stored(path).ours:
        return (
            f"'{path}' holds what score-store wrote, flags without the series behind them: open "
            "its flags.csv, or score the files of those authorities, with --out."
        )
    there = place_of_results(path).standing().is_dir()
    return "" if there else f"There is no results folder '{path}'. Score first, with --out."


def _is_empty(path: Path) -> bool:
    """Return whether a file holds nothing but spaces and line ends."""
    with path.open("rb") as file:
        return not file.read(FEW).removeprefix(BOM_UTF8).strip() and not file.read(1)
