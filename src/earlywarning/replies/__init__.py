"""Challenges: which flag a reply is to, and the log in which replies are kept.

`flagged` finds the flag in a results folder, `log` keeps the reply beside it: whole or not at
all, and the same one once. What has become of the flag when the run is issued again is for
`earlywarning.reissue` to say.
"""

from earlywarning.replies.flagged import Reply, challenge_of, find_flag
from earlywarning.replies.log import (
    LOG,
    keep_challenge,
    kept_challenges,
    log_beside,
    read_challenges,
)

__all__ = [
    "LOG", "Reply", "challenge_of", "find_flag", "keep_challenge", "kept_challenges", "log_beside",
    "read_challenges",
]  # fmt: skip
