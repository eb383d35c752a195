"""The picture and the table that are drawn from what decides."""

from services.lifecycle.diagram import mermaid, table
from services.lifecycle.stages import TABLE
from tests.builders import agreement
from tests.services.lifecycle.leads import path_of

PICTURE = """\
stateDiagram-v2
    direction LR
    state "Lead" as s1
    state "MQL" as s2
    state "SAL" as s3
    state "SQL (gate)" as s4
    state "Customer" as s5
    state "Lost" as s6
    state "Nurture" as s7
    [*] --> s1: the first fact
    s1 --> s2: score hot
    s2 --> s3: accepted / hand-off accepted
    s3 --> s4: opportunity_opened
    s4 --> s5: won
    state "anywhere on the path" as path
    path --> s6: lost
    path --> s7: recycled
    s7 --> path: comes back by a fact, or by its score anew, as a new cycle
    s5 --> s1: reopened, as a new cycle
    s6 --> s1: reopened, as a new cycle
    s7 --> s1: reopened, as a new cycle
    s2 --> s7: hand-off rejected or expired
    note right of s2 : A hand-off to sales opens. Clocks acceptance, first_touch
"""


def test_the_picture_shows_stages_ways_detours_and_the_hand_off() -> None:
    assert mermaid(agreement()) == PICTURE


def test_the_picture_speaks_the_language_that_is_asked_for_where_it_can() -> None:
    drawn = mermaid(agreement({"lifecycle.stages.0.label": {"en": "Lead", "es": "Contacto"}}), "es")
    assert 'state "Contacto" as s1' in drawn
    assert 'state "MQL" as s2' in drawn


def test_a_picture_without_detours_and_hand_offs_is_a_line() -> None:
    drawn = mermaid(agreement(path_of({"id": "new"}, {"id": "done", "enter": {"facts": [{"kind": "won"}]}})))
    assert drawn.splitlines()[4:] == ["    [*] --> s1: the first fact", "    s1 --> s2: won"]


def test_a_stage_that_nothing_but_a_claim_enters_has_a_bare_way() -> None:
    assert "    s1 --> s2\n" in mermaid(agreement(path_of({"id": "new"}, {"id": "done"})))


def test_a_detour_without_an_outcome_is_left_by_a_fact_or_a_claim() -> None:
    changes = path_of({"id": "new"}, {"id": "done"}, {"id": "hold"}, path=("new", "done"))
    assert "    s3 --> path: comes back by a fact or a claim, as a new cycle\n" in mermaid(agreement(changes))


def test_words_that_mermaid_would_misread_are_taken_out() -> None:
    label = {"en": 'A "lead": new; or\nold'}
    assert "state \"A 'lead' new, or old\" as s1" in mermaid(agreement({"lifecycle.stages.0.label": label}))


def test_a_hand_off_without_clocks_says_so() -> None:
    assert "Clocks none" in mermaid(agreement({"handoff.clocks": []}))


def test_the_table_has_a_line_for_every_fact() -> None:
    lines = table().splitlines()
    assert len(lines) == 2 + len(TABLE)
    assert lines[2].startswith("| `captured` | enters the stages whose pattern it matches")
