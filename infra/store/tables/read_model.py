"""The read model, documented and stable, for people to query and BI tools to point at.

``facts`` and ``timeline`` are only ever appended to (an erasure blanks the personal data of a fact and
nothing else), and hold all that ``relevo verify`` needs to recompute everything. Personal data stands in
``facts.original``, ``leads`` and ``dead_letters``.
"""

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, Table, Text

from infra.store.columns import BIG, Day, UtcInstant
from infra.store.tables import metadata

facts = Table(
    "facts",
    metadata,
    Column("seq", BIG, primary_key=True, autoincrement=False),
    Column("lead_id", Text),
    Column("kind", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("occurred_at", UtcInstant),
    Column("received_at", UtcInstant, nullable=False),
    Column("stamp", UtcInstant, nullable=False),
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("test", Boolean, nullable=False),
    Column("flags", Text, nullable=False),
    Column("traits", Text, nullable=False),
    Column("import_id", Text),
    Column("fact", Text, nullable=False),
    Column("original", LargeBinary),
)
Index("facts_lead", facts.c.lead_id, facts.c.seq)
Index("facts_import", facts.c.import_id, facts.c.lead_id, sqlite_where=facts.c.import_id.is_not(None))

timeline = Table(
    "timeline",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("lead_id", Text, nullable=False),
    Column("worker", Text, nullable=False),
    Column("version", BIG, nullable=False),
    Column("conclusion_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("change", Text, nullable=False),
    Column("at", UtcInstant, nullable=False),
    Column("stamp", UtcInstant, nullable=False),
    Column("cause_seq", BIG),
    Column("timer_worker", Text),
    Column("timer_kind", Text),
    Column("ordinal", Integer, nullable=False),
    Column("agreement", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("was", Text),
)
Index("timeline_lead", timeline.c.lead_id, timeline.c.worker, timeline.c.version)

leads = Table(
    "leads",
    metadata,
    Column("lead_id", Text, primary_key=True),
    # the sequencer's
    Column("name", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("company", Text),
    Column("external_ids", Text),
    Column("first_at", UtcInstant),
    Column("test", Boolean),
    Column("merged_into", Text),
    Column("erased", Boolean),
    # scoring's
    Column("fit", Integer),
    Column("engagement", Integer),
    Column("cell", Text),
    Column("band", Text),
    Column("scored_at", UtcInstant),
    # the lifecycle's
    Column("stage", Text),
    Column("stage_since", UtcInstant),
    Column("cycle", Integer),
    Column("owner", Text),
    Column("team", Text),
    Column("stalled_since", UtcInstant),
    Column("outcome", Text),
    # metrics'
    Column("origin", Text),
    Column("campaign", Text),
    Column("segment", Text),
    Column("captured_at", UtcInstant),
    Column("won_at", UtcInstant),
    Column("revenue_minor", BIG),
)
Index("leads_stalled", leads.c.stalled_since, sqlite_where=leads.c.stalled_since.is_not(None))

handoffs = Table(
    "handoffs",
    metadata,
    Column("handoff_id", Text, primary_key=True),
    Column("lead_id", Text, nullable=False, index=True),
    Column("number", Integer),
    Column("cycle", Integer),
    Column("team", Text),
    Column("owner", Text),
    Column("opened_at", UtcInstant),
    Column("accepted_at", UtcInstant),
    Column("rejected_at", UtcInstant),
    Column("rejection_reason", Text),
    Column("closed_at", UtcInstant),
    Column("close_reason", Text),
    Column("brief", Text),
)

sla_clocks = Table(
    "sla_clocks",
    metadata,
    Column("handoff_id", Text, primary_key=True),
    Column("clock", Text, primary_key=True),
    Column("turn", Integer, primary_key=True),
    Column("lead_id", Text, nullable=False, index=True),
    Column("owner", Text),
    Column("calendar", Text),
    Column("started_at", UtcInstant),
    Column("due_at", UtcInstant),
    Column("paused", Boolean),
    Column("warned_rate", Text),
    Column("breached_at", UtcInstant),
    Column("escalated_step", Integer),
    Column("ended_at", UtcInstant),
    Column("ended_as", Text),
    Column("elapsed_seconds", BIG),
    Column("working_seconds", BIG),
)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", Text, primary_key=True),
    Column("lead_id", Text, index=True),
    Column("kind", Text),
    Column("about", Text),
    Column("severity", Text),
    Column("opened_at", UtcInstant),
    Column("due_at", UtcInstant),
    Column("summary", Text),
    Column("owner", Text),
    Column("team", Text),
    Column("recipients", Text),
    Column("said_count", Integer),
    Column("last_said_at", UtcInstant),
    Column("resolved_at", UtcInstant),
    Column("resolved_reason", Text),
)

metrics = Table(
    "metrics",
    metadata,
    Column("measure", Text, primary_key=True),
    Column("cohort_on", Day, primary_key=True),
    Column("on", Day, primary_key=True),
    Column("detail", Text, primary_key=True),
    Column("origin", Text, primary_key=True),
    Column("campaign", Text, primary_key=True),
    Column("segment", Text, primary_key=True),
    Column("team", Text, primary_key=True),
    Column("owner", Text, primary_key=True),
    Column("bucket", Integer, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("value", BIG, nullable=False),
    sqlite_with_rowid=False,
)

restatements = Table(
    "restatements",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("seq", BIG, nullable=False),
    Column("stamp", UtcInstant, nullable=False),
    Column("measure", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("cohort_on", Day, nullable=False),
    Column("on", Day, nullable=False),
    Column("origin", Text, nullable=False),
    Column("campaign", Text, nullable=False),
    Column("segment", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("bucket", Integer),
    Column("old", BIG, nullable=False),
    Column("new", BIG, nullable=False),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=True),
    Column("offset", BIG),
    Column("received_at", UtcInstant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("source", Text),
    Column("event_id", Text),
    Column("original", LargeBinary),
    Column("key", LargeBinary, nullable=False, index=True),
    Column("closed_at", UtcInstant),
    Column("closed_as", Text),
    Column("closed_because", Text),
    Column("event_ids", Text),
)
Index("dead_letters_event", dead_letters.c.source, dead_letters.c.event_id)
