"""`earlywarning demo`: a made-up sector with fifteen planted troubles, scored."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

    from earlywarning.output import Place
    from earlywarning.result import Result

EXPLAINED = 3  # flags, of as many authorities
SAMPLE = (
    "panel.csv", "catalogue.toml", "authorities.csv", "neighbours.csv", "troubles.csv",
    "outcomes.csv", "engagements.csv",
)  # fmt: skip


def demo(
    *,
    out: Annotated[Path, typer.Option(help="The folder for the sample and its results.")] = Path(
        "earlywarning-demo"
    ),
) -> None:
    """Try it: write a made-up sector with planted troubles, score it, and say what was found.

    The results are CSV files, and a site of pages to look at.
    """
    import pandas as pd

    from earlywarning.cli.inputs import Reading
    from earlywarning.cli.score import scored
    from earlywarning.cli.screen import heading, progress, say, say_command
    from earlywarning.cli.summary import summary
    from earlywarning.output import SECTOR, place_of_results, place_of_site, write_site
    from earlywarning.sample import write_sample

    place, results, site = place_of_sample(out / "sample"), out / "results", out / "site"
    place_of_results(results).check()
    place_of_site(site).check()
    with place.replaced() as part:
        write_sample(part)
    here = place.out
    reading = Reading(
        files=[here / "panel.csv"],
        catalogues=[str(here / "catalogue.toml")],
        authorities=here / "authorities.csv",
    )
    result = scored(reading, None, results, beside=SECTOR)
    with progress() as show:
        write_site(results, site, progress=show)
    say("A made-up sector of 120 authorities, with fifteen planted troubles. None of it is real.")
    summary(result, results)
    gravest(result)
    heading("The planted troubles")
    say(found(result, pd.read_csv(here / "troubles.csv")))
    heading("What to try next")
    say_command(f'Open "{site / "index.html"}" in a browser, to look at all of it')
    first = str(result.flags["authority"].iloc[0])
    say_command(f'earlywarning explain "{results}" {first}')
    say_command(f'earlywarning sector "{results}"')
    say_command(f'earlywarning check "{reading.files[0]}" --catalogue "{reading.catalogues[0]}"')
    say_command("earlywarning score YOUR-FILE.csv")


def place_of_sample(folder: Path) -> Place:
    """Return the place for the sample's files."""
    from earlywarning.output import Place

    return Place(folder, frozenset(SAMPLE), "troubles.csv", b"authority,kind,metric,")


def gravest(result: Result) -> None:
    """Print the reasons for the most severe flags, each of another authority."""
    from earlywarning.cli.screen import heading, listed

    heading("Three flags, and why")
    names = result.authorities.set_index("authority")["name"]
    flags = result.flags.drop_duplicates("authority").head(EXPLAINED)
    rows = flags[["severity", "authority", "reason"]].itertuples(index=False, name=None)
    listed(f"{severity}, {names[code]} ({code}): {reason}" for severity, code, reason in rows)


def found(result: Result, troubles: pd.DataFrame) -> str:
    """Say how many of the authorities in trouble were found, and how many others are shown."""
    tiers = result.authorities
    in_tier = set(tiers.loc[tiers["tier"].ne("none"), "authority"])
    flagged = set(result.flags["authority"])
    troubled = set(troubles["authority"])
    return (
        f"Of {len(troubled)} authorities in planted trouble, "
        f"{len(troubled & (in_tier | flagged))} stand in a tier or carry a flag: "
        f"{len(troubled & in_tier)} in a tier, {len(troubled & flagged)} with a flag. "
        f"Of the {len(tiers) - len(troubled)} others: {len(in_tier - troubled)} in a tier, "
        f"{len(flagged - troubled)} with a flag."
    )
