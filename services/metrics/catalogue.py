"""The catalogue: every metric, declared once, as data.

``services.metrics.report`` computes what stands here and nothing else; the table in ``docs/metrics.md`` is
written from it. A metric's rows add up: it is told apart by one detail (its stage, reason, clock …) in all
of its rows, or in none. Names end in what they are: ``_count``, ``_rate`` (a share), ``_days``, ``_minutes``.
"""

from schemas.metrics import Measure
from services.metrics.metric import DAYS, MINUTES, MONEY, Kind, Metric, count, duration, rate

_WATERFALL = "SiriusDecisions, Demand Waterfall: conversion and velocity of each stage"
_PIPELINE = "Salesforce, pipeline velocity"
_SPEED = "Oldroyd, McElheran, Elkington, The Short Life of Online Sales Leads, HBR 2011"
_CREDIT = "Salesforce Campaign Influence; Google Analytics attribution models"

STAGES = (
    count("captured_count", "lead", Measure.CAPTURED, "Leads with a captured fact, each once."),
    count("lead_count", "lead", Measure.STANDING, "Leads known, captured or not.", now=True),
    count(
        "stage_standing_count",
        "lead",
        Measure.STANDING,
        "Leads standing at a stage now (`none`: at no stage yet); over all stages they are `lead_count`.",
        by="stage",
        now=True,
    ),
    count(
        "stage_entered_count",
        "lead",
        Measure.ENTERED,
        "Leads that entered a stage, once a cycle; stages passed through count, skipped ones do not.",
        by="stage",
    ),
    count(
        "stage_reached_count",
        "lead",
        Measure.LAG,
        "Leads that ever entered a stage, each once, when it first did.",
        by="stage",
    ),
    rate(
        "stage_next_rate",
        Measure.LAG,
        (Measure.LAG,),
        "Next-step conversion: leads that reached the next stage of the path by those that reached this.",
        by="stage",
        against="next",
        source=_WATERFALL,
    ),
    rate(
        "stage_cumulative_rate",
        Measure.LAG,
        (Measure.LAG,),
        "Cumulative conversion: leads that reached a stage of the path by those that reached its first.",
        by="stage",
        against="first",
        source=_WATERFALL,
    ),
    duration(
        "stage_time_days",
        DAYS,
        Measure.TIME_IN_STAGE,
        "Time from entering a stage to leaving it, of stays that are over; passing through is no stay.",
        by="stage",
        source=_WATERFALL,
    ),
    duration(
        "stage_lag_days",
        DAYS,
        Measure.LAG,
        "Time from the capture (without one, from the first fact) to first entering a stage.",
        by="stage",
        source=_WATERFALL,
    ),
    count("refused_count", "refusal", Measure.REFUSED, "Moves and answers that the agreement refused."),
    count(
        "refused_reason_count",
        "refusal",
        Measure.REFUSED,
        "Moves and answers that the agreement refused, by reason.",
        by="reason",
    ),
    count(
        "dirty_count",
        "fact",
        Measure.DIRTY,
        "Facts flagged as odd, outcomes dated before the capture among them; they count everywhere else too.",
    ),
    count("dirty_flag_count", "fact", Measure.DIRTY, "Facts flagged as odd, by flag.", by="flag"),
)

WINS = (
    count(
        "won_count",
        "lead",
        Measure.WON,
        "Leads won, each once, at its first win: a `won` fact, or a move to a stage that means won.",
    ),
    Metric(
        "won_revenue",
        Kind.MONEY,
        MONEY,
        (Measure.REVENUE,),
        "Amounts of all wins, each on its own day; wins of one opportunity are one, with its latest amount.",
    ),
    Metric(
        "revenue_per_won",
        Kind.MONEY,
        MONEY,
        (Measure.REVENUE,),
        "The average deal: revenue by leads won.",
        denominator=(Measure.WON,),
    ),
    rate(
        "captured_to_won_rate",
        Measure.CAPTURED_TO_WON,
        (Measure.CAPTURED,),
        "Captured leads won by leads captured: of a cohort, or the wins of a period by its captures.",
    ),
    duration(
        "captured_to_won_days",
        DAYS,
        Measure.CAPTURED_TO_WON,
        "Velocity: time from capture to first win; negative where the win is dated before the capture.",
        source=_WATERFALL,
    ),
    count("lost_count", "lead", Measure.LOST, "Leads lost, once a loss."),
    count("lost_reason_count", "lead", Measure.LOST, "Leads lost, by reason.", by="reason"),
    count("recycled_count", "lead", Measure.RECYCLED, "Leads sent back to nurture, once a recycling."),
    count(
        "recycled_reason_count",
        "lead",
        Measure.RECYCLED,
        "Leads sent back to nurture, by reason.",
        by="reason",
    ),
    count(
        "opportunity_count",
        "lead",
        Measure.OPPORTUNITY,
        "Leads on which sales opened an opportunity, each again once that one is decided or its cycle over.",
    ),
    rate(
        "opportunity_win_rate",
        Measure.OPPORTUNITY_WON,
        (Measure.OPPORTUNITY_WON, Measure.OPPORTUNITY_LOST),
        "Opportunities won by opportunities decided, won or lost.",
        source=_PIPELINE,
    ),
    duration(
        "sales_cycle_days", DAYS, Measure.SALES_CYCLE, "Time from opportunity to win.", source=_PIPELINE
    ),
    Metric(
        "pipeline_velocity",
        Kind.VELOCITY,
        "{currency} minor/day",
        (Measure.OPPORTUNITY,),
        "Opportunities x win rate x average deal / mean sales cycle: the revenue a day that they promise.",
        source=_PIPELINE,
    ),
)

