"""What does a back-test say, in sentences and tables that a reader can check?"""

from earlywarning.validation.story.parts import story_of

__all__ = ["story_of"]
