"""Whose the lead is: a person of a team, or a team's queue; and what that means for its clocks."""

from typing import Literal

from schemas.lifecycle import OwnerChanged
from schemas.vocabulary import OwnerId, TeamId
from services.lifecycle import running
from services.lifecycle.turn import Turn

Because = Literal["assigned", "handed_over", "accepted", "escalated", "agreement"]


def give(turn: Turn, owner: OwnerId | None, team: TeamId | None, because: Because) -> None:
    """Give the lead to an owner, in that owner's team unless another is named, or to a team's queue.

    The clocks of an open hand-off go with it.
    """
    team = team or turn.plan.owners.get(owner or "") or turn.state.team
    if (owner, team) == (turn.state.owner, turn.state.team):
        return
    turn.keep(owner=owner, team=team)
    turn.say(OwnerChanged(owner=owner, team=team, reason=because))
    running.follow_owner(turn)


def accept(turn: Turn) -> None:
    """Give the lead to the person who accepted it, if the agreement knows them."""
    person = turn.actor.owner if turn.actor else None
    if person and turn.plan.knows_owner(person):
        give(turn, person, None, "accepted")


def check(turn: Turn) -> None:
    """Take the lead from an owner or a team that the agreement no longer has.

    The team of an owner who is left, or else the one that hand-offs go to, follows a team that is gone.
    """
    owner, team = turn.state.owner, turn.state.team
    if owner and not turn.plan.knows_owner(owner):
        owner = None
    if team and not turn.plan.knows_team(team):
        receiving = turn.plan.handoff.to_team if turn.state.open_handoff and turn.plan.handoff else None
        team = turn.plan.owners.get(owner or "") or receiving
    if (owner, team) != (turn.state.owner, turn.state.team):
        turn.keep(owner=owner, team=team)
        turn.say(OwnerChanged(owner=owner, team=team, reason="agreement"))
