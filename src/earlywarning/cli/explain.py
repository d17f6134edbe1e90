"""`earlywarning explain`: the brief on one authority, from a results folder alone."""

from pathlib import Path
from typing import Annotated

import typer


def explain(
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="A folder that score wrote.")],
    authority: Annotated[str, typer.Argument(metavar="AUTHORITY", help="Its code or name.")],
    *,
    out: Annotated[
        Path | None,
        typer.Option(help="Write it into this file, .html (for A4), .md or .txt; else print it."),
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option(help="Your questions, asked before ours (CSV: theme, kind, question)."),
    ] = None,
) -> None:
    """Explain one authority: what we see, against whom, how sure, and what to ask.

    Example: earlywarning explain earlywarning-out E06000001 --out brief.html
    """
    from earlywarning.cli.screen import say, say_whole
    from earlywarning.explain import read_questions
    from earlywarning.output import read_result
    from earlywarning.report import Brief

    asked = None if questions is None else read_questions(questions)
    brief = Brief(authority, read_result(results).explained, asked)
    if out is None:
        say_whole(str(brief))
    else:
        say(f"{brief.save(out)}: {brief.page.title}.")
