"""`earlywarning init`: a configuration to begin with."""

from pathlib import Path
from typing import Annotated

import typer

from earlywarning.cli.run import CONFIG


def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")] = CONFIG,
) -> None:
    """Write a commented configuration for run, filled in with the files that are there.

    Example: earlywarning init data/sample/earlywarning.toml
    """
    from earlywarning.batch.example import example
    from earlywarning.cli.screen import say, say_command
    from earlywarning.errors import UsageError
    from earlywarning.store.disk import saying_why

    with saying_why(file):
        text, found = example(file.resolve().parent)
        try:
            with file.open("x", encoding="utf-8", newline="\n") as out:
                out.write(text)
        except FileExistsError as error:
            raise UsageError(f"'{file}' is there already. Name another file.") from error
    if found:
        say(f"{file}: reads {', '.join(found)}. Look it through, then:")
    else:
        say(f"{file}: no file with metrics was found beside it. Name yours in 'files', then:")
    say_command(f'earlywarning run "{file}" --dry-run')
