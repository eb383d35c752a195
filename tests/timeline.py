"""Timeline tests: at this instant say this, by that instant expect that, under virtual time.

``Timeline`` is one lead in the hands of one rule. ``say`` decides an entry, ``until`` lets timers fall due,
``expect`` looks at what was concluded since the last look. The driver is ``infra.fold.Folding``, the same
that hosts use; nothing is mocked and nothing sleeps.
"""

from datetime import datetime
from typing import Any, Generic

from infra.fold import FIRST, Folding, Place, place_of
from schemas.agreement import Agreement
from schemas.entries import Conclusion, Entry
from schemas.facts import LeadFact
from schemas.step import AgreementChanged, Rule, S
from schemas.vocabulary import WorkerName
from tests.builders import entry, instant


class Timeline(Generic[S]):
    """One lead, one rule, virtual time."""

    def __init__(self, worker: WorkerName, step: Rule[S], agreement: Agreement, lead_id: str = "L1") -> None:
        self._signed: list[tuple[Place, Agreement]] = [(FIRST, agreement)]
        self._seq = 0
        self._now = instant("2026-03-02 09:00")
        self.folding: Folding[S] = Folding(worker, lead_id, step, self._agreement_at)
        self.fresh: list[Conclusion] = []
        self.all: list[Conclusion] = []

    @property
    def state(self) -> S | None:
        """The lead's state now."""
        return self.folding.state

    def until(self, text: str | datetime) -> "Timeline[S]":
        """Let time pass; the lead's timers that fall due fire."""
        self._now = instant(text) if isinstance(text, str) else text
        while due := self.folding.next_due(self._now):
            self._took([said.body for said in self.folding.apply(due)])
        return self

    def say(self, fact: LeadFact | None = None, **fields: Any) -> "Timeline[S]":
        """Decide a fact (or, without one, upstream conclusions: ``said=``) at the time in hand."""
        self._seq += 1
        return self.hear(entry(fact, at=self._now, seq=self._seq, lead_id=self.folding.lead_id, **fields))

    def hear(self, event: Entry) -> "Timeline[S]":
        """Decide an entry as it stands."""
        self._took([said.body for said in self.folding.apply(event)])
        return self

    def sign(self, agreement: Agreement) -> "Timeline[S]":
        """Put another agreement in force."""
        self._seq += 1
        change = AgreementChanged(self.folding.lead_id, self._seq, self._now)
        self._signed.append((place_of(change), agreement))
        self._took([said.body for said in self.folding.apply(change)])
        return self

    def expect(self, kind: type[Conclusion], **fields: Any) -> "Timeline[S]":
        """Assert that a conclusion of this kind with these fields was drawn since ``forget``."""
        found = [said for said in self.fresh if isinstance(said, kind)]
        wanted = {
            name: instant(v) if name.endswith("_at") and isinstance(v, str) else v
            for name, v in fields.items()
        }
        assert any(all(getattr(said, name) == v for name, v in wanted.items()) for said in found), (
            f"expected {kind.__name__} with {wanted}; concluded: {self.fresh}"
        )
        return self

    def expect_no(self, kind: type[Conclusion]) -> "Timeline[S]":
        """Assert that nothing of this kind was concluded since the last ``forget``."""
        assert not [said for said in self.fresh if isinstance(said, kind)], (
            f"unexpected {kind.__name__}: {self.fresh}"
        )
        return self

    def forget(self) -> "Timeline[S]":
        """Begin a new look."""
        self.fresh = []
        return self

    def _agreement_at(self, place: Place) -> Agreement:
        return [agreement for since, agreement in self._signed if since <= place][-1]

    def _took(self, said: list[Conclusion]) -> None:
        self.fresh += said
        self.all += said
