"""Tests of an agreement's text: what each slip is told, where, and with what remedy."""

import copy
from typing import Any

import pytest
import yaml

from infra.agreement_file import MOST_SHOWN, AgreementInvalid, Problem, located, parse
from schemas.agreement import document_digest
from tests.builders import SMALL_AGREEMENT


def text_of(changes: dict[str, Any]) -> str:
    """Return the small agreement as YAML, with clauses replaced by dotted path."""
    document = copy.deepcopy(SMALL_AGREEMENT)
    for path, value in changes.items():
        *parents, last = (int(step) if step.isdigit() else step for step in path.split("."))
        place: Any = document
        for step in parents:
            place = place[step]
        if value is ...:
            del place[last]
        else:
            place[last] = value
    return str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True))


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(AgreementInvalid) as caught:
        parse(text, "mine.yaml")
    return caught.value.problems


STALE = "lifecycle.stages.0.stale_after"
PATTERN = "lifecycle.stages.0.enter.facts.0"
WHEN = "segments.0.when"
WEEK = "calendars.office.week"
INSTANT = "write an instant with its offset, like 2026-08-03T09:00:00+02:00"

SLIPS: list[tuple[dict[str, Any], str, str, str]] = [
    ({"titel": "x"}, "titel", "no field is called 'titel'", "did you mean 'title'?"),
    ({"title": ...}, "title", "this is missing", "add title: …"),
    ({"title": None}, "title", "this is empty", "write text"),
    ({"currency": 5}, "currency", "5 does not belong here", "put it in quotes: '5'"),
    ({"version": 2026.1}, "version", "2026.1 does not belong here", "put it in quotes: '2026.1'"),
    ({"version": ""}, "version", "'' is too short", "write at least 1 characters"),
    ({"version": "x" * 129}, "version", "is too long", "write at most 128 characters"),
    ({"currency": "eur"}, "currency", "'eur' does not look right", "write three capital letters, like EUR"),
    (
        {"identity": {"default_region": "Spain"}},
        "identity.default_region",
        "'Spain' does not",
        "two capital letters",
    ),
    ({"time_zone": "Europe/Madird"}, "time_zone", "is not a time zone", "did you mean 'Europe/Madrid'?"),
    ({"teams": 5}, "teams", "5 does not belong here", "write a list"),
    ({"teams": {"a": 1}}, "teams", "{'a': 1} does not belong here", "write a list"),
    ({"teams.0": "sales"}, "teams[0]", "'sales' does not belong here", "write pairs of name: value"),
    ({"calendars": {}}, "calendars", "{} holds too little", "give at least 1"),
    ({"calendars": []}, "calendars", "[] does not belong here", "write pairs of name: value"),
    (
        {"handoff.clocks.0.warn_at": [0.5] * 9},
        "handoff.clocks[0].warn_at",
        "holds too much",
        "give at most 8",
    ),
    (
        {"handoff.clocks.0.warn_at": [0.5, 0]},
        "handoff.clocks[0].warn_at[1]",
        "0 is too small",
        "write more than 0",
    ),
    (
        {"handoff.clocks.0.warn_at": [1.0]},
        "handoff.clocks[0].warn_at[0]",
        "1.0 is too large",
        "write less than 1",
    ),
    (
        {"alerts.0.repeat_every_minutes": 1},
        "alerts[0].repeat_every_minutes",
        "1 is too small",
        "write 5 or more",
    ),
    (
        {"alerts.0.repeat_every_minutes": 10**6},
        "alerts[0].repeat_every_minutes",
        "is too large",
        "100000 or less",
    ),
    (
        {"alerts.0.repeat_every_minutes": 7.5},
        "alerts[0].repeat_every_minutes",
        "7.5 does",
        "write a whole number",
    ),
    (
        {"alerts.0.on": "sla_broken"},
        "alerts[0].on",
        "'sla_broken' is not one of",
        "did you mean 'sla_breach'?",
    ),
    ({"handoff.clocks.0.starts": "open"}, "handoff.clocks[0].starts", "'open' is not one of", "'opened'"),
    (
        {"handoff.pause_when_absent": "maybe"},
        "handoff.pause_when_absent",
        "'maybe' does",
        "write true or false",
    ),
    (
        {"scoring.fit.grade_a_from": 1.234},
        "scoring.fit.grade_a_from",
        "1.234 is too fine",
        "write at most 2 decimals",
    ),
    ({"scoring.fit.grade_a_from": "many"}, "scoring.fit.grade_a_from", "'many' does", "write a number"),
    ({"scoring.bands": {"hot": ["A1"]}}, "scoring.bands", "each of A1 to C3 once", "look at A2, A3"),
    (
        {"lifecycle.success_path": ["lead", "mqll"]},
        "lifecycle.success_path[1]",
        "no stage is called 'mqll'",
        "lead, mql",
    ),
    (
        {"lifecycle.stages.0.label": {"fr": "x"}},
        "lifecycle.stages[0].label.fr",
        "'fr' is not one",
        "choose from en, es",
    ),
    ({f"{WEEK}.monday": []}, "calendars.office.week.monday", "'monday' is not one of", "did you mean 'mon'?"),
    (
        {f"{WEEK}.mon": [["9:00", "14:00"]]},
        "calendars.office.week.mon[0]",
        "'9:00' is not a time of day",
        "HH:MM",
    ),
    (
        {"calendars.office.holidays": ["2026-02-30"]},
        "calendars.office.holidays[0]",
        "no day of the calendar",
        "write a real date",
    ),
    ({STALE: "2 weeks"}, "lifecycle.stages[0].stale_after", "'2 weeks' is no allowance", "60 elapsed days"),
    ({STALE: 60}, "lifecycle.stages[0].stale_after", "60 is no allowance", "60 elapsed days"),
    (
        {STALE: {"kind": "busines", "minutes": 5}},
        "lifecycle.stages[0].stale_after.kind",
        "'busines'",
        "'business'",
    ),
    ({STALE: {"minutes": 5}}, "lifecycle.stages[0].stale_after.kind", "this is missing", "add kind: …"),
    (
        {STALE: {"kind": "business", "minutes": "5"}},
        "lifecycle.stages[0].stale_after.minutes",
        "'5'",
        "write a number",
    ),
    (
        {STALE: {"kind": "calendar", "days": 1, "day": 1}},
        "lifecycle.stages[0].stale_after.day",
        "no field",
        "'days'",
    ),
    (
        {f"{PATTERN}.channel": "pge"},
        "lifecycle.stages[0].enter.facts[0].channel",
        "'pge'",
        "did you mean 'page'?",
    ),
    (
        {f"{PATTERN}.channel": 5},
        "lifecycle.stages[0].enter.facts[0].channel",
        "5 is not one",
        "page, email, form",
    ),
    ({f"{PATTERN}.knd": "x"}, "lifecycle.stages[0].enter.facts[0].knd", "no field is called 'knd'", "'kind'"),
    ({WHEN: {}}, "segments[0].when", "a condition has one form", "exactly one of attribute, all, any, not"),
    ({WHEN: {"attribute": "x"}}, "segments[0].when", "tests go with an attribute", "one or more of is, in"),
    (
        {WHEN: {"attribute": "x", "is": [1]}},
        "segments[0].when.is",
        "[1] does",
        "write true or false, a number or text",
    ),
    (
        {WHEN: {"attribute": "x", "at_least": ".inf"}},
        "segments[0].when.at_least",
        "'.inf' does",
        "write a number",
    ),
    (
        {WHEN: {"all": [{"attribut": "x"}]}},
        "segments[0].when.all[0].attribut",
        "no field",
        "did you mean 'attribute'?",
    ),
    (
        {"handoff.clocks.0.escalate.0.to": 5},
        "handoff.clocks[0].escalate[0].to",
        "5 does not belong here",
        "put it in quotes: '5'",
    ),
    (
        {"absences": [{"owner": "a", "start": "2026-01-01T00:00", "end": "2026-01-02T00:00Z"}]},
        "absences[0].start",
        "'2026-01-01T00:00' does",
        INSTANT,
    ),
    (
        {"absences": [{"owner": "a", "start": "monday", "end": "2026-01-02T00:00Z"}]},
        "absences[0].start",
        "'monday' does",
        INSTANT,
    ),
    (
        {"absences": [{"owner": "a", "start": "2026-01-02T00:00Z", "end": "2026-01-01T00:00Z"}]},
        "absences[0]",
        "ends before it begins",
        "swap start and end",
    ),
    ({"digest": "abc"}, "digest", "the digest is made from the text", "take this line out"),
]