STALLS = (
    count(
        "stalled_count",
        "lead",
        Measure.LEAD_STALLED,
        "Leads that ever stayed at a stage longer than agreed, each once, whatever became of them later.",
    ),
    count(
        "stage_stalled_count",
        "stay",
        Measure.STALLED,
        "Stays longer than agreed, ever, by stage.",
        by="stage",
    ),
    count("stalled_open_count", "lead", Measure.STALLED_OPEN, "Leads stalled now.", now=True),
    count(
        "stage_stalled_open_count",
        "lead",
        Measure.STALLED_OPEN,
        "Leads stalled now, by stage.",
        by="stage",
        now=True,
    ),
)

HANDOFFS = (
    count("handed_over_count", "hand-off", Measure.HANDED_OVER, "Hand-offs opened."),
    count(
        "handed_over_lead_count",
        "lead",
        Measure.LEAD_HANDED_OVER,
        "Leads handed over, each once, at the first.",
    ),
    count("accepted_count", "hand-off", Measure.ACCEPTED, "Hand-offs that sales accepted."),
    count("rejected_count", "hand-off", Measure.REJECTED, "Hand-offs that sales rejected."),
    count(
        "rejected_reason_count",
        "hand-off",
        Measure.REJECTED,
        "Hand-offs that sales rejected, by reason.",
        by="reason",
    ),
    rate(
        "acceptance_rate",
        Measure.ACCEPTED,
        (Measure.HANDED_OVER,),
        "Hand-offs accepted by hand-offs opened.",
        source=_WATERFALL,
    ),
    rate(
        "rejection_rate", Measure.REJECTED, (Measure.HANDED_OVER,), "Hand-offs rejected by hand-offs opened."
    ),
    rate(
        "rejection_reason_rate",
        Measure.REJECTED,
        (Measure.HANDED_OVER,),
        "Hand-offs rejected for a reason by hand-offs opened.",
        by="reason",
        against="all",
    ),
    rate(
        "recycle_rate",
        Measure.SENT_BACK,
        (Measure.HANDED_OVER,),
        "Hand-offs that ended with marketing again by hand-offs opened.",
    ),
    rate(
        "recycle_reason_rate",
        Measure.SENT_BACK,
        (Measure.HANDED_OVER,),
        "The same by how they came back: rejected, expired or recycled.",
        by="reason",
        against="all",
    ),
    rate(
        "handed_over_win_rate",
        Measure.HANDED_OVER_WON,
        (Measure.LEAD_HANDED_OVER,),
        "Quality: leads won after they were handed over by leads handed over.",
    ),
    rate(
        "touched_rate",
        Measure.SPEED_TO_LEAD,
        (Measure.HANDED_OVER,),
        "Hand-offs that sales touched while they were open by hand-offs opened.",
    ),
    duration(
        "speed_to_lead_minutes",
        MINUTES,
        Measure.SPEED_TO_LEAD,
        "Time on the wall from the opening of a hand-off to the first touch, answered or not.",
        source=_SPEED,
    ),
    duration(
        "speed_to_lead_working_minutes",
        MINUTES,
        Measure.SPEED_TO_LEAD_WORKING,
        "The same in the opening hours of whoever has the hand-off when it is touched.",
    ),
)

CLOCKS = (
    rate(
        "sla_compliance_rate",
        Measure.CLOCK_MET,
        (Measure.CLOCK_MET, Measure.CLOCK_BREACHED),
        "SLA clocks met by clocks that have ended; one left unanswered counts if its deadline had passed.",
    ),
    rate(
        "clock_compliance_rate",
        Measure.CLOCK_MET,
        (Measure.CLOCK_MET, Measure.CLOCK_BREACHED),
        "The same by clock.",
        by="clock",
    ),
    count(
        "sla_overdue_count",
        "clock",
        Measure.CLOCK_OVERDUE,
        "SLA clocks open past their deadline now; they are in no compliance until they end.",
        now=True,
    ),
    count("clock_overdue_count", "clock", Measure.CLOCK_OVERDUE, "The same by clock.", by="clock", now=True),
)

ATTRIBUTION = (
    Metric(
        "attributed_won_count",
        Kind.COUNT,
        "lead",
        (Measure.ATTRIBUTED_WON,),
        "Leads won, credited by each model to the origins and campaigns that touched them until the win.",
        by="model",
        scale=1000,
        source=_CREDIT,
    ),
    Metric(
        "attributed_revenue",
        Kind.MONEY,
        MONEY,
        (Measure.ATTRIBUTED_REVENUE,),
        "Revenue, credited by each model to the origins and campaigns that touched the lead until the win.",
        by="model",
        source=_CREDIT,
    ),
)

CATALOGUE: tuple[Metric, ...] = (*STAGES, *WINS, *STALLS, *HANDOFFS, *CLOCKS, *ATTRIBUTION)
"""Every metric, in the order in which they are reported."""
