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
# # 06 Bring your own metrics
#
# Your figures are in no catalogue, your columns have names of their own, and nobody has written
# down which way is worse. This notebook takes such a table, from a file, pandas, polars or duckdb,
# to flags that mean something.

# %%
import importlib.util
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

import earlywarning as ew
from earlywarning.catalogue import draft, write_toml

pd.options.display.max_colwidth, pd.options.display.precision = None, 2
folder = Path(tempfile.mkdtemp())  # name a folder of your own to keep what is written

# %% [markdown]
# ## A table of your own
#
# Forty made-up authorities, four metrics, sixteen quarters. Place 07 leans more and more on agency
# staff, and visits to the libraries of Place 21 doubled at once.

# %%
rng = np.random.default_rng(12)
places = [f"Place {i:02d}" for i in range(1, 41)]
quarters = [
    f"{year}/{(year + 1) % 100:02d} Q{q}" for year in range(2020, 2024) for q in (1, 2, 3, 4)
]
middle = {
    "Agency staff, % of pay bill": 8.0,
    "Complaints upheld per 10,000": 3.0,
    "Library visits per 1,000": 600.0,
    "Sickness days per employee": 9.0,
}
rows = []
for what, centre in middle.items():
    level = centre * np.exp(0.25 * rng.normal(size=(40, 1)))
    values = level * np.exp(0.06 * rng.normal(size=(40, 16)))
    if what.startswith("Agency"):
        values[6, -6:] *= np.linspace(1.1, 1.8, 6)
    if what.startswith("Library"):
        values[20, -1] *= 2.0
    table = pd.DataFrame(values.round(2), index=places, columns=quarters)
    table = table.rename_axis("Council").reset_index().melt("Council", var_name="When")
    rows.append(table.rename(columns={"value": "How much"}).assign(What=what))
own = pd.concat(rows, ignore_index=True)
own.head(3)

# %% [markdown]
# ## Say which column is which
#
# Usual names are recognised. Yours are not, and a guess would be worse than a question:

# %%
try:
    ew.read_panel(own)
except ew.errors.EarlyWarningError as refused:
    message = str(refused)
message

# %%
columns = {"authority": "Council", "metric": "What", "period": "When", "value": "How much"}
panel = ew.read_panel(own, columns=columns)
panel.issues[["code", "n_rows", "message", "remedy"]]

# %% [markdown]
# ## The same from polars or duckdb
#
# A frame of polars, pyarrow or duckdb is taken as it is, and gives the same panel.

# %%
if importlib.util.find_spec("polars"):
    import polars

    frame, library = polars.DataFrame(own.to_dict("list")), "polars"
elif importlib.util.find_spec("duckdb"):
    import duckdb

    frame, library = duckdb.sql("select * from own"), "duckdb"
else:
    frame, library = own, "pandas: neither polars nor duckdb is installed"
assert ew.read_panel(frame, columns=columns).frame.equals(panel.frame)
library

# %% [markdown]
# ## Without a catalogue
#
# In no catalogue, a metric is `context`: tested on both sides, shown as unusual where it is, and
# worth no points. **Which way is worse is never guessed from the data.**

# %%
result = ew.EarlyWarning().fit_score(panel)
result.flags[["authority", "severity", "kind", "reason"]]

# %% [markdown]
# ## Draft a catalogue, and fill it in
#
# The draft has every metric, with its frequency as observed. Title, theme, unit and `higher_is` are
# yours to say. `earlywarning catalogue FILE` writes the same as a file to edit.

# %%
drafted = draft(panel.frame, panel.periods)
drafted[["metric", "title", "theme", "unit", "higher_is", "frequency"]]

# %%
about = {
    "Agency staff, % of pay bill": ("Workforce", "percent", "worse"),
    "Complaints upheld per 10,000": ("Residents", "per_10000", "worse"),
    "Library visits per 1,000": ("Residents", "per_1000", "context"),  # more is not surely better
    "Sickness days per employee": ("Workforce", "days", "worse"),
}
filled = drafted.assign(lag_days=45)
filled[["theme", "unit", "higher_is"]] = [about[name] for name in filled["metric"]]
write_toml(filled, folder / "catalogue.toml")  # keep it beside the figures, and edit it there
catalogue = ew.read_catalogue(folder / "catalogue.toml")
catalogue.table[["metric", "theme", "unit", "higher_is", "transform", "lag_days"]]

# %% [markdown]
# The unit settles how a value is written and on which scale it is compared: shares as log odds,
# amounts as proportions. A slip is refused, with the nearest word:

# %%
try:
    ew.as_catalogue(filled.assign(higher_is="wrose"))
except ew.errors.EarlyWarningError as refused:
    message = str(refused)
message

# %% [markdown]
# ## Who your authorities are
#
# Codes of the national form say what type an authority is. Yours do not; a register does, and only
# those of one type are compared. Without it all are peers of all.

# %%
register = ew.read_register(
    pd.DataFrame(
        {
            "authority": places,
            "name": [f"{place} Borough" for place in places],
            "type": ["unitary"] * 20 + ["district"] * 20,
        }
    )
)
panel = ew.read_panel(own, columns=columns, catalogue=catalogue)
result = ew.EarlyWarning(catalogue=catalogue, register=register).fit_score(panel)
result

# %%
result.flags[["authority", "severity", "kind", "theme", "reason", "would_clear_at"]]

# %% [markdown]
# What is `context` is at most `watch`. And to clear a flag for a creep, the newest value would have
# to make up for the quarters before it: hence `would_clear_at` below what was expected.

# %%
result.plot("Place 07", "Agency staff, % of pay bill")

# %% [markdown]
# ## Themes are the weights
#
# There are no weights to set. Themes weigh equally; within one, metrics that say the same share
# theirs. So a theme of two metrics gives each more say than a theme of twenty, and one metric moved
# to a theme of its own weighs more. Here is each metric's share of a score:

# %%
one = result.contributions[result.contributions["authority"].eq("Place 07")]
one.pivot_table(index=["theme", "metric"], columns="kind", values="weight", aggfunc="sum")

# %%
moved = filled.assign(
    theme=filled["theme"].where(~filled["metric"].str.startswith("Sick"), "Health")
)
other = ew.EarlyWarning(catalogue=ew.as_catalogue(moved), register=register).fit_score(panel)
one = other.contributions[other.contributions["authority"].eq("Place 07")]
one.pivot_table(index=["theme", "metric"], columns="kind", values="weight", aggfunc="sum")

# %% [markdown]
# Settle themes before you look at flags: with them chosen afterwards, anybody can be brought to the
# top. Thresholds are settings, each with its unit and reason: `ew.Settings(false_flag_share=0.05)`.
#
# ## Read next
#
# - [Catalogues](../docs/catalogue.md): columns, units, and what is built in.
# - [The panel](../docs/panel.md): files, shapes, and what is refused.
# - [Settings](../docs/settings.md) and [risk](../docs/risk.md): thresholds, and how a score adds
#   up.
