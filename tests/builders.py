"""One lead in a line: builders for the words, with believable defaults.

Each builder gives something valid and takes only what the test is about. ``agreement`` changes the small
agreement below by dotted paths, so that a test shows the one clause that matters to it.
"""

import copy
from datetime import UTC, datetime
from typing import Any

from schemas.agreement import Agreement
from schemas.entries import Concluded, Conclusion, Entry, FiredTimer, conclusion_id
from schemas.facts import LeadFact
from schemas.vocabulary import Flag, WorkerName

SMALL_AGREEMENT: dict[str, Any] = {
    "version": "test-1",
    "title": "A small agreement",
    "currency": "EUR",
    "time_zone": "Europe/Madrid",
    "sources": {"crm": {"side": "sales"}, "web": {"side": "marketing"}},
    "segments": [
        {"id": "large", "label": {"en": "Large"}, "when": {"attribute": "employees", "at_least": 250}},
        {"id": "small", "label": {"en": "Small"}, "when": {"attribute": "employees", "known": True}},
    ],
    "scoring": {
        "fit": {
            "groups": {"company": 60, "person": 40},
            "rules": [
                {
                    "id": "right_country",
                    "group": "company",
                    "when": {"attribute": "country", "in": ["ES", "PT"]},
                    "points": 30,
                },
                {
                    "id": "big",
                    "group": "company",
                    "when": {"attribute": "employees", "at_least": 50},
                    "points": 40,
                },
                {
                    "id": "free_mail",
                    "group": "person",
                    "when": {"attribute": "free_mail", "is": True},
                    "points": -10,
                },
            ],
            "grade_a_from": 50,
            "grade_b_from": 25,
        },
        "engagement": {
            "half_life_days": 30,
            "groups": {"web": 40, "forms": 80},
            "rules": [
                {
                    "id": "page",
                    "group": "web",
                    "on": {"kind": "engaged", "channel": "page"},
                    "points": 5,
                    "cap": 20,
                },
                {
                    "id": "demo_form",
                    "group": "forms",
                    "on": {"kind": "engaged", "channel": "form", "name": "demo*"},
                    "points": 60,
                },
            ],
            "level_1_from": 50,
            "level_2_from": 20,
        },
        "bands": {
            "hot": ["A1", "A2", "B1"],
            "warm": ["A3", "B2", "C1"],
            "cold": ["B3", "C2", "C3"],
        },
    },
    "lifecycle": {
        "stages": [
            {
                "id": "lead",
                "kind": "inventory",
                "side": "marketing",
                "label": {"en": "Lead"},
                "enter": {"facts": [{"kind": "captured"}]},
                "stale_after": {"kind": "elapsed", "minutes": 86400},
            },
            {
                "id": "mql",
                "kind": "sla",
                "side": "marketing",
                "label": {"en": "MQL"},
                "enter": {"score": {"bands": ["hot"]}},
            },
            {
                "id": "sal",
                "kind": "sla",
                "side": "sales",
                "label": {"en": "SAL"},
                "enter": {"facts": [{"kind": "accepted"}]},
            },
            {
                "id": "sql",
                "kind": "gate",
                "side": "sales",
                "label": {"en": "SQL"},
                "enter": {"facts": [{"kind": "opportunity_opened"}]},
            },
            {
                "id": "customer",
                "kind": "inventory",
                "side": "sales",
                "label": {"en": "Customer"},
                "outcome": "won",
                "enter": {"facts": [{"kind": "won"}]},
            },
            {
                "id": "lost",
                "kind": "inventory",
                "side": "sales",
                "label": {"en": "Lost"},
                "outcome": "lost",
                "enter": {"facts": [{"kind": "lost"}]},
            },
            {
                "id": "nurture",
                "kind": "inventory",
                "side": "marketing",
                "label": {"en": "Nurture"},
                "outcome": "recycled",
                "enter": {"facts": [{"kind": "recycled"}]},
            },
        ],
        "success_path": ["lead", "mql", "sal", "sql", "customer"],
    },
    "handoff": {
        "opens_at": "mql",
        "to_team": "sales",
        "accepted_stage": "sal",
        "rejected_stage": "nurture",
        "rejection_reasons": [
            {"id": "bad_fit", "label": {"en": "Bad fit"}},
            {"id": "not_now", "label": {"en": "Not now"}},
        ],
        "clocks": [
            {
                "id": "acceptance",
                "label": {"en": "Acceptance"},
                "starts": "opened",
                "stops": [{"kind": "accepted"}, {"kind": "rejected"}],
                "allowance": {"kind": "business", "minutes": 240},
                "warn_at": [0.5, 0.8],
                "escalate": [{"after": {"kind": "business", "minutes": 60}, "to": "manager"}],
            },
            {
                "id": "first_touch",
                "label": {"en": "First touch"},
                "starts": "accepted",
                "stops": [{"kind": "touched"}],
                "allowance": {"kind": "business", "minutes": 120},
            },
        ],
    },
    "calendars": {
        "office": {
            "time_zone": "Europe/Madrid",
            "week": {
                day: [["09:00", "14:00"], ["15:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")
            },
            "holidays": ["2026-01-01", "2026-01-06"],
        }
    },
    "teams": [
        {"id": "marketing", "label": "Marketing", "side": "marketing", "calendar": "office"},
        {"id": "sales", "label": "Sales", "side": "sales", "calendar": "office", "manager": "marta"},
    ],
    "owners": [
        {"id": "marta", "team": "sales"},
        {"id": "ana", "team": "sales"},
        {"id": "bo", "team": "sales"},
    ],
    "alerts": [
        {"on": "sla_breach", "severity": "critical", "repeat_every_minutes": 240},
        {"on": "sla_warning", "severity": "info"},
        {"on": "escalation", "severity": "critical"},
        {"on": "stalled", "severity": "warning", "repeat_every_minutes": 10080},
    ],
}


def agreement(changes: dict[str, Any] | None = None) -> Agreement:
    """Return the small agreement with parts replaced, by dotted path (``"lifecycle.stages.0.label"``)."""
    document = copy.deepcopy(SMALL_AGREEMENT)
    for path, value in (changes or {}).items():
        *parents, last = path.split(".")
        place: Any = document
        for step in parents:
            place = place[int(step) if step.isdigit() else step]
        place[int(last) if last.isdigit() else last] = copy.deepcopy(value)
    return Agreement.model_validate(document)


def instant(text: str) -> datetime:
    """Return the instant that ``2026-03-02 09:30`` names in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def entry(
    fact: LeadFact | None = None,
    *,
    at: str | datetime = "2026-03-02 09:00",
    seq: int = 1,
    lead_id: str = "L1",
    source: str = "web",
    said: tuple[Conclusion, ...] = (),
    by: WorkerName = WorkerName.SCORING,
    timer: FiredTimer | None = None,
    traits: dict[str, Any] | None = None,
    flags: tuple[Flag, ...] = (),
    test: bool = False,
) -> Entry:
    """Return an entry as a rule sees it; ``said`` are the upstream conclusions at this place."""
    moment = instant(at) if isinstance(at, str) else at
    cause = timer or seq
    return Entry(
        lead_id=lead_id,
        seq=seq,
        at=moment,
        stamp=moment,
        version=seq,
        fact=fact,
        source=source,
        event_id=f"e{seq}",
        test=test,
        flags=flags,
        traits=traits or {},
        timer=timer,
        conclusions=tuple(
            Concluded(conclusion_id(by, lead_id, body, cause), by, lead_id, moment, cause, "test-1", body)
            for body in said
        ),
    )
