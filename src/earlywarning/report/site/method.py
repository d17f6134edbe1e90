"""The page that says in plain words how it is worked out, and how to challenge it."""

from earlywarning.explain import one_line
from earlywarning.report.site.book import Book
from earlywarning.report.site.frame import share, whole_page

FLAG = (
    "A flag says that one metric of one authority is further from what one would expect than "
    "chance alone would explain, and far enough to be worth a call. It is an invitation to a "
    "conversation, never a verdict: it does not say why, nor that anybody is to blame.",
    "No flag is not a clean bill of health. What was not measured, not published by the day, or "
    "not assessed cannot be flagged.",
)
KINDS = (
    "Position: is it far from its peers now? The newest value is held against the middle of its "
    "peers, in their spread, the authority itself left out.",
    "Change: has it become worse than its own record and its peers would lead one to expect? What "
    "moved everybody is taken out first; what is learnt from all authorities of a metric says how "
    "far a series may move by itself.",
    "The two are kept apart, since what is bad and what is getting worse are different "
    "conversations.",
)
GRADES = (
    "A flag's grade (watch, concern, priority) says how sure it is that it is not chance, how "
    "large it is, and how long it has stood. An authority's tier says the same of all its signals "
    "taken together.",
    "The score adds up points of its signals; every theme weighs the same, and good news takes "
    "nothing off. Within a tier authorities stand by name: scores that are close cannot be told "
    "apart.",
)
CHALLENGE = (
    "Everything here follows from the published values, the settings and the versions below. "
    "Whoever is flagged can see the values, the sum and the doubt on its own page.",
    "If a value is wrong, or was revised, say which metric and period, what is right, and where it "
    "is published. If it is right and there is a reason (a definition that changed, a choice that "
    "was made, a small number of cases), say that. Send it to whoever gave you these pages; the "
    "run can then be done again, and the difference shown.",
)


def method_page(book: Book) -> str:
    """Return the page: what a flag is, how many are false, how to challenge, what was run."""
    ran = book.ran
    n = len(book.rows.flags)
    false = (
        f"The threshold is set so that about {share(_false_share(book))} of flags are false. "
        f"Of the {n:,} here, up to {book.false_flags:,} should be expected to be; which ones "
        "cannot be told. That is why each asks for a conversation.",
    )
    settings = [(name, _written(value)) for name, value in ran.settings.items()]
    inputs = [(role, name, f"{size:,} bytes", mark) for role, name, size, mark in ran.inputs]
    versions = [("earlywarning", ran.version), *ran.versions.items()]
    options = [(name, _written(value)) for name, value in ran.options.items()]
    tables = (
        ("inputs", "The files that were read", ("Role", "Name", "Size", "SHA-256"), inputs),
        ("options", "What was asked for", ("Option", "Value"), options),
        ("settings", "Settings", ("Threshold", "Value"), settings),
        ("versions", "Versions", ("Library", "Version"), versions),
    )
    return whole_page(
        "method",
        book,
        "Method",
        here="method.html",
        parts=(
            ("What a flag is, and is not", FLAG),
            ("Position and change", KINDS),
            ("Grades, tiers and the score", GRADES),
            ("How many are false", false),
            ("How to challenge it", CHALLENGE),
        ),
        tables=[table for table in tables if table[-1]],
    )


def _false_share(book: Book) -> float:
    return float(str(book.ran.settings.get("false_flag_share", "nan")))


def _written(value: object) -> str:
    """Write a setting; a list one after another."""
    if isinstance(value, list | tuple):
        return ", ".join(map(one_line, value))
    if isinstance(value, int) and abs(value) >= 10_000:
        return f"{value:,}"
    return one_line(value)
