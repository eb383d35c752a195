"""``relevo say``: one fact from the command line, through the same door as every tool's."""

import re
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.failures import FoundWrong, Refused
from services.cli.options import AgreementFile, Json, Store
from services.cli.terminal import tell, write_json

if TYPE_CHECKING:
    from pydantic import ValidationError

    from infra.store.database import Transaction
    from schemas.facts import FactEvent
    from services.line import OpenLine

PATIENCE_SECONDS = 3.0
"""How long to wait for a line that another process runs, before leaving the fact to it."""

_MONEY = re.compile(r"([0-9.,]+)\s*([A-Z]{3})")

_OPTIONS = {"time": "--at", "anonymous_id": "--anonymous", "external_ids": "--external"}
"""Those that are not called what the event calls them."""

Kind = Annotated[str, typer.Argument(metavar="KIND", help="What happened: captured, touched, won …")]
Fields = Annotated[
    list[str] | None,
    typer.Argument(metavar="FIELD=VALUE", help="What more there is to say: origin=web amount=950.00EUR"),
]
External = Annotated[
    list[str] | None,
    typer.Option(metavar="SYSTEM=ID", help="A tool's id of the lead; say it again for more."),
]
EventId = Annotated[
    str, typer.Option("--id", metavar="ID", help="Its id; the same id again changes nothing.")
]


def say(
    kind: Kind,
    fields: Fields = None,
    *,
    email: Annotated[str, typer.Option(metavar="ADDRESS", help="Of the lead.")] = "",
    phone: Annotated[str, typer.Option(metavar="NUMBER", help="Of the lead.")] = "",
    name: Annotated[str, typer.Option(metavar="TEXT", help="Of the lead.")] = "",
    company: Annotated[str, typer.Option(metavar="TEXT", help="Of the lead.")] = "",
    external: External = None,
    anonymous: Annotated[str, typer.Option(metavar="ID", help="A browser's id of the lead.")] = "",
    by: Annotated[str, typer.Option(metavar="SIDE[:OWNER]", help="Who says it: sales:lucia.")] = "",
    at: Annotated[str, typer.Option(metavar="INSTANT", help="When it happened; default: now.")] = "",
    test: Annotated[bool, typer.Option("--test", help="Keep it out of the numbers.")] = False,
    source: Annotated[str, typer.Option(metavar="NAME", help="On whose behalf it is said.")] = "cli",
    event_id: EventId = "",
    store: Store = "",
    agreement: AgreementFile = None,
    json: Json = False,
) -> None:
    """Say one fact, and tell what came of it. Exit code 1 when it became a dead letter.

    Example: relevo say won amount=950.00EUR --email ana@example.com --by sales:lucia
    """
    from services.cli.signing import put_in_force
    from services.line import open_line

    subject: dict[str, Any] = {
        "email": email,
        "phone": phone,
        "name": name,
        "company": company,
        "anonymous_id": anonymous,
        "external_ids": dict(_pair(text, "--external") for text in external or ()),
    }
    subject = {name: value for name, value in subject.items() if value}
    data = {"subject": subject, "fact": _body(kind, fields or [], by), "test": test}
    event = _event(data, source=source, event_id=event_id, at=at)
    with open_line(store, told=tell) as line:
        put_in_force(line, agreement)
        line.say([event])
        decided = _decided(line)
        _report(line, event, decided=decided, json=json)


def _decided(line: "OpenLine") -> bool:
    """Wait until all is decided; False: those who decide get on, and need longer."""
    while not line.decide(patience_seconds=PATIENCE_SECONDS):
        still = line.host.standstill()
        if still is None or still.seconds < PATIENCE_SECONDS:
            return False
    return True


def _pair(text: str, what: str) -> tuple[str, str]:
    found = re.fullmatch(r"([^=:]+)[=:](.+)", text, re.DOTALL)
    if found is None:
        raise Refused(f"{what} {text}: write a name and a value, like crm=42")
    return found[1], found[2]


def _body(kind: str, fields: list[str], by: str) -> dict[str, Any]:
    """Return the fact's fields; dots in a name lead into a field's fields."""
    body: dict[str, Any] = {"kind": _known_kind(kind)}
    for text in fields:
        path, separator, value = text.partition("=")
        if not separator or not path:
            raise Refused(f"{text!r} is no field; write FIELD=VALUE, like origin=web")
        *parents, last = path.split(".")
        place = body
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                raise Refused(f"{text!r}: {parent} has a value already and cannot have fields")
        place[last] = _value(path, value)
    if by:
        side, _, owner = by.partition(":")
        body["by"] = {"side": side, **({"owner": owner} if owner else {})}
    return body


