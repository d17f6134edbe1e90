"""`earlywarning explain`: the page on one authority, from a results folder alone."""

from pathlib import Path
from typing import Annotated

import typer


def explain(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A folder that score wrote.")],
    authority: Annotated[str, typer.Argument(metavar="AUTHORITY", help="Its code or name.")],
    *,
    challenges: Annotated[
        Path | None,
        typer.Option(help="What was replied (CSV); challenges.csv beside the folder, if left out."),
    ] = None,
) -> None:
    """Explain one authority: what we see, against whom, how sure, and what to ask.

    Example: earlywarning explain earlywarning-out E06000001
    """
    from dataclasses import replace

    from earlywarning.cli.screen import say_whole
    from earlywarning.explain import page
    from earlywarning.output import read_result
    from earlywarning.replies import kept_challenges

    found = read_result(out)
    said = kept_challenges(found, log=challenges)
    say_whole(page(authority, replace(found.explained, challenges=said)))
