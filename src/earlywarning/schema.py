"""Which columns do the tables have, and which words may stand in them?

Every table that crosses a module boundary is a plain DataFrame with the columns
named here, in this order. A reader maps a user's columns to these once, at the door.
"""

from collections.abc import Sequence

import pandas as pd

# The panel: one row an (authority, metric, period, published).
KEY = ("authority", "metric", "period")
PANEL_REQUIRED = (*KEY, "value")
PANEL_OPTIONAL = ("numerator", "denominator", "published", "status", "lower", "upper")
PANEL = (*PANEL_REQUIRED, *PANEL_OPTIONAL)

# Each value's latest word and its first, as known on a day; out of how many cases, where known.
VALUES = (*KEY, "end", "value", "first_value", "published", "denominator")

# What each period label means; one row a label.
PERIODS = ("period", "start", "end", "kind", "frequency")

CATALOGUE = (
    "metric", "title", "theme", "unit", "higher_is", "frequency",
    "lag_days", "transform", "target", "source",
)  # fmt: skip
REGISTER = ("authority", "name", "type", "region", "start", "end", "successor")
NEIGHBOURS = ("authority", "neighbour", "rank")

# Why each is a neighbour; then a column a characteristic, what it adds to the squared distance.
PAIRS = (*NEIGHBOURS, "distance", "squared", "reason")
FROM = "from:"  # before the characteristic's name
CHARACTERISTICS = ("characteristic", "weight", "scale", "centre", "spread", "n_known")

SIGNALS = (
    "authority", "metric", "period", "signal", "value", "expected", "lower", "upper",
    "z", "p", "direction", "n_periods", "n_peers", "status",
)  # fmt: skip
SIGNAL_WORDS = ("authority", "metric", "period", "signal", "direction", "status")  # categorical
FLAGS = (
    "authority", "metric", "theme", "kind", "severity", "p", "q", "since", "runs", "effect",
    "reason", "would_clear_at", "stability", "period", "published",
)  # fmt: skip
CHANGES = (
    "authority", "metric", "theme", "kind", "change", "severity_before", "severity",
    "period_before", "period", "status", "reason",
)  # fmt: skip
AUTHORITIES = (
    "authority", "name", "type", "score", "score_position", "score_change", "tier",
    "p", "q", "rank", "rank_low", "rank_high", "coverage",
)  # fmt: skip
THEME = "theme:"  # before a theme's name: further columns of authorities, what it adds to the score
CONTRIBUTIONS = (
    "authority", "theme", "metric", "signal", "kind", "points", "weight", "contribution",
)  # fmt: skip
TRENDS = (
    "authority", "metric", "period", "level", "slope", "slope_lower", "slope_upper",
    "forecast", "forecast_lower", "forecast_upper", "n_periods", "status",
)  # fmt: skip
CONTROL_CHARTS = (
    "authority", "metric", "period", "value", "centre", "lower", "upper", "variation",
    "assurance", "rules", "rebase", "n_periods", "status",
)  # fmt: skip
COUNT_ALARMS = (
    "authority", "metric", "period", "value", "expected", "lower", "upper", "p", "alarm",
    "n_periods", "status",
)  # fmt: skip
TREND_TESTS = (
    "authority", "metric", "period", "slope", "slope_lower", "slope_upper", "p", "direction",
    "marker", "n_periods", "status",
)  # fmt: skip
ANOMALIES = (
    "authority", "metric", "period", "value", "expected", "lower", "upper", "z", "p",
    "direction", "anomaly", "status",
)  # fmt: skip
RETURNS = (
    "authority", "metric", "period", "peers_period", "periods_behind", "days_overdue",
    "n_peers", "peers_share", "p", "status",
)  # fmt: skip
RETURNS_BY_AUTHORITY = (
    "authority", "n_expected", "n_missing", "share", "expected_share", "p", "q",
)  # fmt: skip
BREAKS = (
    "metric", "period", "before", "scale", "p", "shows_in", "statistic", "n_authorities",
    "share_moved", "jump", "usual", "spread_ratio", "order", "usual_order", "kept", "evidence",
)  # fmt: skip
COMBINATIONS = ("authority", "kind", "n_metrics", "squared", "p", "q", "status")
COMBINATION_CONTRIBUTIONS = ("authority", "kind", "metric", "z", "contribution")
DRIFT = (
    "metric", "period_learnt", "period", "coverage_learnt", "coverage", "gaps_learnt", "gaps",
    "shift", "spread_ratio", "status",
)  # fmt: skip
ISSUES = (
    "stage", "code", "file", "row", "authority", "metric", "period", "n_rows", "message", "remedy",
)  # fmt: skip
ENGAGEMENTS = ("authority", "kind", "start", "end", "status", "lead", "outcome")
OUTCOMES = ("authority", "outcome", "date", "date_precision", "severity")
# What an authority replied to a flag: the flag as it was seen, then the reply; `run` is the
# sha256 of the results' run.json.
CHALLENGES = (
    "authority", "metric", "kind", "as_of", "period", "since", "value", "p", "severity",
    "challenge", "reply", "by", "replied_on", "run",
)  # fmt: skip
# What differs between two issues of results; a grade is a flag's severity or a tier.
DIFFERENCES = (
    "about", "change", "authority", "name", "metric", "title", "kind", "period_before", "period",
    "grade_before", "grade", "value_before", "value", "why",
)  # fmt: skip

