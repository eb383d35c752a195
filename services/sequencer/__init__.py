"""The sequencer looks across leads: it says whose a fact is, when it was, and in which order."""

from services.sequencer.identity import identify
from services.sequencer.rule import step

__all__ = ["identify", "step"]
