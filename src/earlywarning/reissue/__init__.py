"""A corrected issue: what differs from the issue before, and what became of each challenge.

`edition` is what of a results folder is compared, `compared` finds what differs in flags, tiers
and values, `answered` what became of the flags that were challenged; `differences` puts it
together, `letter` words it, `written` writes it. Nothing is judged anew here.
"""

from earlywarning.reissue.differences import differences_of
from earlywarning.reissue.letter import as_letter
from earlywarning.reissue.written import LETTER, write_reissue

__all__ = ["LETTER", "as_letter", "differences_of", "write_reissue"]