# Who talks to whom: one row an authority.
TRIAGE = (
    "authority", "name", "tier", "route", "body", "place", "reason", "with_whom", "kind", "start",
    "end", "themes",
)  # fmt: skip

# Who does well: one row an (authority, metric), an (authority, theme), a flag and an example.
PRACTICE = (
    "authority", "metric", "theme", "period", "value", "n_recent", "n_good", "expected", "kept",
    "type", "reason",
)  # fmt: skip
PRACTICE_THEMES = ("theme", "authority", "n_metrics", "expected", "kept", "metrics")
QUESTIONS = ("theme", "kind", "question")  # to ask of whoever is flagged
PRACTICE_PAIRS = ("authority", "metric", "learns_from", "why", "expected")

# What the whole sector does: one row a (metric, group), a (theme, group), a metric, an authority.
SECTOR_MOVEMENT = (
    "metric", "theme", "group_kind", "group", "before", "period", "n_authorities", "moved",
    "moved_sd", "usual_sd", "direction", "p", "q", "moved_by", "moved_without",
    "spread_ratio", "spread_change", "spread_p", "spread_q", "spread_by", "spread_without",
    "since", "n_since", "moved_since", "moved_since_sd", "direction_since", "p_since", "q_since",
    "spread_ratio_since", "spread_change_since", "spread_p_since", "spread_q_since", "status",
)  # fmt: skip
SECTOR_THEMES = (
    "theme", "group_kind", "group", "n_metrics", "n_assessed", "n_worse", "n_better", "n_unusual",
    "n_wider", "n_narrower", "moved_sd", "most_moved", "n_worse_since", "n_better_since",
    "n_wider_since", "n_narrower_since", "moved_since_sd",
)  # fmt: skip
METRICS_REVIEW = (
    "metric", "theme", "period", "n_authorities", "coverage_newest", "coverage_grid",
    "days_to_publish", "n_days_given", "nearest", "correlation", "cluster", "n_cluster",
    "signal_to_noise", "n_breaks", "n_flags", "expected_false_flags", "proposal", "merge_with",
    "evidence",
)  # fmt: skip
RETURNS_REVIEW = (
    "authority", "name", "n_expected", "n_in_time", "n_suppressed", "n_late", "n_missing",
    "n_stopped", "days_overdue", "share", "expected_share", "p", "q", "n_values", "n_revised",
    "n_withdrawn", "revised_sd", "evidence",
)  # fmt: skip

# Looking back: one row an (authority, as_of, ...).
REPLAYED_FLAGS = ("as_of", "authority", "metric", "theme", "kind", "severity", "p", "q", "reason")
REPLAYED_BASELINES = ("as_of", "authority", "scorer", "score")
LABELS = (
    "authority", "as_of", "outcome", "status", "event", "known", "date", "lead_days",
    "followed_days",
)  # fmt: skip

