"""`earlywarning reissue`: what differs once data are put right, to be sent out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def reissue(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The results that were issued.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Those of the data put right.")],
    *,
    challenges: Annotated[
        Path | None,
        typer.Option(
            help="What was replied (CSV); challenges.csv beside the folders, if left out."
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="The folder to write; an earlier one is replaced.")
    ] = Path("reissue"),
) -> None:
    """List what differs between two issues, and write a page of it to send out.

    Example: earlywarning reissue results results-corrected --out reissue
    """
    from earlywarning.cli.paths import refuse_absent
    from earlywarning.cli.screen import say
    from earlywarning.output import read_result
    from earlywarning.reissue import LETTER, as_letter, differences_of, write_reissue
    from earlywarning.replies import kept_challenges

    refuse_absent([challenges], [old, new])
    before, now = read_result(old), read_result(new)
    said = kept_challenges(before, now, log=challenges)
    differences = differences_of(before, now, said)
    letter = as_letter(differences, before.run, now.run)
    write_reissue(differences, letter, out)
    say(*letter.sections[0].paragraphs, "")
    say(f"In {out}: differences.csv, and {LETTER} to send out.")
