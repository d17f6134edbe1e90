"""May a file be written where it was asked for? What is read is never replaced, nor a result."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


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
