# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     notebook_metadata_filter: kernelspec,jupytext,-jupytext.text_representation.jupytext_version
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 05 Plan conversations
#
# More authorities are worth a call than a team can talk to, and other bodies are on their way to
# some of them. Who talks to whom, who waits, and who could help?

# %%
from pathlib import Path

import pandas as pd

import earlywarning as ew
from earlywarning.charts import tiers_chart

pd.options.display.max_colwidth, pd.options.display.precision = None, 2
sample = Path("../data/sample")
catalogue = ew.read_catalogue(sample / "catalogue.toml")
register = ew.read_register(sample / "authorities.csv")
panel = ew.carry_history(
    ew.read_panel(sample / "panel.csv", catalogue=catalogue), register, catalogue
)
result = ew.EarlyWarning(catalogue=catalogue, register=register).fit_score(panel)
tiers_chart(result.authorities, as_of=result.as_of)

# %% [markdown]
# ## The calendar
#
# One row an engagement, of whatever body: peer challenges, inspections, interventions,
# conversations. The plan is as good as what bodies tell each other. Here is what falls into the
# next six months.

# %%
calendar = ew.read_engagements(sample / "engagements.csv")
ends = result.as_of + pd.DateOffset(months=6)
calendar[calendar["start"].between(result.as_of, ends)].merge(
    register[["authority", "name"]], on="authority"
)[["name", "kind", "start", "end", "status", "lead"]]

# %% [markdown]
# ## A plan
#
# We can talk to six in the next six months. Every authority gets one route, with its reason.

# %%
plan = ew.plan_conversations(
    result.authorities, result.flags, calendar, as_of=result.as_of, window_months=6, capacity=6
)
plan["route"].value_counts().to_frame()

# %%
in_a_tier = plan[plan["tier"].ne("none")]
in_a_tier[["name", "tier", "route", "body", "reason", "themes"]]

# %% [markdown]
# - `approach`: nothing stands in the way. With an empty `body` there is no capacity left in this
#   window: **that authority is no better off than one that is called.**
# - `coordinate`: another body comes in the window. Agree who says what.
# - `refer`: under intervention already; a warning comes too late.
#
# An authority in no tier that had no peer challenge for five years is worth a visit for that alone:

# %%
plan[plan["route"].eq("reach out")][["name", "reason"]].head(5)

# %% [markdown]
# ## Cooling off
#
# Suppose somebody talked to Heskelmarch in June. Then it is left alone for a year, and the reason
# says until when. The conversation goes into the calendar, nowhere else.

# %%
talked = pd.DataFrame(
    {
        "authority": ["ZZM008"],
        "kind": "early_warning_conversation",
        "start": ["2024-06-03"],
        "lead": "Sector body",
    }
)
later = pd.concat([calendar, ew.read_engagements(talked)], ignore_index=True)
again = ew.plan_conversations(
    result.authorities, result.flags, later, as_of=result.as_of, capacity=6
)
again[again["route"].eq("hold")][["name", "tier", "route", "reason"]]

# %% [markdown]
# A year is a setting. With three months it would be called again:

# %%
sooner = ew.plan_conversations(
    result.authorities,
    result.flags,
    later,
    as_of=result.as_of,
    capacity=6,
    settings=ew.Settings(cooling_off_days=90),
)
sooner[sooner["authority"].eq("ZZM008")][["name", "route", "body", "reason"]]

# %% [markdown]
# ## Two bodies side by side
#
# They take turns down one list, each as often as it is able. No authority is approached by both.

# %%
shared = ew.plan_conversations(
    result.authorities,
    result.flags,
    calendar,
    as_of=result.as_of,
    capacity={"Sector body": 4, "Ministry": 2},
)
approached = shared[shared["body"].ne("")]
assert approached["authority"].is_unique
approached[["body", "place", "name", "tier", "themes"]].sort_values(["body", "place"])

# %% [markdown]
# What one more conversation would buy is for you to judge. The next in line:

# %%
shared[shared["route"].eq("approach") & shared["body"].eq("")][["place", "name", "tier", "reason"]]

# %% [markdown]
# ## Who could help
#
# For each flag up to three authorities that have done well in the same metric for some time:
# nearest neighbours first. Luck has been taken off what is expected of them. They may count
# something else: ask first.

# %%
neighbours = ew.read_neighbours(sample / "neighbours.csv")
names = register.set_index("authority")["name"]
titles = result.metrics.set_index("metric")["title"]
pairs = result.practice_pairs(neighbours)
pairs.assign(
    flagged=pairs["authority"].map(names),
    metric=pairs["metric"].map(titles),
    learns_from=pairs["learns_from"].map(names),
)[["flagged", "metric", "learns_from", "why"]].head(12)

# %% [markdown]
# ## Whom to ask to speak
#
# A short list for webinars, one theme at a time: good in two metrics of the theme at least. `kept`
# is the chance of being in the best quarter again.

# %%
speakers = result.practice_by_theme
speakers = speakers.sort_values(["theme", "n_metrics", "kept"], ascending=[True, False, False])
speakers = speakers.groupby("theme").head(2)
speakers.assign(name=speakers["authority"].map(names))[["theme", "name", "n_metrics", "kept"]]

# %% [markdown]
# ## Read next
#
# - [Triage](../docs/triage.md): the routes, and when a plan misleads.
# - [Practice](../docs/practice.md): how luck is told from doing well.
# - [The brief](../docs/brief.md): the two pages to take to the conversation.
