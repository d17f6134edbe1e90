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
    challenges: Annotated[
        Path | None,
        typer.Option(help="What was replied (CSV); challenges.csv beside the folder, if left out."),
    ] = None,
) -> None:
    """Explain one authority: what we see, against whom, how sure, and what to ask.

    Example: earlywarning explain earlywarning-out E06000001 --out brief.html
    """
    from dataclasses import replace

    from earlywarning.cli.paths import refuse_absent
    from earlywarning.cli.screen import say, say_whole
    from earlywarning.explain import read_questions
    from earlywarning.output import read_result
    from earlywarning.replies import kept_challenges
    from earlywarning.report import Brief

    refuse_absent([questions, challenges], [results])
    found = read_result(results)
    said = kept_challenges(found, log=challenges)
    asked = None if questions is None else read_questions(questions)
    brief = Brief(authority, replace(found.explained, challenges=said), asked)
    if out is None:
        say_whole(str(brief))
    else:
        say(f"{brief.save(out)}: {brief.page.title}.")
