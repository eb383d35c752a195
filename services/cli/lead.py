"""``relevo lead``: one lead's page; on request its score explained, its clocks proven, its history told."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.failures import Refused
from services.cli.options import Json, ShownBy, Store
from services.cli.terminal import write_json

if TYPE_CHECKING:
    from infra.store.database import Transaction
    from infra.store.reading.leads import Lead
    from schemas.agreement import Agreement


def lead(
    known_as: Annotated[
        str, typer.Argument(metavar="ID", help="Its id, e-mail address, phone, or some tool's id of it.")
    ],
    *,
    why: Annotated[bool, typer.Option("--why", help="Account for every point of its score.")] = False,
    clocks: Annotated[bool, typer.Option("--clocks", help="Prove its SLA clocks.")] = False,
    history: Annotated[bool, typer.Option("--history", help="Tell its whole history.")] = False,
    store: Store = "",
    agreement: ShownBy = None,
    json: Json = False,
) -> None:
    """Show one lead: who it is, where it stands, its score, its hand-offs and clocks, its alerts.

    Example: relevo lead ana@example.com --why
    """
    from services.cli.lead_drawing import draw_lead
    from services.cli.lead_page import lead_page, page_json
    from services.cli.looking import looking_at

    with looking_at(store, agreement) as looking:
        found = find_lead(looking.connection, looking.agreement, known_as)
        page = lead_page(
            looking.connection, looking.agreement, found, why=why, clocks=clocks, history=history
        )
        if json:
            write_json(page_json(page))
        else:
            draw_lead(page, looking.agreement)


def find_lead(connection: "Transaction", agreement: "Agreement", known_as: str) -> "Lead":
    """Return the lead that people mean; the one it was merged into, if it was.

    Args:
        connection: To the store, in a transaction.
        agreement: For the region of phone numbers.
        known_as: A lead's id, an e-mail address, a phone number, an anonymous id, ``system:id``, or an id of
            any one system.

    Raises:
        Refused: No lead is known by that, or several are.
    """
    from infra.store.reading.leads import lead_by_id, leads_by_bare_id, leads_by_keys, survivor_of

    text = known_as.strip()
    found = lead_by_id(connection, text)
    if found is not None:
        return survivor_of(connection, found)
    ids = leads_by_keys(connection, _keys(connection, agreement, text)) or leads_by_bare_id(connection, text)
    leads = [one for lead_id in ids if (one := lead_by_id(connection, lead_id))]
    survivors = list(dict.fromkeys(survivor_of(connection, one).lead_id for one in leads))
    if len(survivors) > 1:
        raise Refused(
            f"{known_as} means {len(survivors)} leads: {', '.join(survivors[:5])}; name one of them"
        )
    if not leads:
        raise Refused(
            f"no lead is known as {known_as!r}; relevo leads --named TEXT looks for a part of a name"
        )
    return survivor_of(connection, leads[0])


def _keys(connection: "Transaction", agreement: "Agreement", text: str) -> list[bytes]:
    """Return the keyed hashes of everything that the text may be."""
    from infra.keyring import Keyring
    from infra.store.journal_memory import identity_secret
    from schemas.sequencing import Identifier
    from services.identifiers import normal_email, normal_external
    from services.phone_numbers import normal_phone

    keyring = Keyring(identity_secret(connection))
    candidates = [Identifier("external_id", normal_external(text)), Identifier("anonymous_id", text)]
    if email := normal_email(text):
        candidates.append(Identifier("email", email))
    if phone := normal_phone(text, agreement.identity.default_region):
        candidates.append(Identifier("phone", phone[0]))
    return [keyring.identifier(one) for one in candidates]
