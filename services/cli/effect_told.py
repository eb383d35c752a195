"""What facts would change if they were said, in words and as data."""

from typing import TYPE_CHECKING, Any

from services.cli.terminal import counted, write_line

if TYPE_CHECKING:
    from services.trial import Effect


def effect_told(effect: "Effect") -> dict[str, Any]:
    """Return an effect as data."""
    return {
        "new_lead_count": effect.new_count,
        "merged_lead_count": effect.gone_count,
        "moved": [
            {"from": was, "to": now, "lead_count": count}
            for (was, now), count in sorted(effect.moved.items())
        ],
        "owner_change_count": effect.owner_count,
        "revenue_minor": effect.revenue_minor,
        "currency": effect.currency,
        "admitted_count": effect.admitted_count,
        "dead_count": effect.dead_count,
    }


def write_effect(told: dict[str, Any]) -> None:
    """Write it for people: a line for each thing that would be otherwise, or one that there is none."""
    moved = sum(one["lead_count"] for one in told["moved"])
    sentences = (
        ("There would be {}.", "new lead", told["new_lead_count"]),
        ("{} would be merged into others.", "lead", told["merged_lead_count"]),
        ("{} would change stage:", "lead", moved),
    )
    lines = [sentence.format(counted(count, what)) for sentence, what, count in sentences if count]
    lines += [f"  {one['lead_count']:,} from {one['from']} to {one['to']}" for one in told["moved"]]
    more = (
        ("{} would change owner.", "lead", told["owner_change_count"]),
        ("{} would be put aside.", "fact", told["dead_count"]),
    )
    lines += [sentence.format(counted(count, what)) for sentence, what, count in more if count]
    if revenue := told["revenue_minor"]:
        from services.cli.wording import money

        amount = money(abs(revenue), told["currency"])
        lines.append(f"The revenue would be {amount} {'more' if revenue > 0 else 'less'}.")
    for line in lines or ["No lead would stand elsewhere."]:
        write_line(line)
