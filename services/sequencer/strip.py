"""Stripping: what of a fact may travel on the line.

Personal data stands in the subject, which never travels. What is left to do is to let only those attributes
through that the agreement reads, to cut the query off addresses of pages (it carries e-mail addresses more
often than one would think), and to empty the subjects that ``merged`` and ``unmerged`` name.
"""

from schemas.facts import Captured, Engaged, Enriched, LeadFact, Merged, Subject, Unmerged

NOBODY = Subject()


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
            if page is not None and "?" in page:
                update["landing_page"] = page.partition("?")[0]
            return fact.model_copy(update=update) if update else fact
        case Engaged() if fact.name is not None and "?" in fact.name:
            return fact.model_copy(update={"name": fact.name.partition("?")[0]})
        case Merged() | Unmerged():
            return fact.model_copy(update={"other": NOBODY})
        case _:
            return fact
