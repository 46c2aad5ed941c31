"""Scores of cohort models, what people did about them, and a customer's tickets found by customer."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from fenzhen.store.columns import DOCUMENT, SERIAL, Key, Moment, Words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

READABLE = "status IN ('writing', 'complete')"


def upgrade() -> None:
    """Create the tables with their indexes."""
    _runs()
    _scores()
    _outcomes()
    op.execute("CREATE INDEX ticket_events_customer ON ticket_events ((facts ->> 'customer_id'))")


def _runs() -> None:
    op.create_table(
        "risk_runs",
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("model", Key, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("as_of", Moment, nullable=False),
        sa.Column("horizon_days", sa.Integer, nullable=False),
        sa.Column("data_until", Moment),
        sa.Column("status", Words, nullable=False),
        sa.Column("row_count", sa.Integer, nullable=False),
        sa.Column("written", sa.Integer, nullable=False),
        sa.Column("fingerprint", Words, nullable=False),
        sa.Column("writer", Words, nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("completed_at", Moment),
        sa.CheckConstraint("status IN ('writing', 'complete', 'replaced', 'dropped')", name="risk_runs_status"),
        sqlite_autoincrement=True,
    )
    op.create_index("risk_runs_newest", "risk_runs", ["model", "status", "as_of", "id"])
    op.create_index("risk_runs_one", "risk_runs", ["model", "version", "as_of", "status"], unique=True,
                    sqlite_where=sa.text(READABLE), postgresql_where=sa.text(READABLE))


def _key() -> tuple[sa.Column[Any], ...]:
    return (sa.Column("run_id", SERIAL, primary_key=True, autoincrement=False),
            sa.Column("entity", Key, primary_key=True), sa.Column("component", Key, primary_key=True))


def _scores() -> None:
    op.create_table(
        "risk_scores",
        *_key(),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("risk_level", Words, nullable=False),
        sa.Column("change", Words, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        *(sa.Column(name, Words) for name in (
            "previous_level", "previous_reason", "reason", "name", "owner", "customer_tier", "region")),
        sa.Column("renewal_at", Moment),
        sa.Column("value_at_risk", sa.Double),
        sa.Column("currency", Words),
        sa.Column("history", DOCUMENT, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "risk_details",
        *_key(),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "risk_blocks",
        sa.Column("run_id", SERIAL, primary_key=True, autoincrement=False),
        sa.Column("start", SERIAL, primary_key=True, autoincrement=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )


def _outcomes() -> None:
    op.create_table(
        "outcomes",
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("model", Key, nullable=False),
        sa.Column("entity", Key, nullable=False),
        sa.Column("component", Key, nullable=False),
        sa.Column("outcome", Words, nullable=False),
        sa.Column("reason", Key),
        sa.Column("note", Words),
        sa.Column("until", Moment),
        sa.Column("actor", Key, nullable=False),
        sa.Column("owner", Key),
        sa.Column("risk_level", Words),
        sa.Column("as_of", Moment),
        sa.Column("at", Moment, nullable=False),
        sa.Column("request_id", Words, nullable=False),
        sa.Column("key_id", Words, nullable=False),
        sa.CheckConstraint("outcome IN ('contacted', 'snoozed', 'saved', 'lost')", name="outcomes_outcome"),
    )
    op.create_index("outcomes_entity", "outcomes", ["model", "entity", "component", "id"])
    op.create_index("outcomes_newest", "outcomes", ["model", "id"])
    op.create_index("outcomes_at", "outcomes", ["at"])
