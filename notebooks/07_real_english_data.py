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
# # 07 Real English data
#
# The same with public returns of English councils: revenue outturn, and borrowing and investments.
# First flags, as known when revenue outturn 2017-18 was final; then a look back, with its honest
# result.
#
# The data do not come with the library. Name the folder below. Without it, this notebook says so
# and leaves the rest out.

# %%
import os
from pathlib import Path

import IPython
import pandas as pd

import earlywarning as ew
from earlywarning.charts import strip_chart
from earlywarning.validation.baselines import every_scorer, read_areas
from earlywarning.validation.outcomes import as_groups
from earlywarning.validation.written import pictures_of

pd.options.display.max_colwidth, pd.options.display.precision = None, 2
data = Path(os.environ.get("EARLYWARNING_SHARED", "../../shared")) / "data"  # or your folder
needed = [
    data / "panels" / "revenue_outturn_rs.csv.gz",
    data / "panels" / "debt_investment.csv.gz",
    data / "authorities.csv",
    data / "outcomes.csv",
]
missing = [path.name for path in needed if not path.is_file()]
said = "All files are there."
if missing:
    said = (
        f"The real data are not there: {', '.join(missing)}. All cells below are left out. "
        "Name the folder of the data above, restart, and run again."
    )
    IPython.get_ipython().input_transformers_cleanup.append(lambda _: ["pass\n"])
said

# %% [markdown]
# ## Read
#
# One row an authority, metric and period, in thousands of pounds or percent. No file says when a
# value came out, so the catalogue's lag counts: revenue outturn 240 days after the year, borrowing
# 80 days after the quarter. The catalogue `finance` comes with the library; it gives a direction to
# few of these metrics, those where a publication says which way is worse.

# %%
catalogue = ew.built_in("finance")
register = ew.read_register(data / "authorities.csv")
revenue = ew.read_panel(needed[0], catalogue=catalogue)
revenue.issues[["code", "n_rows", "message"]]

# %%
known = [catalogue.metric(name) for name in revenue.metrics]
directed = [metric for metric in known if metric.higher_is != "context"]
pd.DataFrame(
    {"title": [m.title for m in directed], "higher is": [m.higher_is for m in directed]}
).sort_values("title", ignore_index=True)

# %% [markdown]
# ## Flags
#
# Read the box, then the caution: eight years of yearly figures; level means little where councils
# differ in what they do; and most metrics are `context`, flagged as unusual on either side.

# %%
model = ew.EarlyWarning(catalogue=catalogue, register=register)
result = model.fit_score(revenue)
result

# %%
names = register.set_index("authority")["name"]
grave = result.flags[result.flags["severity"].ne("watch")]
grave.assign(name=grave["authority"].map(names))[
    ["name", "severity", "kind", "reason", "since", "stability"]
].head(8)

# %%
one = grave.iloc[0]
result.plot(one["authority"], one["metric"])

# %% [markdown]
# Before anybody is called: is it an error in the return, a duty others do not have, a council made
# out of others, or the metric itself? Here it is the metric: a share of net revenue expenditure
# says little where that is near or below nothing. The flag is right that the figure is far from its
# peers, and would be wrong as a sign of low reserves: they more than doubled. The parts show it.

# %%
newest = result.values[result.values["metric"].eq(one["metric"])]
newest = newest[newest["period"].eq(one["period"])].dropna(subset=["value"])
metric = catalogue.metric(one["metric"])
strip_chart(
    newest.assign(name=newest["authority"].map(names))[["authority", "name", "value"]],
    title=metric.title,
    unit=metric.unit,
    marked=[one["authority"]],
    period=one["period"],
    as_of=result.as_of,
)

# %%
parts = ["usable_reserves_end_k", "net_revenue_expenditure_k", "usable_reserves_to_nre_pct"]
theirs = result.values[
    result.values["authority"].eq(one["authority"]) & result.values["metric"].isin(parts)
]
theirs.pivot(index="period", columns="metric", values="value")[parts].tail(4)

# %% [markdown]
# ## What moved for everybody
#
# A movement of the whole sector is no council's fault. It is taken out, as far as it is sure,
# before anybody is called unusual, and told here.

# %%
moved = result.sector_movement.query("group == 'everyone'")
moved = moved[moved["metric"].isin([metric.metric for metric in directed])]
titles = result.metrics.set_index("metric")["title"]
moved.assign(metric=moved["metric"].map(titles))[
    ["metric", "since", "period", "moved_since", "direction_since", "spread_change_since"]
]

# %% [markdown]
# ## Was it right? One look back
#
# At the end of each year from 2013, twenty councils are listed from what had been published by
# then. Did a section 114 notice, an intervention or exceptional financial support follow within 24
# months? Horizon and capacity are the library's defaults, and no setting was tuned to these
# outcomes.

# %%
panel = ew.read_panel(needed[:2], catalogue=catalogue)
outcomes = ew.read_outcomes(data / "outcomes.csv")
plan = ew.Plan(
    outcomes={
        "section 114 or intervention": ("section_114", "statutory_intervention"),
        "exceptional financial support": ("exceptional_financial_support",),
    }
)
baselines = every_scorer(
    as_groups(outcomes, plan.outcomes).outcomes,
    seed=plan.seed,
    areas=read_areas(data / "authorities.csv"),
)
found = ew.look_back(model, panel, outcomes, plan=plan, scorers=baselines)
pd.Series(
    {
        "looks": len(found.days),
        "first": f"{found.days[0]:%d %B %Y}",
        "last": f"{found.days[-1]:%d %B %Y}",
        "councils": len(found.authorities),
    }
).to_frame("")

# %%
table = found.measures[found.measures["role"].ne("metric")]
table[["outcome", "scorer", "n_authorities", "auc", "auc_lower", "auc_upper", "hits"]].sort_values(
    ["outcome", "auc"], ascending=[True, False]
)

# %%
found.null[found.null["measure"].isin(["auc", "hits"])].round(2)

# %% [markdown]
# ## The honest result
#
# - **The list did no better than chance.** Its area's limits hold 0.5, and none of the twenty
#   listed had the outcome within 24 months.
# - Two published systems of points, made of reserves, deficits and debt, stood higher for section
#   114. So did others, some far simpler. Of so many rankings, the best is best by hindsight.
# - Seven or eight councils had an outcome in time to be judged. One more or less changes every
#   figure; the limits exclude neither a list that is somewhat useful nor one that is useless.
# - The figures end in 2020, most outcomes came later. Culture, governance and demand are in no
#   return.
#
# With three returns and more years [the page of results](../docs/validation_results.md) says the
# same. **Nobody should call councils in the order of this list in the belief that it foretells
# failure.** A flag still says what it says: a figure is far from peers, or from its own record. Ask
# why.

# %%
pictures_of(found, "section 114 or intervention")["precision"]

# %% [markdown]
# ## Read next
#
# - [Results on real data](../docs/validation_results.md), and [how they are
#   measured](../docs/validation.md).
# - [Reading revenue outturn workbooks](../docs/read_revenue_outturn.md) as they are downloaded.
# - [Baselines](../docs/baselines.md): what any list has to beat.