def _known_kind(kind: str) -> str:
    from difflib import get_close_matches
    from typing import get_args

    from schemas.facts import TYPE_PREFIX, LeadFact

    known = [model.model_fields["kind"].default for model in get_args(LeadFact)]
    kind = kind.removeprefix(TYPE_PREFIX)
    if kind not in known:
        near = get_close_matches(kind, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"choose from {', '.join(known)}"
        raise Refused(f"no fact is called {kind!r}; {hint}")
    return kind


def _value(path: str, text: str) -> object:
    """Read a value: money where an amount is, numbers and truths among attributes, else text."""
    if path == "amount":
        return _money(text)
    if not path.startswith("attributes."):
        return text
    from json import JSONDecodeError, loads

    try:
        read = loads(text)
    except JSONDecodeError:
        return text
    return read if read is None or isinstance(read, bool | int | float) else text


def _money(text: str) -> object:
    from services.imports.cells import BadCell, money, number

    found = _MONEY.fullmatch(text.strip())
    if found is None:
        raise Refused(f"amount={text}: write an amount and its currency, like 950.00EUR")
    try:
        return money(number(found[1]), found[2]).model_dump()
    except BadCell as error:
        raise Refused(f"amount={text}: {error}") from error


def _event(data: dict[str, Any], *, source: str, event_id: str, at: str) -> "FactEvent":
    from uuid import uuid4

    from pydantic import ValidationError

    from schemas.facts import TYPE_PREFIX, FactEvent

    if at and not _has_offset(at):
        raise Refused(f"--at {at}: write an instant with its offset, like 2026-03-02T08:30:00Z")
    document = {
        "id": event_id or uuid4().hex,
        "source": source,
        "type": TYPE_PREFIX + data["fact"]["kind"],
        "time": at or None,
        "data": data,
    }
    try:
        return FactEvent.model_validate(document)
    except ValidationError as error:
        raise Refused(_problem(data["fact"]["kind"], error)) from error


def _has_offset(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _problem(kind: str, error: "ValidationError") -> str:
    """Return what is wrong, with its place as it is written on the command line."""
    from infra.plain_values import expected, foremost
    from services.imports.cells import shown

    first = foremost(error.errors(include_url=False))
    where = _where(first["loc"])
    match first["type"]:
        case "missing":
            return f"{kind} needs {where}: write {where}=…; its fields are {_fields_of(kind)}"
        case "extra_forbidden":
            return f"{kind} has no field {where}; its fields are {_fields_of(kind)}"
        case _:
            return f"{where}: {shown(str(first['input']))} does not do; {expected(first)}"


def _where(loc: tuple[str | int, ...]) -> str:
    """Return the field or the option that a place in the event is written with."""
    steps = [str(step) for step in loc if step != "[key]"]
    match steps:
        case ["data", "fact", _, "by", *rest] if rest:
            return "--by"
        case ["data", "fact", _, "attributes", name, *_]:  # behind it stand the types that it may have
            return f"attributes.{name}"
        case ["data", "fact", _, *names]:
            return ".".join(names)
        case ["data", "subject", name, *_] | [name, *_]:
            return _OPTIONS.get(name, f"--{name}")
        case _:
            return "the fact"


def _fields_of(kind: str) -> str:
    from typing import get_args

    from schemas.facts import LeadFact

    of_kind = next(model for model in get_args(LeadFact) if model.model_fields["kind"].default == kind)
    return ", ".join(name for name in of_kind.model_fields if name != "kind") or "none"


def _report(line: "OpenLine", event: "FactEvent", *, decided: bool, json: bool) -> None:
    from infra.keyring import event_key
    from infra.store.reading.dead_letters import dead_letter_of
    from infra.store.reading.leads import lead_by_id, survivor_of
    from infra.store.reading.standing import fact_of
    from infra.wire import write_fact

    with line.database.reading() as connection:
        fact = fact_of(connection, event_key(event))
        dead = dead_letter_of(connection, event.source, event.id)
        if fact and dead:  # the name is taken, and what was first said under it stands
            fact, dead = (None, dead) if dead.original == write_fact(event) else (fact, None)
        lead = lead_by_id(connection, fact[1]) if fact and fact[1] else None
        lead = survivor_of(connection, lead) if lead else None
        sentences = _what_came_of_it(connection, lead.lead_id, fact[0]) if fact and lead else []
    told: dict[str, object] = {"id": event.id, "source": event.source, "admitted": fact is not None}
    if fact:
        told |= {"seq": fact[0], "lead_id": lead and lead.lead_id, "stage": lead and lead.stage}
        told["came_of_it"] = sentences
    elif dead:
        told |= {"reason": dead.reason, "detail": dead.detail, "remedy": dead.remedy}
    if json:
        write_json(told | {"decided": decided})
    elif fact and lead:
        tell(f"Said {event.data.fact.kind} of {lead.lead_id}, which stands at {lead.stage or 'no stage'}.")
        for sentence in sentences:
            tell(f"  {sentence}")
    elif not dead:
        tell("Said; the running line decides it when it comes to it.")
    if dead:
        raise FoundWrong("" if json else f"it became dead letter {dead.id} ({dead.detail}); {dead.remedy}")


def _what_came_of_it(connection: "Transaction", lead_id: str, seq: int) -> list[str]:
    """Return what the fact caused, in a sentence each."""
    from infra.agreements import AgreementBook
    from infra.store.journal_memory import signed_agreements
    from infra.store.reading.history import caused_by
    from services.cli.narrating import narrate

    agreement = AgreementBook(signed_agreements(connection)[-1:]).newest
    return [narrate(one, agreement) for one in caused_by(connection, lead_id, seq)]
