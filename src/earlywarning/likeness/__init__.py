"""Which authorities are most like each other, by characteristics that the user names?

`areas` reads the table of characteristics, `find` sets up the neighbours and why each is one,
`wording` says it in a sentence. The arithmetic is in `models.nearest`. Nothing here
knows a metric that is judged.
"""

from earlywarning.likeness.find import Likeness, find_neighbours

__all__ = ["Likeness", "find_neighbours"]
