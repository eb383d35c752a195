"""Everything that can be found wrong with an agreement without leads: errors, and doubts worth a look.

An **error** keeps the agreement from being signed: a rule would ignore the part, or never end. A
**warning** does not: the agreement works, and probably not as it was meant. Each finding is made in one
module of ``checks``; here they are put together.
"""

from datetime import date
from itertools import chain

from infra.agreement_file import Problem
from schemas.agreement import Agreement
from services.agreement.checks.handing_over import check_handoff
from services.agreement.checks.names import check_names
from services.agreement.checks.patterns import check_patterns
from services.agreement.checks.scores import check_scores
from services.agreement.checks.stages import check_stages
from services.agreement.checks.upkeep import check_upkeep


def check(agreement: Agreement, today: date | None = None) -> tuple[Problem, ...]:
    """Return what is wrong or doubtful, errors first.

    Args:
        agreement: A well-formed agreement.
        today: The day by which holidays are past; null: that is not looked at.
    """
    found = chain(
        check_names(agreement),
        check_patterns(agreement),
        check_scores(agreement),
        check_stages(agreement),
        check_handoff(agreement),
        check_upkeep(agreement, today),
    )
    return tuple(sorted(found, key=lambda problem: problem.severity != "error"))
