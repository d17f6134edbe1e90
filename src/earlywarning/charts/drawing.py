"""A finished picture: shown in a notebook, put into a web page, or saved."""

import os
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from earlywarning.errors import UsageError
from earlywarning.store.disk import replaced, saying_why

WIDEST = "60em"  # in a notebook; elsewhere a drawing is as wide as its place


@dataclass(frozen=True)
class Drawing:
    """A picture as SVG, which scales to its place and asks for nothing from outside.

    Parameters
    ----------
    svg : str
        One `svg` element, in which all that came from the data is escaped.
    title : str
        What it is a picture of.
    description : str
        What is seen in it, for who does not see it.

    Examples
    --------
    >>> drawing = Drawing("<svg></svg>", "Council tax", "One value.")
    >>> f"{Markup('<p>{}</p>').format(drawing)}"
    '<p><svg></svg></p>'
    """

    svg: str
    title: str
    description: str

    def __html__(self) -> Markup:
        return Markup(self.svg)  # noqa: S704 (made here, the data's texts escaped)

    def _repr_html_(self) -> str:
        return f'<div style="max-width:{WIDEST}">{self.svg}</div>'

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture into a file, whole or not at all.

        Parameters
        ----------
        path : path-like
            Where to; the name ends in `.svg`. A file that is there is replaced.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        UsageError
            If the name ends otherwise, or the file cannot be written.
        """
        file = Path(path)
        if file.suffix.lower() != ".svg":
            raise UsageError(f"'{file}' does not end in .svg: drawings are saved as SVG alone.")
        with saying_why(file):
            replaced(file, self.svg.encode())
        return file