# The words.
CONTRASTS = ("last", "step", "drift")
SIGNAL_NAMES = ("position", *CONTRASTS, "change")
FREQUENCIES = ("annual", "quarterly", "monthly", "irregular")
SEVERITIES = ("watch", "concern", "priority")  # mildest first
CHANGE_WORDS = ("new", "worse", "better", "cleared")  # of flags, since the run before
FLAG_KINDS = ("position", "change")
CHALLENGE_WORDS = ("correction", "definition", "context", "dispute")
DIFFERENT = ("gone", "come", "changed")  # of flags, tiers and values, from one issue to another
ANSWERED = (*DIFFERENT, "stands", "in neither")  # of a flag that was challenged
TIERS = ("none", "watch", "concern", "priority")  # mildest first
IN_A_TIER = TIERS[:0:-1]  # gravest first
HIGHER_IS = ("worse", "better", "context")
TRANSFORMS = ("identity", "log", "logit", "asinh")
NO_THEME = "no theme"  # where a catalogue does not know the metric
ASSESSED = "ok"  # the status of a signal that could be computed
STATUSES = (
    ASSESSED, "no value", "stale", "too few periods", "constant", "constant until now",
    "too few peers", "peers do not differ",
)  # fmt: skip
DIRECTIONS = ("none", "worse", "better", "unusual")
TIMELINE = (
    "outcome", "authority", "name", "through", "date", "kinds", "last_look", "place", "listed",
    "since", "lead_days", "censored", "tier", "n_flags", "grounds",
)  # fmt: skip
COMPARED = (
    "outcome", "scorer", "role", "n_days", "n_known", "n_events", "n_authorities", "base_rate",
    "covered",
)  # fmt: skip
ROUTES = ("approach", "coordinate", "hold", "refer", "reach out", "none")
LABEL_STATUSES = ("at risk", "under way", "not standing", "date uncertain", "divided")
GROUP_KINDS = ("everyone", "type", "region")
SPREAD_CHANGES = ("none", "wider", "narrower")
PROPOSALS = ("keep", "drop", "merge", "look at the definition")  # of a metric; none is applied
RETURN_STATUSES = ("in time", "suppressed", "late", "missing", "stopped", "not applicable")
VARIATIONS = (
    "", "common cause", "improvement high", "improvement low", "concern high", "concern low",
    "neither high", "neither low",
)  # fmt: skip
ASSURANCES = (
    "", "consistently passing", "consistently failing", "inconsistent", "no target",
    "no direction",
)  # fmt: skip
CHART_STATUSES = (
    ASSESSED, "trial limits", "constant", "too few values", "no value", "stale",
)  # fmt: skip
COUNT_STATUSES = (
    ASSESSED, "not a count", "not monthly or quarterly", "periods overlap", "no value", "stale",
    "not whole numbers", "too few periods", "no counts before",
)  # fmt: skip
MARKERS = (
    "increasing", "decreasing", "no change", "cannot be calculated", "no denominator",
    "periods overlap", "not a share or rate",
)  # fmt: skip


def empty(columns: Sequence[str]) -> pd.DataFrame:
    """Return a table without rows, so that "nothing found" has the same columns as "something"."""
    return pd.DataFrame({column: pd.Series(dtype=object) for column in columns})


def issue_row(
    stage: str,
    code: str,
    message: str,
    remedy: str,
    *,
    file: str | None = None,
    row: int | None = None,
    authority: str | None = None,
    metric: str | None = None,
    period: str | None = None,
    n_rows: int = 1,
) -> dict[str, object]:
    """Return one row for the table of issues; `row` counts as a spreadsheet does, header = 1."""
    return dict(
        zip(
            ISSUES,
            (stage, code, file, row, authority, metric, period, n_rows, message, remedy),
            strict=True,
        )
    )


def issues_table(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Return the table of issues, its columns fixed even where nothing was found."""
    table = pd.DataFrame(list(rows), columns=list(ISSUES))
    for name in ("row", "n_rows"):  # quicker than `astype`, which puts the table together anew
        table[name] = table[name].astype("Int64")
    return table
