"""Write today's golden model, its panel and its flags: `python tests/make_golden.py`.

A model that is there is never written again: it is what that format's models are like. Flags
are written again for every format, so that a change of the method shows in the difference.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from earlywarning import Panel, as_panel, read_register
from earlywarning.registry import load_model, save_model
from earlywarning.registry.manifest import FORMAT
from registry_models import fitted, rows_of

GOLDEN = Path(__file__).parent / "golden"
PANEL = GOLDEN / "panel.csv"


def golden_panel(folder: Path) -> Panel:
    """Return the panel as the model of a folder takes it."""
    return as_panel(pd.read_csv(PANEL), catalogue=load_model(folder).catalogue)


def companies(codes: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return a register of these authorities, and two neighbours of each."""
    names = [f"Authority {code}" for code in codes]
    pairs = [(code, codes[i - rank], rank) for i, code in enumerate(codes) for rank in (1, 2)]
    rows = {"authority": codes, "name": names, "start": "1974-04-01"}
    return {
        "register": read_register(pd.DataFrame(rows)),
        "neighbours": pd.DataFrame(pairs, columns=["authority", "neighbour", "rank"]),
    }


def main() -> None:
    """Write what is missing, and all flags."""
    rng = np.random.default_rng(1)
    if not PANEL.exists():
        rows = [
            rows_of(rng, "debt", "annual", 8, n=14),
            rows_of(rng, "share", "quarterly", 10, n=14),
            rows_of(rng, "size", "annual", 7, n=14),
        ]
        pd.concat(rows).round(4).to_csv(PANEL, index=False)
    folder = GOLDEN / f"format-{FORMAT}"
    if not folder.exists():
        before = pd.read_csv(PANEL)  # not yet revised: what was learnt is not learnt from the panel
        rows = before.assign(value=before["value"].round(1))
        save_model(fitted([rows], **companies(rows["authority"].unique()))[1], folder)
    for one in sorted(GOLDEN.glob("format-*/")):
        flags = load_model(one).score(golden_panel(one)).flags
        flags.to_csv(GOLDEN / f"{one.name}.csv", index=False)


if __name__ == "__main__":
    main()
