"""`earlywarning explain`: the page on one authority, from a results folder alone."""

from pathlib import Path
from typing import Annotated

import typer


def explain(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="A folder that score wrote.")],
    authority: Annotated[str, typer.Argument(metavar="AUTHORITY", help="Its code or name.")],
) -> None:
    """Explain one authority: what we see, against whom, how sure, and what to ask.

    Example: earlywarning explain earlywarning-out E06000001
    """
    from earlywarning.cli.screen import say_whole
    from earlywarning.explain import page
    from earlywarning.output import read_result

    say_whole(page(authority, read_result(out).explained))
