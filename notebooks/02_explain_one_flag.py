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
# # 02 Explain one flag
#
# Before anybody picks up the telephone: what exactly was seen, against whom, how sure is it, what
# else could explain it, and what would make the flag go away? One flag of the made-up sample, taken
# apart.

# %%
import tempfile
from pathlib import Path

import pandas as pd

import earlywarning as ew
from earlywarning.charts import contributions_chart, strip_chart
from earlywarning.replies import Reply, challenge_of, find_flag, keep_challenge, read_challenges

pd.options.display.max_colwidth, pd.options.display.precision = None, 2
sample = Path("../data/sample")
catalogue = ew.read_catalogue(sample / "catalogue.toml")
register = ew.read_register(sample / "authorities.csv")
panel = ew.carry_history(
    ew.read_panel(sample / "panel.csv", catalogue=catalogue), register, catalogue
)
result = ew.EarlyWarning(catalogue=catalogue, register=register).fit_score(panel)

# %% [markdown]
# ## The flag
#
# Mervelhaven Heath is flagged for its forecast overspend, twice: for where it stands (`position`),
# and for how it moved (`change`). We look at both.

# %%
who, what = "ZZD025", "budget_overspend_pct"
flags = result.flags[result.flags["authority"].eq(who) & result.flags["metric"].eq(what)]
flags.set_index("kind")[["severity", "reason"]]

# %% [markdown]
# ## The values
#
# Twelve newest quarters, as known on the day. `first_value` is what was published first: where it
# differs, the figure was revised, and a revision may be the whole story. Here it was not.

# %%
values = result.values[result.values["metric"].eq(what)]
own = values[values["authority"].eq(who)].sort_values("end")
own[["period", "value", "first_value", "published"]].tail(12)

# %%
result.plot(who, what)

# %% [markdown]
# ## Against whom
#
# Every authority's newest value; peers, of the same type, are diamonds, and ours is ringed. If the
# whole sector had moved, the ring would stand among the rest.

# %%
newest = values[values["period"].eq(own["period"].iloc[-1])].merge(
    register[["authority", "name", "type"]], on="authority"
)
peers = newest[newest["type"].eq("district") & newest["authority"].ne(who)]
metric = catalogue.metric(what)
strip_chart(
    newest[["authority", "name", "value"]],
    title=metric.title,
    unit=metric.unit,
    marked=[who],
    peers=peers["authority"],
    period=own["period"].iloc[-1],
    as_of=result.as_of,
)

# %% [markdown]
# ## What was expected
#
# Five questions are asked of each series. `position`: how far from its peers? `last`, `step` and
# `drift`: is the newest value, the mean of the newest two, or the slope of late, worse than its
# own record and its peers' common movement lead one to expect? `change` puts these three together.
# Nothing tested feeds its own expectation. `p` is how rarely chance does as much.

# %%
signals = result.signals
signals = signals[signals["authority"].eq(who) & signals["metric"].eq(what)]
shown = signals[["signal", "value", "expected", "lower", "upper", "p", "n_periods", "n_peers"]]
shown.style.format({"p": "{:.1g}"}, precision=2).hide()

# %% [markdown]
# ## How sure
#
# - `q`: among flags of its kind and theme with a `q` up to this, about such a share is false.
# - `would_clear_at`: the newest value, all else as it is, at which there would be no flag.
# - `stability`: the share of re-scorings, each with a period or some peers left out, that keep it.
# - `runs`: 1 is new with the newest release. Look again at the next one.

# %%
shown = flags[["kind", "q", "would_clear_at", "stability", "runs", "since"]]
shown.style.format({"q": "{:.1g}"}, precision=2).hide()

# %% [markdown]
# A flag that hangs on one period or a few peers has a low stability. These are the shakiest of all:

# %%
result.flags.nsmallest(3, "stability")[["authority", "metric", "kind", "stability", "reason"]]

# %% [markdown]
# ## What it adds to the authority's score
#
# Each metric's share, and they add up. A full bar is position, a hollow one change. Good news takes
# nothing off.

# %%
titles = result.metrics.set_index("metric")["title"]
contributions_chart(
    result.contributions, who, name="Mervelhaven Heath", titles=titles, as_of=result.as_of
)

# %%
parts = result.contributions[result.contributions["authority"].eq(who)]
score = result.authorities.set_index("authority")["score"]
pd.Series({"sum of its parts": parts["contribution"].sum(), "score": score[who]}).to_frame("points")

# %% [markdown]
# ## A reply, kept beside the flag
#
# The authority says that the figure was sent in the wrong column. The reply changes no flag, score
# or tier: only corrected data do. It is kept word for word, and shown wherever the flag is.

# %%
folder = Path(tempfile.mkdtemp())  # name a folder of your own to keep what is written
found = ew.read_result(ew.write_result(result, folder / "results"))
flag = find_flag(found.explained, "Mervelhaven Heath", what, kind="position")
reply = Reply(
    "The figure was sent in the wrong column; it is 1.4%.",
    on=pd.Timestamp("2024-09-12"),
    kind="correction",
    by="Director of finance",
)
keep_challenge(folder / "challenges.csv", challenge_of(found.explained, flag, reply, run=found.id))
kept = read_challenges(folder / "challenges.csv")
kept[["authority", "metric", "kind", "value", "challenge", "reply", "by", "replied_on"]]

# %% [markdown]
# Is it so? With that one figure put right the flag would be gone, for 1.4% is below what would
# clear it. That is arithmetic, not proof: ask for the corrected return.
#
# ## The brief
#
# All of this on two pages, with what else could explain it and what to ask. The chief executive of
# the authority may be shown the same page. `.save("brief.html")` writes it for A4, with drawings.

# %%
brief = result.brief("Mervelhaven Heath", challenges=kept)
brief.save(folder / "brief.html")
brief

# %% [markdown]
# ## Read next
#
# - [The brief](../docs/brief.md): how to read each section, and when it misleads.
# - [Position](../docs/position.md) and [change](../docs/change.md): the two sums behind the flags.
# - [Challenges](../docs/challenge.md): replies, and what is sent out once data are put right.
