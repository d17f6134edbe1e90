"""From which data, by which method and with which settings was a page made?"""

from earlywarning.explain.sections import Section
from earlywarning.explain.tables import About
from earlywarning.explain.wording import counted, day, first_few, one_line
from earlywarning.settings import Settings

MOST_NAMES = 4  # metrics named a source
KNOWN = "What was known on {day}; nothing published later took part."
SOURCE = "Source of {metrics}: {source}."
NO_SOURCE = "Source of {metrics}: the catalogue names none."
OTHERS = "The sources of all {n} stand in the table of metrics (metrics.csv)."
MADE = (
    "Made by earlywarning {version}; settings {settings}. At most {share:.0%} of flags are to be "
    "false; limits hold {limits:.0%}."
)
PAGES = (
    "To read on, pages of the documentation: brief (how to read this), position, change, flags "
    "(with their q), risk (the score), practice (who does well), breaks (of definition), glossary."
)


def data_and_method(about: About) -> Section:
    """Say the day, the sources of what is flagged, the version, the settings and where to read."""
    everyone = about.everyone
    settings = everyone.settings
    made = MADE.format(
        version=one_line(everyone.version),
        settings=_settings(settings),
        share=settings.false_flag_share,
        limits=settings.limits,
    )
    metrics = counted(len(everyone.metrics), "metric", "metrics")
    items = (
        KNOWN.format(day=day(everyone.as_of)),
        *_sources(about),
        OTHERS.format(n=metrics),
        made,
        PAGES,
    )
    return Section("Data and method", items=items)


def _sources(about: About) -> list[str]:
    """Name the flagged metrics' sources, each once."""
    metrics = about.everyone.metrics
    flagged = metrics[metrics["metric"].isin(about.flags["metric"])]
    source = flagged["source"].where(flagged["source"].notna(), "").map(one_line)
    titles = about.everyone.titles(flagged["metric"])
    return [
        (SOURCE if said else NO_SOURCE).format(
            metrics=first_few([f"“{title}”" for title in named], MOST_NAMES), source=said
        )
        for said, named in titles.groupby(source.to_numpy(), sort=False)
    ]


def _settings(settings: Settings) -> str:
    """Return the settings that were changed, or that none was."""
    usual = Settings().model_dump()
    changed = {name: now for name, now in settings.model_dump().items() if now != usual[name]}
    if not changed:
        return "as they come"
    return "as they come but for " + ", ".join(f"{name} {now}" for name, now in changed.items())
