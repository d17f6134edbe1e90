"""What is an authority: its type, its neighbours, and who came after it?

`codes` says from a code alone what an authority is, `register` holds one row an
authority and follows reorganisations to their end, `neighbours` lists whom each is
compared with. Moving figures to a successor is `succession`'s task: nothing here knows a value.
"""

from earlywarning.authorities.codes import AREAS, TYPES, UNKNOWN, area_of, is_code, type_of
from earlywarning.authorities.neighbours import read_neighbours
from earlywarning.authorities.register import authorities_of, read_register, successors

__all__ = [
    "AREAS",
    "TYPES",
    "UNKNOWN",
    "area_of",
    "authorities_of",
    "is_code",
    "read_neighbours",
    "read_register",
    "successors",
    "type_of",
]
