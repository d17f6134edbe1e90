"""How are lines, marks and words written as SVG?

Each function returns one piece of markup. Whatever is text is escaped here, on one line and
without letters that XML does not know. Coordinates have one decimal: files stay small.
"""

from collections.abc import Iterable

from markupsafe import escape

from earlywarning.charts.look import INK
from earlywarning.explain import one_line

NO_XML = {0xFFFE: None, 0xFFFF: None}  # what no XML may hold, beside what `one_line` leaves out
LETTER, CAPITAL, FOREIGN = 0.55, 0.14, 0.45  # ems: a letter's width, and what others have more
BOLD = 1.15  # times as wide
SHAPES = {  # about 0, 0; as wide as 2
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "square": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "triangle": ((0, -1.3), (1.2, 0.9), (-1.2, 0.9)),
    "plus": (
        (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4),
        (0.4, 1.2), (-0.4, 1.2), (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4),
    ),
}  # fmt: skip


def number(value: float) -> str:
    """Return a coordinate, with one decimal at most."""
    return f"{value:.1f}".removesuffix(".0")


def plain(text: object) -> str:
    """Return a text from the data on one line, with nothing in it that XML does not know."""
    return one_line(text).translate(NO_XML)


def width_of(text: str, size: float) -> float:
    """Return about how wide a text is drawn, rather more than less."""
    wide = 0.0 if text.isascii() else FOREIGN * sum(letter > "\u02ff" for letter in text)
    return size * (LETTER * len(text) + CAPITAL * sum(map(str.isupper, text)) + wide)


def fitted(text: object, width: float, size: float) -> str:
    """Return a text on one line, cut where its place ends."""
    line = plain(text)
    if width_of(line, size) <= width:
        return line
    most = min(len(line), int(width / (LETTER * size)))
    while most > 1 and width_of(line[:most], size) > width - size:
        most -= 1
    return f"{line[:most].rstrip()}…"


def text(
    x: float,
    y: float,
    words: object,
    *,
    size: float = 0,
    colour: str = INK,
    anchor: str = "",
    weight: str = "",
    halo: str = "",
) -> str:
    """Return words whose line stands at y; `size` 0 is that of the drawing.

    A `halo` is the colour of an edge around the letters, which keeps off what is behind.
    """
    more = f' font-size="{number(size)}"' if size else ""
    more += f' text-anchor="{anchor}"' if anchor else ""
    more += f' font-weight="{weight}"' if weight else ""
    more += f' stroke="{halo}" stroke-width="3" paint-order="stroke"' if halo else ""
    shown = escape(plain(words))
    return f'<text x="{number(x)}" y="{number(y)}" fill="{colour}"{more}>{shown}</text>'


def path(
    d: str,
    *,
    called: str = "",
    colour: str = INK,
    width: float = 1.0,
    dash: str = "",
    fill: str = "",
) -> str:
    """Return a line along `d`, which a drawing ends round: so that a place alone is a dot."""
    named = f' class="{called}"' if called else ""
    line = f' stroke="{colour}"' if width else ""
    wide = f' stroke-width="{number(width)}"' if width not in (0, 1) else ""
    dashed = f' stroke-dasharray="{dash}" stroke-linecap="butt"' if dash else ""
    filled = f' fill="{fill}"' if fill else ""
    return f'<path{named} d="{d}"{line}{wide}{dashed}{filled}/>'


def along(xs: Iterable[float], ys: Iterable[float], apart: Iterable[object] = ()) -> str:
    """Return the way through some places; a y that is NaN, or an `apart`, breaks it off."""
    broken = [bool(gap) for gap in apart]
    steps: list[str] = []
    down = False
    for i, (x, y) in enumerate(zip(xs, ys, strict=True)):
        if y != y:
            down = False
            continue
        onwards = down and not (broken and broken[i])
        steps.append(f"L{number(x)} {number(y)}" if onwards else f"M{number(x)} {number(y)}h0")
        down = True
    return "".join(steps)


def dots(xs: Iterable[float], ys: Iterable[float]) -> str:
    """Return places alone, which a wide line draws as dots; a y that is NaN is none."""
    places = zip(xs, ys, strict=True)
    return "".join(f"M{number(x)} {number(y)}h0" for x, y in places if y == y)


def shape(kind: str, x: float, y: float, size: float) -> str:
    """Return the way round a mark of `SHAPES`."""
    corners = [f"{number(x + size * u)} {number(y + size * v)}" for u, v in SHAPES[kind]]
    return f"M{'L'.join(corners)}Z"


def cross(x: float, y: float, size: float) -> str:
    """Return the two strokes of a small cross."""
    a, b, c, d = (number(at) for at in (x - size, y - size, x + size, y + size))
    return f"M{a} {b}L{c} {d}M{a} {d}L{c} {b}"


def ring(x: float, y: float, size: float, *, called: str = "", colour: str = INK) -> str:
    """Return a ring around a place."""
    named = f' class="{called}"' if called else ""
    return (
        f'<circle{named} cx="{number(x)}" cy="{number(y)}" r="{number(size)}" '
        f'stroke="{colour}" stroke-width="2" fill="none"/>'
    )


def box(x: float, y: float, *, width: float, height: float, fill: str, colour: str = "") -> str:
    """Return a bar; `colour` is that of its edge."""
    edge = f' stroke="{colour}"' if colour else ""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}"'
    return f'<rect {place} height="{number(height)}" fill="{fill}"{edge}/>'
