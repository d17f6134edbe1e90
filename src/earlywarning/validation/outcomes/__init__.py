"""What came of authorities: which, when, how surely, and whose was it after a reorganisation?

`read_outcomes` checks a record and says from when to when each outcome can have come;
`as_groups` puts kinds together that are judged together, `episodes` joins what belongs
together in time, and `followed` says which episodes count for an authority that others
came after. Nothing here knows a score, or whether an outcome was foreseen.
"""

from earlywarning.validation.outcomes.episodes import episodes
from earlywarning.validation.outcomes.followed import followed, successions
from earlywarning.validation.outcomes.groups import Grouped, as_groups
from earlywarning.validation.outcomes.record import read_outcomes

__all__ = ["Grouped", "as_groups", "episodes", "followed", "read_outcomes", "successions"]
