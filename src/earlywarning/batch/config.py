"""What does a scheduled run read, with which thresholds, and where does it write?

`read_config` opens the TOML file and refuses all that is wrong with it at once, each thing
with its line. Paths in it are relative to its folder. What is in the inputs is not known here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from earlywarning.catalogue import BUILT_IN
from earlywarning.catalogue_file import nearest
from earlywarning.readers.columns import Role
from earlywarning.settings import Settings

WITH_THE_MODEL = ("catalogue", "authorities", "neighbours", "neighbour_set")


def _printable(text: str) -> str:
    """Refuse a text with control characters: no name of a file or column has them."""
    if not text.strip() or not text.isprintable():
        raise ValueError("is empty, or holds characters that cannot be printed")
    return text


def _is_there(name: str, info: ValidationInfo) -> str:
    """Refuse the name of a file that is not there, where the folder is known."""
    if info.context is None:
        return name
    path = info.context["folder"] / name
    try:
        folder, file = path.is_dir(), path.is_file()
    except OSError as error:  # such as a name that is too long
        raise ValueError(f"'{name}' cannot be looked up: {error.strerror}") from error
    if folder:
        raise ValueError(f"'{name}' is a folder: name the file in it")
    if not file:
        raise ValueError(f"there is no file '{name}'")
    return name


def _is_catalogue(name: str, info: ValidationInfo) -> str:
    if name in BUILT_IN:
        return name
    try:
        return _is_there(name, info)
    except ValueError as error:
        raise ValueError(f"{error}, nor a built-in catalogue{nearest(name, BUILT_IN)}") from error


def _is_folder(name: str, info: ValidationInfo) -> str:
    """Refuse the name of a folder that is not there, where the place is known."""
    if info.context is not None and not (info.context["folder"] / name).is_dir():
        raise ValueError(f"there is no folder '{name}'")
    return name


Text = Annotated[str, Field(min_length=1, max_length=4096), AfterValidator(_printable)]
InputFile = Annotated[Text, AfterValidator(_is_there)]
InputFolder = Annotated[Text, AfterValidator(_is_folder)]
Capacity = Annotated[int, Field(ge=1, le=100_000)]
CatalogueName = Annotated[Text, AfterValidator(_is_catalogue)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class InputsTable(_Table):
    """Which files are read, and how."""

    files: list[Text] = Field(min_length=1, description="Files, or patterns such as data/*.csv.")
    columns: dict[Role, Text] = Field(
        default={}, description="Role to column, where a column is not recognised."
    )
    sheet: Text | None = Field(None, description="The one sheet of workbooks to read.")
    metric: Text | None = Field(None, description="The metric of files that do not name it.")
    period_kind: Text | None = Field(
        None, description="Settles labels that can be read in two ways."
    )
    catalogue: list[CatalogueName] = Field(
        default=[], description="Files or built-in catalogues; the first counts."
    )
    authorities: InputFile | None = Field(None, description="A register of authorities (CSV).")
    neighbours: InputFile | None = Field(None, description="Whom to compare each with (CSV).")
    neighbour_set: Text | None = Field(None, description="Which set of neighbours to take.")
    engagements: InputFile | None = Field(None, description="Visits and conversations (CSV).")
    challenges: InputFile | None = Field(None, description="What authorities replied (CSV).")
    model: InputFolder | None = Field(
        None, description="A saved model to judge by; with its catalogue, register and neighbours."
    )

    @model_validator(mode="after")
    def _one_yardstick(self) -> InputsTable:
        """Refuse what a saved model brings with it."""
        along = [name for name in WITH_THE_MODEL if self.model and getattr(self, name)]
        if along:
            raise ValueError(f"the model brings its own {', '.join(along)}: leave one of both out")
        return self


class TriageTable(_Table):
    """How many conversations there can be, and when; asked for where engagements are known."""

    capacity: Capacity | dict[Text, Capacity] = Field(
        10, description="Conversations in the window; by body, where several plan side by side."
    )
    window: Text = Field("6M", pattern=r"^\d{1,3}[MmYy]$", description="How far one plans: 6M, 1Y.")


class OutputTable(_Table):
    """Where runs are written, and how many are kept."""

    folder: Text = Field("runs", description="The folder of runs.")
    keep: int = Field(12, ge=1, le=100_000, description="How many of the newest runs are kept.")
    sector: bool = Field(False, description="Whether runs hold the tables of the whole sector.")
    site: bool = Field(False, description="Whether runs hold a site of pages to look at.")


class Config(_Table):
    """All that `earlywarning run` is told.

    Examples
    --------
    >>> config = Config.model_validate({"inputs": {"files": ["data/*.csv"]}})
    >>> config.output.folder, config.output.keep
    ('runs', 12)
    """

    inputs: InputsTable
    output: OutputTable = OutputTable()
    triage: TriageTable = TriageTable()
    settings: Settings = Settings()

    @field_validator("settings", "triage")
    @classmethod
    def _needed(cls, table: Settings | TriageTable, info: ValidationInfo) -> Settings | TriageTable:
        """Refuse settings beside a model, which has its own, and a plan without engagements."""
        inputs = info.data.get("inputs")
        if inputs and inputs.model and info.field_name == "settings":
            raise ValueError("the model brings its own settings: leave one of both out")
        if inputs and not inputs.engagements and info.field_name == "triage":
            raise ValueError("needs the file of engagements: name it in [inputs]")
        return table


def schema_text() -> str:
    """Return the JSON Schema of the configuration, as `docs/run_schema.json` holds it."""
    schema: dict[str, Any] = Config.model_json_schema()
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def folder_of(path: Path) -> Path:
    """Return the folder that a configuration's paths are relative to."""
    return path.resolve().parent
