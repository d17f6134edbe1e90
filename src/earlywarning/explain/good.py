"""What goes well, and who does well where an authority is flagged?"""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from earlywarning.explain.reasons import SAID, seen
from earlywarning.explain.sections import Section
from earlywarning.explain.tables import About
from earlywarning.explain.wording import counted, in_period, one_line
from earlywarning.schema import ASSESSED
from earlywarning.units import format_value

MOST_GOOD = 3  # good things said
MOST_EXAMPLES = 3  # authorities named for each flagged metric
WELL = "What goes well"
LEARN = "Who to learn from"
NO_EXAMPLE = (
    "Nobody of its type is known to have done well for some time in what is flagged, or in its "
    "themes."
)
HOW_CHOSEN = (
    "Others of its type that have been in the best quarter of it for some time (so many of the "
    "last periods) and are likely to stay. Ask first whether they count the same things."
)
EXAMPLE = "{name}, {value} {when}{elsewhere} ({good})"


def what_goes_well(about: About) -> Section:
    """Say what has been good for some time, then what is beyond its limits on the better side."""
    lasting = _own_practice(about)
    signals = about.signals[about.signals["signal"].ne("change")]
    good = signals[signals["direction"].eq("better") & signals["status"].eq(ASSESSED)]
    good = good[(good["value"] < good["lower"]) | (good["value"] > good["upper"])]
    good = good[~good["metric"].isin(lasting["metric"])]
    good = good.sort_values("z", kind="stable").drop_duplicates("metric")
    good = good.merge(about.everyone.metrics[["metric", *SAID]], on="metric")
    limits = about.everyone.settings.limits
    said = [
        *lasting["reason"].map(one_line),
        *(f"{seen(row, 'better', limits=limits)}." for row in good.itertuples(index=False)),
    ]
    if not said:
        return Section(WELL, ("No signal stands out on the better side.",))
    more = len(said) - MOST_GOOD
    rest = (f"And {counted(more, 'more metric', 'more metrics')}.",) if more > 0 else ()
    return Section(WELL, items=(*said[:MOST_GOOD], *rest))


def who_to_learn_from(about: About) -> Section:
    """Name for each flagged metric those of its type that do well in it, or else in its theme."""
    found = examples(about)
    if found.empty:
        return Section(LEARN, (NO_EXAMPLE,))
    everyone = about.everyone
    units = dict(zip(everyone.metrics["metric"], everyone.metrics["unit"], strict=True))
    rows: Iterator[Any] = found.itertuples(index=False)
    said = [
        EXAMPLE.format(
            name=name,
            value=format_value(row.value, units.get(row.metric, "")),
            when=in_period(row.period),
            elsewhere="" if row.metric == row.flagged else f", “{title}”",
            good=f"{row.n_good:.0f} of {row.n_recent:.0f}",
        )
        for row, name, title in zip(
            rows,
            everyone.names(found["authority"]),
            everyone.titles(found["metric"]),
            strict=True,
        )
    ]
    by = pd.Series(said, dtype=object).groupby(everyone.titles(found["flagged"]), sort=False)
    items = tuple(f"“{title}”: {'; '.join(few)}." for title, few in by)
    return Section(LEARN, (HOW_CHOSEN,), items, labelled=True)


def examples(about: About) -> pd.DataFrame:
    """Return rows of `schema.PRACTICE`, and `flagged`: the metric that each is an example for.

    For each flagged metric those of the same type that do well in it, the surest first; where
    there is none, those that do well in its theme.
    """
    alike = about.everyone.practice
    alike = alike[alike["authority"].isin(about.peers)].sort_values("expected", kind="stable")
    found = [alike.iloc[:0].assign(flagged="")]
    flags = about.flags.drop_duplicates("metric")
    for metric, theme in zip(flags["metric"], flags["theme"], strict=True):
        same = alike[alike["metric"].eq(metric)]
        if same.empty:
            same = alike[alike["theme"].eq(theme)].drop_duplicates("authority")
        found.append(same.head(MOST_EXAMPLES).assign(flagged=metric))
    return pd.concat(found, ignore_index=True)


def _own_practice(about: About) -> pd.DataFrame:
    """Return what it has done well in for some time, the surest first."""
    practice = about.everyone.practice
    own = practice[practice["authority"].eq(about.code)]
    return own[["metric", "expected", "reason"]].sort_values("expected", kind="stable")
