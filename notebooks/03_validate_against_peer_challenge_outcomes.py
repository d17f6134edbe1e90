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
# # 03 Validate against peer challenge outcomes
#
# Was it right? On past days, what would the list have been, from what was published by then; and
# what happened afterwards? Here with the made-up sample: findings of peer challenges, and graver
# outcomes. Some follow from planted troubles, two strike authorities without any.

# %%
import datetime as dt
import tempfile
from pathlib import Path

import pandas as pd

import earlywarning as ew
from earlywarning.validation.baselines import every_scorer
from earlywarning.validation.lock import lock_of, read_lock, verdict, write_lock
from earlywarning.validation.outcomes import as_groups
from earlywarning.validation.written import pictures_of, write_backtest

pd.options.display.max_colwidth, pd.options.display.precision = None, 2
sample = Path("../data/sample")
catalogue = ew.read_catalogue(sample / "catalogue.toml")
register = ew.read_register(sample / "authorities.csv")
panel = ew.carry_history(
    ew.read_panel(sample / "panel.csv", catalogue=catalogue), register, catalogue
)
model = ew.EarlyWarning(catalogue=catalogue, register=register)

# %% [markdown]
# ## First choose, then freeze
#
# Whoever looks at outcomes first can always find a horizon and a length of list at which the past
# looks foreseen. So settle them before, write the lock, and send its fingerprint to somebody else
# on that day. From here on, every change is told.

# %%
folder = Path(tempfile.mkdtemp())  # name a folder of your own to keep what is written
plan = ew.Plan(
    horizon="24M",  # an outcome this soon after a look counts
    capacity=10,  # so many are listed at each look
    every="year",
    outcomes={
        "peer challenge finding": ("peer_challenge_finding",),
        "grave": (
            "section_114",
            "statutory_intervention",
            "exceptional_financial_support",
            "best_value_notice",
        ),
    },
    reviews={"peer challenge finding": ("corporate_peer_challenge",)},
)
write_lock(lock_of(plan, model, dt.date.today()), folder / "lock.json")
read_lock(folder / "lock.json").fingerprint

# %% [markdown]
# ## What happened
#
# A dozen outcomes. Each has a precision: a month stands for all of it. Remember how few they are
# when you come to the figures.

# %%
outcomes = ew.read_outcomes(sample / "outcomes.csv")
engagements = ew.read_engagements(sample / "engagements.csv")
outcomes[["authority", "outcome", "date", "date_precision", "severity", "earliest", "latest"]]

# %% [markdown]
# ## Look back
#
# At the end of each year everything is learnt anew from what had been published by then. Baselines
# are what a list has to beat: by lot, the list of a year before, who was in trouble before, and
# each metric by itself.

# %%
baselines = every_scorer(as_groups(outcomes, plan.outcomes).outcomes, seed=plan.seed)
asked = {"scorers": baselines, "engagements": engagements, "store": folder / "days"}
found = ew.look_back(model, panel, outcomes, plan=plan, **asked)
pd.Series(
    {
        "looks": len(found.days),
        "first": f"{found.days[0]:%d %B %Y}",
        "last": f"{found.days[-1]:%d %B %Y}",
        "authorities": len(found.authorities),
        "outcomes known until": f"{found.until:%d %B %Y}",
    }
).to_frame("")

# %% [markdown]
# ## Each episode: was it on the list?
#
# `place` is where the authority stood at the last look before, `since` when it had come on the
# list without a break, `lead_days` how long before. A flag needs trouble in the data: what began
# after the last look cannot have been listed.

# %%
found.timeline[
    ["outcome", "name", "date", "last_look", "place", "listed", "since", "lead_days", "grounds"]
]

# %%
pictures_of(found, "grave")["timeline"]

# %% [markdown]
# Few were listed. Three of these outcomes follow troubles that began in figures which came out
# after the last look, and two follow no trouble in the data at all. The others began slowly, or had
# only just begun.
#
# ## How well, and against what
#
# - `auc`: of two authorities of which one had the outcome, how often that one stood higher. Chance
#   gives 0.5. **Where the limits hold 0.5, the list is not to be told from chance.**
# - `hits`: of the ten listed, how many had the outcome, an average look.
# - `n_authorities`: how many different authorities had it. Fewer than about twenty decide little.

# %%
measures = found.measures[found.measures["role"].ne("metric")]
measures[
    ["outcome", "scorer", "n_authorities", "auc", "auc_lower", "auc_upper", "hits", "recall"]
].sort_values(["outcome", "auc"], ascending=[True, False])

# %% [markdown]
# Each single metric was a ranking too. The best of so many is best by hindsight: nobody knew before
# which it would be.

# %%
single = found.measures[found.measures["role"].eq("metric")]
best = single.sort_values("auc", ascending=False).groupby("outcome").head(2)
best[["outcome", "scorer", "auc", "auc_lower", "auc_upper", "hits"]]

# %% [markdown]
# ## What no signal looks like
#
# The same with outcomes given to other authorities, many times. `p` is the share of these runs that
# did as well as ours.

# %%
found.null[found.null["measure"].isin(["auc", "hits", "recall"])].round(2)

# %%
pictures_of(found, "grave")["precision"]

# %% [markdown]
# ## Who was not reviewed cannot be found out
#
# A finding needs a peer challenge. Among the `reviewed` the area is one thing; had the others been
# reviewed too, it might have been anything from `worst` to `best`. That is how little findings say
# of those whom nobody visited.

# %%
areas = found.reviewed[found.reviewed["measure"].eq("roc_auc")]
areas[["as_of", "n_reviewed", "n_known", "reviewed", "worst", "best"]]

# %% [markdown]
# ## The temptation
#
# A year in place of two, and the same list looks better or worse. Shown alone it would be a
# result chosen with hindsight. The lock says so, and what was changed.

# %%
shorter = plan.model_copy(update={"horizon": "12M"})
other = ew.look_back(model, panel, outcomes, plan=shorter, **asked)
ours = {"24M, frozen": found, "12M, afterwards": other}
table = pd.concat(
    {name: one.measures.query("scorer == 'earlywarning'") for name, one in ours.items()}
)
table[["outcome", "n_events", "auc", "auc_lower", "auc_upper", "hits"]].droplevel(1)

# %%
verdict(read_lock(folder / "lock.json"), lock_of(shorter, model, dt.date.today()))[1]

# %% [markdown]
# ## The page to hand on
#
# All of it in words and pictures: open `report.html`. Every table is beside it as CSV. (Below, the
# page's size in bytes.)

# %%
lock = read_lock(folder / "lock.json")
written = write_backtest(
    found, folder / "validation", now=lock_of(plan, model, dt.date.today()), lock=lock
)
(written / "report.html").stat().st_size

# %% [markdown]
# ## What this does not show
#
# - The troubles of this sector are made up, and so is what came of them. That a list finds some of
#   them says nothing of councils. On real English data it did no better than chance: notebook 07.
# - An authority that was talked to and recovered counts as a false alarm.
# - A dozen outcomes: one more or less on the list changes every figure.
#
# ## Read next
#
# - [Validation](../docs/validation.md), [its figures](../docs/validation_metrics.md), and
#   [results on real data](../docs/validation_results.md).
# - [Baselines](../docs/baselines.md), [outcomes](../docs/outcomes.md), and
#   [selection](../docs/selection.md).
