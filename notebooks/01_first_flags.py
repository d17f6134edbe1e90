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
# # First flags
#
# From a table of metrics to a few flags, and to the reasons for one of them. The sector is made
# up: 120 authorities that do not exist, with fifteen planted troubles.
#
# A flag is an invitation to a conversation, never a verdict.

# %%
from earlywarning import EarlyWarning, as_catalogue, as_panel, carry_history, sample_tables

sample = sample_tables()

# %% [markdown]
# ## The panel
#
# One row an authority, metric and period. For files of your own, `read_panel("figures.csv")`
# makes it. The catalogue says which way each metric is worse. `panel.issues` lists all that was
# refused, repaired or doubted.

# %%
catalogue = as_catalogue(sample.catalogue)
panel = as_panel(sample.panel, catalogue=catalogue)
panel = carry_history(panel, sample.register, catalogue)
panel.issues[["stage", "code", "n_rows", "message"]]

# %% [markdown]
# ## Score
#
# `fit` learns how each metric moves; `score` judges every authority as known on a day, here that
# of the newest publication.

# %%
model = EarlyWarning(catalogue=catalogue, register=sample.register)
result = model.fit_score(panel)
result

# %% [markdown]
# ## Which authorities, about what
#
# By tier and name: this is no league table. The two kinds stand apart: what is bad
# (`score_position`) and what is getting worse (`score_change`).

# %%
in_a_tier = result.authorities[result.authorities["tier"] != "none"]
in_a_tier.sort_values(["tier", "name"])[
    ["tier", "name", "score", "score_position", "score_change", "rank_low", "rank_high"]
]

# %% [markdown]
# Up to so many of the flags are expected to be false:

# %%
result.expected_false_flags

# %%
result.flags[["authority", "severity", "kind", "reason", "would_clear_at", "stability"]]

# %% [markdown]
# ## Why
#
# The page on the authority with the gravest flag: against whom, since when, how sure, what else
# could explain it, and what to ask.

# %%
gravest = result.flags.iloc[0]
result.explain(gravest["authority"])

# %%
result.plot(gravest["authority"], gravest["metric"])

# %% [markdown]
# ## Was it right?
#
# Only in a made-up sector is the truth known.

# %%
troubled = set(sample.troubles["authority"])
found = set(in_a_tier["authority"]) | set(result.flags["authority"])
{
    "authorities in trouble": len(troubled),
    "of them in a tier or with a flag": len(troubled & found),
    "others in a tier or with a flag": len(found - troubled),
}

# %% [markdown]
# ## As it stood on an earlier day
#
# Nothing published later takes part, also not in what is learnt.

# %%
earlier = model.score(panel, as_of="2023-06-30")
assert earlier.panel.frame["published"].max() <= earlier.as_of
earlier.counts
