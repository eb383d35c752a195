"""The sequencer looks across leads: it says whose a fact is, when it was, and in which order."""

from services.sequencer.finding import find, is_forgotten
from services.sequencer.identity import identify
from services.sequencer.rule import step

__all__ = ["find", "identify", "is_forgotten", "step"]
