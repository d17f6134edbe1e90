"""Who talks to whom, and to whom not now?

`calendar` says what a calendar of engagements holds of each authority around a day, `routes`
gives each authority its route and the reason, and `plan` chooses whom each body approaches when
there are more than it can talk to. Nothing here measures anything.
"""

from earlywarning.triage.plan import plan_conversations

__all__ = ["plan_conversations"]
