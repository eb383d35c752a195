"""Stripping: what of a fact may travel on the line.

Personal data stands in the subject, which never travels. What is left to do is to let only those attributes
through that the agreement reads, to cut off addresses of pages what is not the page (a query carries e-mail
addresses more often than one would think, a fragment now and then), and to empty the subjects that
``merged`` and ``unmerged`` name.
"""

import re

from schemas.facts import Captured, Engaged, Enriched, LeadFact, Merged, Subject, Unmerged

NOBODY = Subject()

_QUERY = re.compile(r"[?#].*", re.DOTALL)
_USER = re.compile(r"(?<=//)[^/\s]*@")


def strip(fact: LeadFact, allowed: frozenset[str]) -> LeadFact:
    """Return the fact without what might name a person.

    Args:
        fact: The fact.
        allowed: The attributes that the agreement reads.
    """
    match fact:
        case Captured() | Enriched():
            attributes = {name: value for name, value in fact.attributes.items() if name in allowed}
            update: dict[str, object] = (
                {} if len(attributes) == len(fact.attributes) else {"attributes": attributes}
            )
            page = fact.landing_page if isinstance(fact, Captured) else None
            if page is not None and (bare := _bare(page)) != page:
                update["landing_page"] = bare
            return fact.model_copy(update=update) if update else fact
        case Engaged() if fact.name is not None and (named := _named(fact.name)) != fact.name:
            return fact.model_copy(update={"name": named})
        case Merged() | Unmerged():
            return fact.model_copy(update={"other": NOBODY})
        case _:
            return fact


def _bare(address: str) -> str:
    """Return the address of a page without query, fragment and user."""
    return _USER.sub("", _QUERY.sub("", address))


def _named(name: str) -> str:
    """Return what an activity is called: often a page's address, sometimes a title with a number (``#3``)."""
    return _bare(name) if name.startswith("/") or "://" in name else name.partition("?")[0]
