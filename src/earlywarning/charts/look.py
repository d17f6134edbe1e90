"""How does every chart look: its colours, and the words that stand around it?

Colours are those of Okabe and Ito (2008), told apart by people who see colours differently;
no meaning hangs on colour alone.
"""

import pandas as pd

INK, PALE, GREY, GRID, WHITE = "#222", "#6b6b6b", "#999", "#e3e3e3", "#fff"
BLUE, ORANGE, VERMILION, SKY = "#0072b2", "#e69f00", "#d55e00", "#bcdcf0"
PURPLE = "#cc79a7"
KIND_WORDS = {"position": "position (far from peers)", "change": "change (worse than expected)"}


def note_of(as_of: pd.Timestamp | None, source: str) -> str:
    """Return the line below a chart: as of when, and where from."""
    parts = [f"As known on {as_of.day} {as_of:%B %Y}." if as_of is not None else ""]
    parts.append(f"Source: {source}." if source else "")
    return " ".join(part for part in parts if part)
