"""``relevo topics``: the catalogue of what is said where, and the topics as they are on the brokers."""

from typing import TYPE_CHECKING, Annotated, get_args

import typer

from services.cli.brokers import Bootstrap, Prefix, cluster
from services.cli.failures import FoundWrong
from services.cli.options import MOST_COPIES, MOST_PARTITIONS, Json, whole
from services.cli.terminal import screen, table, tell, write_json, write_line

if TYPE_CHECKING:
    from infra.kafka.topics import Found, Mismatch
    from schemas.topics import Topic

app = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    help="Show the topics of the line, and see to them on Kafka.",
)


@app.callback()
def topics(context: typer.Context, *, json: Json = False) -> None:
    """Show the topics of the line; without a verb, the catalogue.

    Example: relevo topics
    """
    if context.invoked_subcommand is None:
        catalogue(json=json)


@app.command("catalogue")
def catalogue(*, json: Json = False) -> None:
    """Show the topics of the line, and the types of facts that may be said.

    Example: relevo topics catalogue --json
    """
    from schemas.facts import TYPE_PREFIX, ControlFact, LeadFact
    from schemas.topics import TOPICS

    kinds = [
        {"type": TYPE_PREFIX + model.model_fields["kind"].default, "meaning": _first_sentence(model)}
        for model in (*get_args(LeadFact), *get_args(ControlFact))
    ]
    if json:
        write_json({"topics": [_topic(topic) for topic in TOPICS], "facts": kinds})
        return
    drawn = table("Topics", "topic", "key", "speaks", "hears", "what it carries")
    for topic in TOPICS:
        drawn.add_row(topic.name, topic.key, ", ".join(topic.speaks), ", ".join(topic.hears), topic.sentence)
    facts = table("Facts that may be said on leads.facts", "type", "what it says")
    for kind in kinds:
        facts.add_row(kind["type"], kind["meaning"])
    screen().print(drawn, facts)


@app.command("create")
def create(
    *,
    partitions: Annotated[
        int,
        typer.Option(
            parser=whole(most=MOST_PARTITIONS),
            metavar="COUNT",
            help="How many partitions the topics by lead get.",
        ),
    ] = 4,
    replication: Annotated[
        int,
        typer.Option(
            parser=whole(most=MOST_COPIES), metavar="COUNT", help="How many copies each record has."
        ),
    ] = 1,
    bootstrap: Bootstrap = "",
    prefix: Prefix = "",
    json: Json = False,
) -> None:
    """Make the topics that are missing on the brokers; those that are there are left as they are.

    Example: relevo topics create --partitions 4 --replication 3
    """
    from infra.kafka.topics import administration

    with administration(cluster(bootstrap, prefix)) as admin:
        made = admin.create(partitions, replication)
    if json:
        write_json([{"topic": one.name, "partitions": one.partitions} for one in made])
        return
    for one in made:
        tell(f"Made {one.name} with {one.partitions} partition{'s' if one.partitions > 1 else ''}.")
    if not made:
        tell("Every topic is there already; relevo topics check compares them with the catalogue.")


@app.command("check")
def check(
    *,
    partitions: Annotated[
        int,
        typer.Option(
            parser=whole(0, MOST_PARTITIONS),
            metavar="COUNT",
            help="How many the topics by lead should have; 0: any, but alike.",
        ),
    ] = 0,
    replication: Annotated[
        int,
        typer.Option(
            parser=whole(0, MOST_COPIES),
            metavar="COUNT",
            help="How many copies; 0: as many as most have.",
        ),
    ] = 0,
    bootstrap: Bootstrap = "",
    prefix: Prefix = "",
    json: Json = False,
) -> None:
    """Compare the topics on the brokers with the catalogue, and say what to do about each difference.

    Exit code 1 when there is any.

    Example: relevo topics check
    """
    from infra.kafka.topics import administration

    with administration(cluster(bootstrap, prefix)) as admin:
        found = admin.check(partitions or None, replication or None)
    if json:
        write_json(one._asdict() for one in found)
    else:
        _draw_mismatches(found)
    if found:
        raise FoundWrong("")


@app.command("describe")
def describe(*, bootstrap: Bootstrap = "", prefix: Prefix = "", json: Json = False) -> None:
    """Show the topics as they are on the brokers.

    Example: relevo topics describe
    """
    from infra.kafka.topics import administration

    with administration(cluster(bootstrap, prefix)) as admin:
        found = admin.found()
    if json:
        write_json(map(_found, found.values()))
        return
    drawn = table("Topics on the brokers", "topic", "partitions", "copies", "kept", "id")
    for one in found.values():
        copies, kept = str(one.replication), _kept(one)
        drawn.add_row(one.name, str(one.partitions), copies, kept, one.topic_id)
    screen().print(drawn)


@app.command("acls")
def acls(
    *,
    principal: Annotated[
        str,
        typer.Option(metavar="TEXT", help="Whom to give leave; {who} stands for sequencer, scoring …"),
    ] = "User:relevo-{who}",
    bootstrap: Bootstrap = "",
    prefix: Prefix = "",
    json: Json = False,
) -> None:
    """Print the commands that give each worker leave to do what it must, and no more.

    They are for Kafka's own kafka-acls; nothing is changed here, and no broker is asked.

    Example: relevo topics acls --prefix acme.
    """
    from infra.kafka.access import WHO, grants

    brokers = cluster(bootstrap, prefix)
    found = [(who, principal.replace("{who}", who), grant) for who in WHO for grant in grants(brokers, who)]
    if json:
        write_json({"who": who, "principal": name, **grant._asdict()} for who, name, grant in found)
        return
    for _, name, grant in found:
        operations = " ".join(f"--operation {one}" for one in grant.operations)
        write_line(
            f"kafka-acls --bootstrap-server {brokers.bootstrap} --add --allow-principal '{name}' "
            f"{operations} --{grant.kind} {grant.name}"
        )


def _draw_mismatches(found: "list[Mismatch]") -> None:
    if not found:
        tell("Every topic is as the catalogue says.")
    for one in found:
        tell(f"{one.topic}: {one.what} should be {one.wanted}, is {one.found}")
        tell(f"  → {one.remedy}")


def _kept(one: "Found") -> str:
    if "compact" in one.settings.get("cleanup.policy", ""):
        return "newest per key"
    milliseconds = int(one.settings.get("retention.ms", "-1"))
    return "for good" if milliseconds < 0 else f"{milliseconds / 86_400_000:g} days"


def _found(one: "Found") -> dict[str, object]:
    return {
        "topic": one.name,
        "topic_id": one.topic_id,
        "partitions": one.partitions,
        "replication": one.replication,
        "settings": dict(sorted(one.settings.items())),
    }


def _topic(topic: "Topic") -> dict[str, object]:
    return {
        "topic": topic.name,
        "key": topic.key,
        "partitions": topic.partitions,
        "payload": _payload_name(topic.payload),
        "speaks": topic.speaks,
        "hears": topic.hears,
        "kept": topic.kept,
        "meaning": topic.sentence,
    }


def _payload_name(payload: object) -> str:
    """Return the names of the payload's types: one, or those of a union."""
    members = get_args(payload) or (payload,)
    return " | ".join(getattr(member, "__name__", str(member)) for member in members)


def _first_sentence(model: type) -> str:
    return " ".join((model.__doc__ or "").split("\n\n")[0].split())
