"""Dead letters in the journal: what each is filed under, and which of them an erasure empties.

A letter is filed under keyed hashes of whatever it may know a person by (``infra.clues``), so that an erasure
asks for the few that it may concern and reads no others. Of those, a letter that is a fact, refused for some
other reason, is judged as facts are, by its subject; one that could not be read, by what stands in it.

The clues of the forgotten stay behind as tombstones, so that a letter that comes later is put aside empty.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from infra.clues import MANY, Clue, betrayed, clues_in, clues_of, filed
from infra.decision import DeadRow, JournalDecision
from infra.journal.desk import Names
from infra.journal.ports import JournalMemory, Sent
from infra.journal.repeats import content_of
from infra.keyring import Keyring
from infra.wire import read_fact
from schemas.dead_letters import DeadLetter, DeadReason
from schemas.facts import FactEvent
from schemas.sequencing import Desk, Identified

LETTERS_A_LOOK = 500

Keyed = dict[bytes, Clue]
"""Clues by their keyed hashes."""

EMPTIED = {"reason": DeadReason.ERASED, "detail": "the subject is a lead that was erased"}
"""What is said of a letter without its bytes; a row's detail may have told what stood in it."""


def letter_key(keyring: Keyring, value: bytes, said: FactEvent | DeadLetter) -> bytes:
    """Return what tells a letter from others: 16 bytes over what was sent, and not over where it stood.

    Args:
        keyring: The store's.
        value: The letter's bytes; blanks around them do not count.
        said: What they were read as: of a fact the content counts, whatever import it came with.
    """
    return keyring.letter(content_of(said) if isinstance(said, FactEvent) else _sent_by(said, value.strip()))


def _sent_by(letter: DeadLetter, value: bytes) -> bytes:
    return (letter.source or "").encode(errors="surrogatepass") + b"\n" + value


def letter_clues(
    keyring: Keyring, value: bytes, said: FactEvent | DeadLetter, named: Sequence[Identified] = ()
) -> Keyed:
    """Return what a letter may know people by.

    Args:
        keyring: The store's.
        value: The letter's bytes.
        said: What they were read as.
        named: Who is named in them, as far as it can be told.
    """
    known = [one for each in named for one in each.identifiers]
    test = any(one.test for one in known)
    if isinstance(said, FactEvent) and known:
        return keyring.clues(clues_of(known, [said.source]), test=test)
    return keyring.clues(clues_in(value, said.source), test=test)


def filing(keyring: Keyring, clues: Keyed) -> tuple[bytes, ...]:
    """Return the keys that a letter with these clues is filed under."""
    found = frozenset(clues.values())
    return tuple(clues) if filed(found) is found else tuple(keyring.clues([MANY]))


def is_about(clues: Keyed, forgotten: Collection[bytes]) -> bool:
    """Say whether an unreadable letter with these clues is about somebody whose clues have these keys."""
    return betrayed(clues.values(), [clues[key] for key in clues.keys() & forgotten])


def fresh_letters(rows: Sequence[DeadRow], known: Collection[tuple[bytes, str]]) -> list[DeadRow]:
    """Return each letter once that is not known: the same bytes for another reason are another letter.

    Not so for who was forgotten: what was put aside of them before is empty, too, now or with this commit.
    """
    keys = {key for key, _ in known}
    found: dict[tuple[bytes, str], DeadRow] = {}
    for row in rows:
        one = row.key, row.letter.reason.value
        if one not in known and not (row.letter.reason is DeadReason.ERASED and row.key in keys):
            found.setdefault(one, row)
    return list(found.values())


def emptied(row: DeadRow) -> DeadRow:
    """Return a dead letter without its bytes, about somebody who was forgotten."""
    return replace(row, letter=row.letter.model_copy(update=EMPTIED), original=None, clues=())


class Emptying:
    """What one batch's erasures do to dead letters.

    Args:
        names: Who is named by what.
        memory: The store, as it was before the batch.
        desk: As the batch leaves it.
        decision: What the commit will write; it is added to.
        forgotten: The clues of those who were forgotten.
    """

    def __init__(
        self, names: Names, memory: JournalMemory, desk: Desk, decision: JournalDecision, forgotten: Keyed
    ) -> None:
        self._names = names
        self._memory = memory
        self._desk = desk
        self._decision = decision
        self._forgotten = forgotten

    def run(self) -> None:
        """Empty the letters about the forgotten: this batch's, and those that were put aside before."""
        dead = self._decision.dead
        here = [
            Sent(place, row.original, row.letter.source) for place, row in enumerate(dead) if row.original
        ]
        for place in self._about_forgotten(here):
            dead[place] = emptied(dead[place])
        self._decision.tombstones += self._forgotten
        for letters in self._filed():
            self._decision.emptied += self._about_forgotten(letters)

    def _filed(self) -> Iterator[Sequence[Sent]]:
        """Yield the letters that may be about the forgotten."""
        numbers = self._memory.filed([*self._forgotten, *self._names.keyring.clues([MANY])])
        for start in range(0, len(numbers), LETTERS_A_LOOK):
            yield self._memory.letters(numbers[start : start + LETTERS_A_LOOK])

    def _about_forgotten(self, letters: Sequence[Sent]) -> list[int]:
        desk = replace(self._desk, files=dict(self._desk.files), bound=dict(self._desk.bound))
        named = [tuple(one for one, _ in self._names.within(letter.value)) for letter in letters]
        self._names.lay(self._memory, desk, [one for each in named for one in each])
        return [
            letter.number
            for letter, each in zip(letters, named, strict=True)
            if any(self._names.is_forgotten(desk, one) for one in each) or self._betrays(letter, each)
        ]

    def _betrays(self, letter: Sent, named: Sequence[Identified]) -> bool:
        said = read_fact(letter.value)
        if isinstance(said, FactEvent):
            return False  # its subject has been asked
        said = said.model_copy(update={"source": letter.source})
        return is_about(letter_clues(self._names.keyring, letter.value, said, named), self._forgotten.keys())
