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
# # 01 From a download to flags
#
# You have a file of metrics. This notebook reads it, says what is wrong with it, raises flags with
# their reasons, and leaves a results folder, a workbook and a site to hand on.
#
# The sector is made up: 120 authorities that do not exist, with fifteen planted troubles. A flag is
# an invitation to a conversation, never a verdict.

# %%
import tempfile
from pathlib import Path

import pandas as pd

import earlywarning as ew

pd.options.display.max_colwidth, pd.options.display.precision = None, 2
sample = Path("../data/sample")
folder = Path(tempfile.mkdtemp())  # name a folder of your own to keep what is written

# %% [markdown]
# ## A file as it is downloaded
#
# Many come wide, one column a period, with a total, thousands commas, marks in place of values, and
# a row or two that stand twice. Here is a small one.

# %%
downloaded = folder / "Reserves.csv"
downloaded.write_text(
    "Area Code,Area Name,2020-21,2021-22,2022-23,2023-24\n"
    'E92000001,England,"812,400","790,100","755,300","701,900"\n'
    'E06000901,Ashmere,"12,310","11,870","11,020","9,640"\n'
    'E06000902,Birchford,"8,450","8,610",[c],"8,120"\n'
    'E06000903,Cedarham,"15,020",..,"14,400","14,010"\n'
    'E06000903,Cedarham,"15,020",..,"14,400","13,010"\n'
    'E06000904,Dunmarsh,"6,640","6,500","6,210",see note\n'
)
wide = ew.read_panel(downloaded)
wide.frame[["authority", "metric", "period", "value", "status"]]

# %% [markdown]
# Nothing is dropped in silence: all that was left out, repaired or doubted is an issue, with its
# remedy. Look at them before at any flag. `earlywarning check Reserves.csv` prints the same.

# %%
wide.issues[["code", "row", "n_rows", "message", "remedy"]]

# %% [markdown]
# A value that was refused or hidden stays missing; it is never filled in.
#
# ## The whole panel
#
# One row an authority, metric and period. The catalogue says what each metric is and which way is
# worse; the register says who the authorities are, and who came after whom. Three districts of the
# sample were merged: their successor takes over their history, by a stated rule.

# %%
catalogue = ew.read_catalogue(sample / "catalogue.toml")
register = ew.read_register(sample / "authorities.csv")
panel = ew.read_panel(sample / "panel.csv", catalogue=catalogue)
panel = ew.carry_history(panel, register, catalogue)
panel.issues[["code", "authority", "n_rows", "message"]]

# %% [markdown]
# ## Flags
#
# `fit` learns from all authorities how each metric moves; `score` judges each authority as known on
# a day, here that of the newest publication. `fit_score` does both.

# %%
model = ew.EarlyWarning(catalogue=catalogue, register=register)
result = model.fit_score(panel)
result

# %% [markdown]
# Every flag has its reason in words, the period since which it stands, and the value that would
# clear it (the first eight are shown). About a tenth are expected to be false, and nobody knows
# which; the box above says how many that is.

# %%
flags = result.flags.merge(register[["authority", "name"]], on="authority", how="left")
flags[["name", "severity", "kind", "reason", "since", "would_clear_at", "stability"]].head(8)

# %% [markdown]
# ## Which authorities
#
# By tier and name: this is no league table. What is bad (`score_position`) and what is getting
# worse (`score_change`) stand apart, for they are different conversations. Ranks are sure only from
# `rank_low` to `rank_high`; an order within them means nothing.

# %%
in_a_tier = result.authorities[result.authorities["tier"] != "none"]
tiers = pd.CategoricalDtype(["priority", "concern", "watch"], ordered=True)
in_a_tier.astype({"tier": tiers}).sort_values(["tier", "name"])[
    ["tier", "name", "type", "score_position", "score_change", "rank_low", "rank_high", "coverage"]
]

# %% [markdown]
# ## One of them drawn
#
# The line is the authority, the band the middle half of its peers, the upright bar what was
# expected of the newest value.

# %%
gravest = result.flags.iloc[0]
result.plot(gravest["authority"], gravest["metric"])

# %% [markdown]
# ## What could not be assessed
#
# A series without a flag may never have been looked at. The status says why.

# %%
change = result.signals[result.signals["signal"] == "change"]
counts = change["status"].value_counts().rename("series").to_frame()
counts[counts["series"] > 0]

# %% [markdown]
# ## To keep, and to hand on
#
# A results folder is the record: CSV tables, and `run.json` with the hash of each. A workbook and a
# site are made from it; the site needs no server, open its `index.html`.

# %%
results = ew.write_result(result, folder / "results")
workbook = ew.export_result(results, folder / "results.xlsx")
site = ew.write_site(results, folder / "pages")
written = pd.Series(
    {path.name: path.stat().st_size // 1024 for path in [*sorted(results.iterdir()), workbook]},
    name="kilobytes",
).to_frame()
written.loc["pages/", "kilobytes"] = sum(page.stat().st_size for page in site.iterdir()) // 1024
written

# %% [markdown]
# ## As it stood on an earlier day
#
# Nothing published later takes part, also not in what is learnt. This is how past lists are judged.

# %%
earlier = model.score(panel, as_of="2023-06-30")
assert earlier.panel.frame["published"].max() <= earlier.as_of
pd.DataFrame({"2023-06-30": earlier.counts, f"{result.as_of:%Y-%m-%d}": result.counts})

# %% [markdown]
# ## Read next
#
# - Notebook 02 takes one flag apart; 06 does all this with metrics of your own.
# - [The panel](../docs/panel.md): what files may look like, and what is refused.
# - [Flags](../docs/flags.md): how they are raised, and when they mislead.
