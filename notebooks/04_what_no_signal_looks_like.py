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
# # 04 What no signal looks like
#
# How many flags come out of nothing? What do `q` and the expected number of false flags promise?
# And why is no flag no clean bill of health? To know what is signal, one must have seen noise.

# %%
import numpy as np
import pandas as pd

import earlywarning as ew

pd.options.display.max_colwidth, pd.options.display.precision = None, 2
THEMES = ["Finance", "Housing", "Care", "Waste"]
METRICS = [f"{theme} {i}" for theme in THEMES for i in (1, 2, 3)]
YEARS = [f"{year}/{(year + 1) % 100:02d}" for year in range(2012, 2024)]

# %% [markdown]
# ## A healthy sector
#
# 120 authorities, twelve metrics, twelve years. Authorities differ, the sector drifts together, and
# each value has noise. Nobody is in trouble: **every flag raised here is false.**

# %%
CODES = [f"E07{i:06d}" for i in range(1, 121)]


def healthy_sector(seed):
    rng = np.random.default_rng(seed)
    tables = []
    for metric in METRICS:
        level = 50 + 4 * rng.normal(size=(len(CODES), 1))
        common = 2 * rng.normal(size=len(YEARS)).cumsum()
        noise = 2 * rng.normal(size=(len(CODES), len(YEARS)))
        table = pd.DataFrame(level + common + noise, index=CODES, columns=YEARS)
        long = table.rename_axis("authority").reset_index()
        tables.append(long.melt("authority", var_name="period").assign(metric=metric))
    return pd.concat(tables, ignore_index=True)


catalogue = ew.as_catalogue(
    pd.DataFrame(
        {
            "metric": METRICS,
            "theme": [name.split()[0] for name in METRICS],
            "higher_is": "worse",
            "lag_days": 150,
        }
    )
)
model = ew.EarlyWarning(catalogue=catalogue)
result = model.fit_score(ew.as_panel(healthy_sector(1), catalogue=catalogue))
result

# %% [markdown]
# ## Unusual is usual
#
# Each of 1,440 series was asked twice. One in a hundred answers has a `p` below 0.01 by chance,
# about one in twenty below 0.05. Whoever flags by `p` alone calls a dozen healthy authorities, or
# seventy.

# %%
asked = result.signals[result.signals["signal"].isin(["position", "change"])]
pd.DataFrame(
    {
        f"p below {line}": (asked["p"] < line).groupby(asked["signal"], observed=True).sum()
        for line in (0.05, 0.01, 0.001)
    }
).assign(series=1440)

# %% [markdown]
# ## What `q` promises
#
# Flags are raised by `q`, within each kind and theme, so that **on average over many runs** a tenth
# of flags are false. Twelve healthy sectors:

# %%
runs = [
    model.fit_score(ew.as_panel(healthy_sector(seed), catalogue=catalogue)) for seed in range(12)
]
told = pd.DataFrame(
    {
        "flags, all false": [len(run.flags) for run in runs],
        "expected_false_flags": [run.expected_false_flags for run in runs],
        "authorities in a tier": [int(run.authorities["tier"].ne("none").sum()) for run in runs],
    }
)
told.value_counts().rename("runs").reset_index().sort_values("flags, all false")

# %%
told.mean().map("{:.2f}".format).to_frame("average run")

# %% [markdown]
# Two kinds and four themes are eight families; in each, about one run in ten has a flag by chance.
# That makes a little under one flag a run, of 2,880 answers (0.8 on average over 160 such sectors;
# now and then five or six). Two things follow.
#
# - **A handful of flags can be nothing.** The expected number is a tenth of the flags there are,
#   which is right on average over sectors with trouble in them. Where nothing is wrong, all are
#   false.
# - **A single flag in a theme is the least sure.** Look at its `q` and `stability`, and ask first.
#
# ## The list of a healthy sector against outcomes by lot
#
# Twelve authorities had an outcome, drawn by lot. The list cannot have foreseen them; yet see how
# far from 0.5 the area may lie by chance, and how wide its limits are. So few outcomes prove
# nothing, neither way.

# %%
rng = np.random.default_rng(7)
lots = []
panel = ew.as_panel(healthy_sector(1), catalogue=catalogue)
plan = ew.Plan(horizon="24M", capacity=10, draws=200, shuffles=50)
for _ in range(4):
    drawn = pd.DataFrame(
        {
            "authority": rng.choice(CODES, 12, replace=False),
            "outcome": "by lot",
            "date": [f"{year}-06-15" for year in rng.integers(2019, 2025, 12)],
        }
    )
    found = ew.look_back(model, panel, ew.read_outcomes(drawn), plan=plan)
    lots.append(found.measures.iloc[0])
pd.DataFrame(lots)[["n_authorities", "auc", "auc_lower", "auc_upper", "hits"]].reset_index(
    drop=True
)

# %% [markdown]
# ## Trouble that is not found
#
# Now plant it: in the newest year, one metric of ten authorities at a time gets worse by one to
# five times its noise. What is small is missed, and so is much that is not.

# %%
rows = []
for size in (1, 2, 3, 4, 5):
    table = healthy_sector(1)
    hit = table["authority"].isin(CODES[:10]) & table["metric"].eq("Care 1")
    newest = table["period"].eq(YEARS[-1])
    table.loc[hit & newest, "value"] += size * 2
    flags = model.fit_score(ew.as_panel(table, catalogue=catalogue)).flags
    of = flags[flags["metric"].eq("Care 1") & flags["authority"].isin(CODES[:10])]
    rows.append({"times its noise": size, "of ten, flagged": of["authority"].nunique()})
pd.DataFrame(rows)

# %% [markdown]
# ## Series that cannot be assessed
#
# One authority has begun only lately, one has stopped sending, one always sends the same number,
# one hides its values. None of them can be flagged for change. Each has a status that says why.

# %%
table = healthy_sector(1)
care = table["metric"].eq("Care 1")
young, stopped, same, hidden = CODES[:4]
recent = table["period"].isin(YEARS[-4:])
unsent = (table["authority"].eq(young) & ~recent) | (table["authority"].eq(stopped) & recent)
table = table[~(care & unsent)]
care = table["metric"].eq("Care 1")
table.loc[care & table["authority"].eq(same), "value"] = 50.0
table["value"] = table["value"].astype(object)
table.loc[care & table["authority"].eq(hidden), "value"] = "[c]"
result = model.fit_score(ew.as_panel(ew.read_panel(table).frame, catalogue=catalogue))
signals = result.signals[result.signals["metric"].eq("Care 1")]
signals[signals["authority"].isin(CODES[:5])].pivot(
    index="authority", columns="signal", values="status"
)[["position", "change"]]

# %% [markdown]
# ## No flag is no clean bill of health
#
# - Small and slow trouble is missed, as above.
# - What is not published is not seen: culture, governance, what residents say.
# - A series may not have been assessed; `coverage` says how much of an authority was.
# - What all do at once is taken out. See `result.sector_movement`, and the figures themselves.

# %%
result.authorities.nsmallest(4, "coverage")[["authority", "tier", "coverage"]]

# %%
moved = result.sector_movement.query("group == 'everyone'").head(6)
moved = moved[["metric", "before", "period", "moved", "moved_sd", "direction", "q"]]
moved.style.format(precision=2).hide()

# %% [markdown]
# ## Read next
#
# - [Flags](../docs/flags.md): families, `q`, stability. [Risk](../docs/risk.md): tiers.
# - [Power, measured](../docs/benchmarks_power.md): what is found at a given rate of false alarms.
# - [Returns](../docs/returns.md): whose figures are late or missing.
