"""The first schema: the tables of the first release, written out so that they stay what they were.

Revision 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op

from infra.store.columns import BIG, Day, UtcInstant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _positions_to_outbox()
    _identities_to_records()
    _topics()
    _secrets_to_timeline()
    _leads()
    _handoffs_to_sla_clocks()
    _alerts_to_metrics()
    _restatements_to_dead_letters()


def _positions_to_outbox() -> None:
    op.create_table(
        "positions",
        sa.Column("worker", sa.Text(), primary_key=True),
        sa.Column("partition", sa.Integer(), primary_key=True),
        sa.Column("next_offset", BIG, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("clock", UtcInstant()),
        sa.Column("seq", BIG, nullable=False, server_default="0"),
        sa.Column("cursor", sa.Text()),
    )
    op.create_table(
        "states",
        sa.Column("worker", sa.Text(), primary_key=True),
        sa.Column("partition", sa.Integer(), primary_key=True),
        sa.Column("lead_id", sa.Text(), primary_key=True),
        sa.Column("state", sa.Text()),
        sa.Column("taken", BIG, nullable=False),
        sa.Column("said", BIG, nullable=False),
        sa.Column("last_seq", BIG, nullable=False),
        sa.Column("frontier", sa.Text()),
        sqlite_with_rowid=False,
        postgresql_with={"fillfactor": "70"},
    )
    op.create_table(
        "timers",
        sa.Column("worker", sa.Text(), primary_key=True),
        sa.Column("partition", sa.Integer(), primary_key=True),
        sa.Column("lead_id", sa.Text(), primary_key=True),
        sa.Column("kind", sa.Text(), primary_key=True),
        sa.Column("due_at", UtcInstant(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("timers_due", "timers", ["worker", "partition", "due_at", "lead_id", "kind"])
    op.create_table(
        "outbox",
        sa.Column("worker", sa.Text(), primary_key=True),
        sa.Column("partition", sa.Integer(), primary_key=True),
        sa.Column("version", BIG, primary_key=True),
        sa.Column("records", sa.LargeBinary(), nullable=False),
    )


def _identities_to_records() -> None:
    op.create_table(
        "identities",
        sa.Column("key", sa.LargeBinary(), primary_key=True),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_identities_lead_id", "identities", ["lead_id"])
    op.create_table(
        "seen",
        sa.Column("key", sa.LargeBinary(), primary_key=True),
        sa.Column("seq", BIG, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "merges",
        sa.Column("absorbed", sa.Text(), primary_key=True),
        sa.Column("from_seq", BIG, primary_key=True),
        sa.Column("survivor", sa.Text(), nullable=False),
        sa.Column("to_seq", BIG),
    )
    op.create_index("ix_merges_survivor", "merges", ["survivor"])
    op.create_table(
        "agreements",
        sa.Column("seq", BIG, primary_key=True, autoincrement=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("effective_at", UtcInstant(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
    )
    op.create_table(
        "imports",
        sa.Column("import_id", sa.Text(), primary_key=True),
        sa.Column("opened_seq", BIG, nullable=False),
        sa.Column("closed_seq", BIG),
    )
    op.create_table(
        "clues",
        sa.Column("key", sa.LargeBinary(), primary_key=True),
        sa.Column("letter", BIG, primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "records",
        sa.Column("offset", BIG, primary_key=True, autoincrement=True),
        sa.Column("received_at", UtcInstant(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sqlite_autoincrement=True,
    )


def _topics() -> None:
    op.create_table(
        "topics",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("topic_id", sa.Text(), nullable=False),
        sa.Column("partitions", sa.Integer(), nullable=False),
    )


def _secrets_to_timeline() -> None:
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "facts",
        sa.Column("seq", BIG, primary_key=True, autoincrement=False),
        sa.Column("lead_id", sa.Text()),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("occurred_at", UtcInstant()),
        sa.Column("received_at", UtcInstant(), nullable=False),
        sa.Column("stamp", UtcInstant(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("test", sa.Boolean(), nullable=False),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.Column("traits", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Text()),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("original", sa.LargeBinary()),
    )
    op.create_index(
        "facts_import", "facts", ["import_id", "lead_id"], sqlite_where=sa.text("import_id IS NOT NULL")
    )
    op.create_index("facts_lead", "facts", ["lead_id", "seq"])
    op.create_table(
        "timeline",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("conclusion_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.Column("stamp", UtcInstant(), nullable=False),
        sa.Column("cause_seq", BIG),
        sa.Column("timer_worker", sa.Text()),
        sa.Column("timer_kind", sa.Text()),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("was", sa.Text()),
    )
    op.create_index("timeline_lead", "timeline", ["lead_id", "worker", "version"])


def _leads() -> None:
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text()),
        sa.Column("email", sa.Text()),
        sa.Column("phone", sa.Text()),
        sa.Column("company", sa.Text()),
        sa.Column("external_ids", sa.Text()),
        sa.Column("first_at", UtcInstant()),
        sa.Column("test", sa.Boolean()),
        sa.Column("merged_into", sa.Text()),
        sa.Column("erased", sa.Boolean()),
        sa.Column("fit", sa.Integer()),
        sa.Column("engagement", sa.Integer()),
        sa.Column("cell", sa.Text()),
        sa.Column("band", sa.Text()),
        sa.Column("scored_at", UtcInstant()),
        sa.Column("stage", sa.Text()),
        sa.Column("stage_since", UtcInstant()),
        sa.Column("cycle", sa.Integer()),
        sa.Column("owner", sa.Text()),
        sa.Column("team", sa.Text()),
        sa.Column("stalled_since", UtcInstant()),
        sa.Column("outcome", sa.Text()),
        sa.Column("origin", sa.Text()),
        sa.Column("campaign", sa.Text()),
        sa.Column("segment", sa.Text()),
        sa.Column("captured_at", UtcInstant()),
        sa.Column("won_at", UtcInstant()),
        sa.Column("revenue_minor", BIG),
    )
    op.create_index(
        "leads_stalled", "leads", ["stalled_since"], sqlite_where=sa.text("stalled_since IS NOT NULL")
    )


def _handoffs_to_sla_clocks() -> None:
    op.create_table(
        "handoffs",
        sa.Column("handoff_id", sa.Text(), primary_key=True),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("cycle", sa.Integer()),
        sa.Column("team", sa.Text()),
        sa.Column("owner", sa.Text()),
        sa.Column("opened_at", UtcInstant()),
        sa.Column("accepted_at", UtcInstant()),
        sa.Column("rejected_at", UtcInstant()),
        sa.Column("rejection_reason", sa.Text()),
        sa.Column("closed_at", UtcInstant()),
        sa.Column("close_reason", sa.Text()),
        sa.Column("brief", sa.Text()),
    )
    op.create_index("ix_handoffs_lead_id", "handoffs", ["lead_id"])
    op.create_table(
        "sla_clocks",
        sa.Column("handoff_id", sa.Text(), primary_key=True),
        sa.Column("clock", sa.Text(), primary_key=True),
        sa.Column("turn", sa.Integer(), primary_key=True),
        sa.Column("lead_id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text()),
        sa.Column("calendar", sa.Text()),
        sa.Column("started_at", UtcInstant()),
        sa.Column("due_at", UtcInstant()),
        sa.Column("paused", sa.Boolean()),
        sa.Column("warned_rate", sa.Text()),
        sa.Column("breached_at", UtcInstant()),
        sa.Column("escalated_step", sa.Integer()),
        sa.Column("ended_at", UtcInstant()),
        sa.Column("ended_as", sa.Text()),
        sa.Column("elapsed_seconds", BIG),
        sa.Column("working_seconds", BIG),
    )
    op.create_index("ix_sla_clocks_lead_id", "sla_clocks", ["lead_id"])


def _alerts_to_metrics() -> None:
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.Text(), primary_key=True),
        sa.Column("lead_id", sa.Text()),
        sa.Column("kind", sa.Text()),
        sa.Column("about", sa.Text()),
        sa.Column("severity", sa.Text()),
        sa.Column("opened_at", UtcInstant()),
        sa.Column("due_at", UtcInstant()),
        sa.Column("summary", sa.Text()),
        sa.Column("owner", sa.Text()),
        sa.Column("team", sa.Text()),
        sa.Column("recipients", sa.Text()),
        sa.Column("said_count", sa.Integer()),
        sa.Column("last_said_at", UtcInstant()),
        sa.Column("resolved_at", UtcInstant()),
        sa.Column("resolved_reason", sa.Text()),
    )
    op.create_index("ix_alerts_lead_id", "alerts", ["lead_id"])
    op.create_table(
        "metrics",
        sa.Column("measure", sa.Text(), primary_key=True),
        sa.Column("cohort_on", Day(), primary_key=True),
        sa.Column("on", Day(), primary_key=True),
        sa.Column("detail", sa.Text(), primary_key=True),
        sa.Column("origin", sa.Text(), primary_key=True),
        sa.Column("campaign", sa.Text(), primary_key=True),
        sa.Column("segment", sa.Text(), primary_key=True),
        sa.Column("team", sa.Text(), primary_key=True),
        sa.Column("owner", sa.Text(), primary_key=True),
        sa.Column("bucket", sa.Integer(), primary_key=True),
        sa.Column("partition", sa.Integer(), primary_key=True),
        sa.Column("value", BIG, nullable=False),
        sqlite_with_rowid=False,
    )


def _restatements_to_dead_letters() -> None:
    op.create_table(
        "restatements",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("stamp", UtcInstant(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("cohort_on", Day(), nullable=False),
        sa.Column("on", Day(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("bucket", sa.Integer()),
        sa.Column("old", BIG, nullable=False),
        sa.Column("new", BIG, nullable=False),
    )
    op.create_table(
        "dead_letters",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        sa.Column("offset", BIG),
        sa.Column("received_at", UtcInstant(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("source", sa.Text()),
        sa.Column("event_id", sa.Text()),
        sa.Column("original", sa.LargeBinary()),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("closed_at", UtcInstant()),
        sa.Column("closed_as", sa.Text()),
        sa.Column("closed_because", sa.Text()),
        sa.Column("event_ids", sa.Text()),
    )
    op.create_index("dead_letters_event", "dead_letters", ["source", "event_id"])
    op.create_index("ix_dead_letters_key", "dead_letters", ["key"])
