"""``relevo sources``: the keys with which tools prove themselves where they cannot sign."""

from typing import Annotated

import typer

from services.cli.failures import Refused
from services.cli.options import Json, Store
from services.cli.terminal import instant_text, screen, table, tell, write_json, write_line

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Make, list and revoke keys of sources.")
key = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Make, list and revoke keys.")
app.add_typer(key, name="key")


@key.command()
def create(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="The source that it opens.")],
    *,
    store: Store = "",
    json: Json = False,
) -> None:
    """Make a key and show it, this once: the store keeps no more than its digest.

    A source of sources.yaml is opened by it where it takes bearer keys; any other name opens /v1/facts.

    Example: relevo sources key create website
    """
    import re

    from infra.store.access_keys import keep_key
    from infra.store.opening import open_store
    from infra.time_source import system_time
    from services.intake.keys import new_key

    if not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,62}", source):
        raise Refused(f"{source!r} is no name of a source; write small letters, digits and _.-")
    secret, row = new_key(source, system_time())
    with open_store(store) as database, database.writing() as connection:
        keep_key(connection, row)
    if json:
        write_json({"id": row.id, "source": source, "key": secret})
        return
    write_line(secret)
    tell(f"Key {row.id} of {source}. It is not shown again; send it as Authorization: Bearer …")


@key.command("list")
def list_keys(*, store: Store = "", json: Json = False) -> None:
    """List the keys, revoked ones too; never the keys themselves.

    Example: relevo sources key list
    """
    from infra.store.access_keys import keys_of
    from infra.store.opening import open_store

    with open_store(store, create=False) as database, database.reading() as connection:
        found = keys_of(connection)
    if json:
        write_json(
            {
                "id": one.id,
                "source": one.source,
                "created_at": one.created_at,
                "revoked_at": one.revoked_at,
            }
            for one in found
        )
        return
    if not found:
        tell("There is no key yet; relevo sources key create SOURCE makes one.")
        return
    drawn = table(None, "id", "source", "created", "revoked", whole=("id", "source", "created", "revoked"))
    for one in found:
        revoked = instant_text(one.revoked_at) if one.revoked_at else ""
        drawn.add_row(one.id, one.source, instant_text(one.created_at), revoked)
    screen().print(drawn)


@key.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="Its id in relevo sources key list.")],
    *,
    store: Store = "",
    json: Json = False,
) -> None:
    """Revoke a key; a running gateway refuses it within a second.

    Example: relevo sources key revoke 1f2e3d4c
    """
    from infra.store.access_keys import revoke_key
    from infra.store.opening import open_store
    from infra.time_source import system_time

    with open_store(store, create=False) as database, database.writing() as connection:
        if not revoke_key(connection, key_id, system_time()):
            raise Refused(f"there is no live key {key_id}; relevo sources key list shows those there are")
    if json:
        write_json({"id": key_id, "revoked": True})
    else:
        tell(f"Revoked {key_id}.")