@pytest.mark.parametrize(("changes", "path", "message", "remedy"), SLIPS)
def test_a_slip_is_told_with_its_path_and_remedy(
    changes: dict[str, Any], path: str, message: str, remedy: str
) -> None:
    found = {problem.path: problem for problem in problems(text_of(changes))}
    assert path in found
    assert message in found[path].message
    assert remedy in found[path].remedy
    assert found[path].severity == "error"


def test_a_problem_has_the_line_and_the_value() -> None:
    text = text_of({"handoff.clocks.1.starts": "accept"})
    (problem,) = problems(text)
    assert text.splitlines()[(problem.line or 0) - 1].strip() == "starts: accept"
    assert problem.value == "accept"
    where = f"handoff.clocks[1].starts (line {problem.line})"
    assert str(problem) == f"{where}: 'accept' is not one of the values; did you mean 'accepted'?"


def test_what_is_missing_is_told_with_the_line_of_what_lacks_it() -> None:
    text = text_of({"teams.1.calendar": ...})
    (problem,) = problems(text)
    assert problem.path == "teams[1].calendar"
    assert "id: sales" in text.splitlines()[(problem.line or 0) - 1]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = problems(text_of({"currency": "eur", "teams.0.side": "both", "owners.0.team": ..., "x": 1}))
    assert [problem.path for problem in found] == ["currency", "teams[0].side", "owners[0].team", "x"]


