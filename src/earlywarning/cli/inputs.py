"""From what was typed to what the library takes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from earlywarning.authorities import read_neighbours, read_register
from earlywarning.batch.inputs import Inputs, joined, one_catalogue
from earlywarning.catalogue import BUILT_IN
from earlywarning.catalogue_file import nearest
from earlywarning.cli.paths import no_file
from earlywarning.errors import UsageError
from earlywarning.readers import read_panel
from earlywarning.readers.columns import ROLES

__all__ = [
    "Inputs", "Reading", "columns_of", "one_catalogue", "read_inputs", "refuse_missing",
]  # fmt: skip


@dataclass(frozen=True)
class Reading:
    """Which files to read, and how."""

    files: Sequence[Path]
    catalogues: Sequence[str] = ()
    columns: Sequence[str] = ()
    sheet: str | None = None
    metric: str | None = None
    period_kind: str | None = None
    authorities: Path | None = None
    neighbours: Path | None = None
    neighbour_set: str | None = None

    def named(self) -> list[tuple[str, Path]]:
        """Return every file with its role."""
        files = [(name, Path(name)) for name in self.catalogues if name not in BUILT_IN]
        roles = [("panel", file) for file in self.files] + [("catalogue", p) for _, p in files]
        more = [("authorities", self.authorities), ("neighbours", self.neighbours)]
        return roles + [(role, path) for role, path in more if path is not None]

    def options(self) -> dict[str, str | list[str]]:
        """Return what else was asked for, without a path of this machine."""
        asked: dict[str, str | list[str]] = {
            "catalogue": [name if name in BUILT_IN else Path(name).name for name in self.catalogues]
        }
        asked["column"] = list(self.columns)
        words = ("sheet", "metric", "period_kind", "neighbour_set")
        asked |= {word: getattr(self, word) for word in words if getattr(self, word) is not None}
        return {name: value for name, value in asked.items() if value}


def read_inputs(reading: Reading) -> Inputs:
    """Read everything; what is typed wrongly is said before the first file is opened."""
    columns = columns_of(reading.columns)
    refuse_missing(reading)
    register = None if reading.authorities is None else read_register(reading.authorities)
    neighbours = (
        None
        if reading.neighbours is None
        else read_neighbours(reading.neighbours, set_name=reading.neighbour_set)
    )
    catalogue = one_catalogue(reading.catalogues)
    panel = read_panel(
        list(reading.files),
        columns=columns,
        catalogue=catalogue,
        sheet=reading.sheet,
        metric=reading.metric,
        period_kind=reading.period_kind,
    )
    return joined(panel, catalogue, register, neighbours)


def refuse_missing(reading: Reading, named: Iterable[tuple[str, Path]] | None = None) -> None:
    """Refuse names of files that are not there, all at once; those of the reading if not given."""
    if reading.neighbour_set is not None and reading.neighbours is None:
        raise UsageError("--neighbour-set needs --neighbours FILE.")
    problems = []
    for role, path in reading.named() if named is None else named:
        if (said := no_file(path)) and role == "catalogue" and not path.exists():
            hint = nearest(str(path), BUILT_IN)
            said = f"{said.removesuffix('.')}, nor a built-in catalogue{hint}."
        problems += [said] if said else []
    if problems:
        raise UsageError("\n".join(problems))


def columns_of(pairs: Iterable[str]) -> dict[str, str] | None:
    """Return role to column, from texts such as 'authority=LA code'.

    Examples
    --------
    >>> columns_of(["authority=LA code"])
    {'authority': 'LA code'}
    """
    columns, problems = {}, []
    for pair in pairs:
        role, equals, name = pair.partition("=")
        if not (equals and role and name):
            problems.append(f"--column {pair!r} is not written as ROLE=NAME.")
        elif role not in ROLES:
            known = ", ".join(ROLES)
            problems.append(f"--column: no role {role!r}{nearest(role, ROLES)}; one of {known}.")
        elif role in columns:
            problems.append(f"--column: {role} is given twice.")
        columns[role] = name
    if problems:
        raise UsageError("\n".join(problems))
    return columns or None
