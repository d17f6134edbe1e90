"""One authority's page: its flags, how its score adds up, all its series, and its peers."""

from collections.abc import Sequence
from dataclasses import dataclass

from earlywarning.charts.drawing import Drawing
from earlywarning.explain import Explained, Section, as_page
from earlywarning.explain.wording import counted
from earlywarning.report.columns import columns_of_words
from earlywarning.report.site.book import Book
from earlywarning.report.site.comparisons import peers_drawing
from earlywarning.report.site.frame import share, whole_page
from earlywarning.report.site.pictures import control_drawing, score_drawing, series_drawing
from earlywarning.report.site.rows import Authority, Flag, Metric
from earlywarning.schema import ASSESSED, FLAG_KINDS

ADDS_UP = "adds up"  # in the heading of the section that lays out the score
FLAGS = "What is flagged"  # where no section of the explanation has the flags' reasons


@dataclass(frozen=True)
class Card:
    """A flagged metric: its flags, each with what is said of it, and how it may be seen."""

    metric: Metric
    flags: list[tuple[Flag, str]]
    picture: Drawing | None
    others: Sequence[tuple[str, Drawing]]


@dataclass(frozen=True)
class Part:
    """A section of the explanation, with what is drawn beside it."""

    key: str
    heading: str
    paragraphs: Sequence[str] = ()
    items: Sequence[str] = ()
    table: Sequence[Sequence[str]] = ()
    cards: Sequence[Card] = ()
    picture: Drawing | None = None

    @property
    def words(self) -> list[bool]:
        """Which columns of its table hold words."""
        return columns_of_words(self.table)


@dataclass(frozen=True)
class Small:
    """One of its metrics, drawn small."""

    metric: Metric
    flags: Sequence[Flag]
    picture: Drawing | None
    note: str


def authority_page(book: Book, who: Authority) -> str:
    """Return the page on one authority.

    Parameters
    ----------
    book : Book
        All that the pages are made of.
    who : Authority
        One of its authorities.

    Returns
    -------
    str
        HTML; all that `explain.as_page` says of it, whatever the sections are.
    """
    sections = sections_of(book.told, who.code)
    headline = [text for part in sections if not part.heading for text in part.paragraphs]
    peers = [
        other for other in book.rows.by_name if other.type == who.type and other.code != who.code
    ]
    kind = who.type or "unknown type"
    return whole_page(
        "authority",
        book,
        who.name,
        who=who,
        numbers=_numbers(book, who),
        headline=headline,
        parts=_parts(book, who, [part for part in sections if part.heading]),
        themes=_themes(book, who),
        drawn=bool(book.series),
        alike=f"all of its type ({kind})",
        peers=peers,
        peers_are=f"{counted(len(peers), 'authority', 'authorities')} of its type ({kind}), by "
        "name. Where neighbours were named, its position is held against those alone.",
    )


def sections_of(told: Explained, code: str) -> Sequence[Section]:
    """Return all that is said of an authority in words; the pages draw beside it."""
    return as_page(told.about(code)).sections


def _numbers(book: Book, who: Authority) -> list[tuple[str, str, str]]:
    flags = [flag.kind for flag in book.rows.of_authority.get(who.code, ())]
    kinds = ", ".join(f"{flags.count(kind)} {kind}" for kind in dict.fromkeys(flags))
    return [
        (f"{who.score:,.1f}", "Score", "points"),
        (f"{len(flags):,}", "Flags", kinds),
        (share(who.coverage), "Assessed", "of its positions and changes"),
    ]


def _parts(book: Book, who: Authority, sections: Sequence[Section]) -> list[Part]:
    """Put drawings beside the sections that speak of what they show."""
    flags = book.rows.of_authority.get(who.code, [])
    said: dict[int, str] = {}  # of each flag, by its place: the item that has its reason
    parts = []
    for place, section in enumerate(sections):
        taken = [] if said else _reasons(section, flags)
        said |= dict(taken)
        texts = [text for _, text in taken]
        parts.append(
            Part(
                f"part-{place}",
                section.heading,
                section.paragraphs,
                [text for text in section.items if text not in texts],
                section.table,
                _cards(book, who, [(flags[i], text) for i, text in taken]),
                score_drawing(book, who) if ADDS_UP in section.heading else None,
            )
        )
    if len(said) < len(flags):
        rest = [(flag, flag.reason) for i, flag in enumerate(flags) if i not in said]
        parts.insert(0, Part("flags", FLAGS, cards=_cards(book, who, rest)))
    return parts


def _reasons(section: Section, flags: Sequence[Flag]) -> list[tuple[int, str]]:
    """Return which flags' reasons stand in a section's items, and in which."""
    free = list(section.items)
    found = []
    for i, flag in enumerate(flags):
        text = next((text for text in free if flag.reason in text), None)
        if flag.reason and text is not None:
            free.remove(text)
            found.append((i, text))
    return found


def _cards(book: Book, who: Authority, flags: Sequence[tuple[Flag, str]]) -> list[Card]:
    by: dict[str, list[tuple[Flag, str]]] = {}
    for flag, text in flags:
        by.setdefault(flag.metric.code, []).append((flag, text))
    return [_card(book, who, told) for told in by.values()]


def _card(book: Book, who: Authority, told: list[tuple[Flag, str]]) -> Card:
    what = told[0][0].metric
    drawn = (
        ("Among all authorities, its type picked out", peers_drawing(book, who, what)),
        ("As a control chart", control_drawing(book, who, what)),
    )
    others = [(words, drawing) for words, drawing in drawn if drawing is not None]
    return Card(what, told, series_drawing(book, who, what, size="large"), others)


def _themes(book: Book, who: Authority) -> list[tuple[str, str, list[Small]]]:
    """Return each theme with the metrics of which the authority has anything."""
    found = []
    for theme, href in book.rows.themes.items():
        smalls = [_small(book, who, what) for what in book.rows.metrics_by_theme[theme]
                  if (who.code, what.code) in book.signals]  # fmt: skip
        if smalls:
            found.append((theme, href, smalls))
    return found


def _small(book: Book, who: Authority, what: Metric) -> Small:
    signals = book.signals[who.code, what.code]
    statuses = {name: signals[name].status for name in FLAG_KINDS if name in signals}
    lacking = {name: status for name, status in statuses.items() if status != ASSESSED}
    notes = [f"{name} not assessed: {status}" for name, status in lacking.items()]
    if len(set(statuses.values())) == 1 and lacking:
        notes = [f"not assessed: {next(iter(lacking.values()))}"]
    flags = book.rows.of_series.get((who.code, what.code), ())
    drawn = series_drawing(book, who, what, size="small")
    return Small(what, flags, drawn, "; ".join(notes))