def test_a_long_list_of_problems_is_cut_in_the_text_and_kept_whole() -> None:
    with pytest.raises(AgreementInvalid) as caught:
        parse(text_of({"teams": [1] * 50}), "mine.yaml")
    lines = str(caught.value).splitlines()
    assert lines[0] == "mine.yaml is no valid agreement: 50 problems"
    assert lines[-1] == f"  … and {50 - MOST_SHOWN} more"
    assert (len(lines), len(caught.value.problems)) == (MOST_SHOWN + 2, 50)


@pytest.mark.parametrize("text", ["5", "[]", "word", "~"])
def test_a_document_that_is_no_mapping_is_told_so(text: str) -> None:
    (problem,) = problems(text)
    assert problem.path == "the document"
    assert problem.remedy == "write pairs of name: value"


def test_a_text_that_is_no_yaml_is_told_with_its_line() -> None:
    (problem,) = problems("version: a\ntitle: [x\n")
    assert problem.line == 3
    assert "this is no YAML" in problem.message


def test_a_text_makes_an_agreement_with_its_digest() -> None:
    text = text_of({})
    assert parse(text, "mine.yaml").digest == document_digest(text)
    assert parse(text, "mine.yaml") == parse(text, "another name")


def test_problems_are_put_in_the_order_of_their_lines() -> None:
    text = "a: 1\nb: {c: 2}\n"
    found = located(
        [Problem(("b", "d"), "m", "r"), Problem(("b", "c"), "m", "r"), Problem(("a",), "m", "r")], text
    )
    assert [(problem.path, problem.line) for problem in found] == [("a", 1), ("b.d", 2), ("b.c", 2)]
    assert str(Problem(("a",), "m", "r")) == "a: m; r"
