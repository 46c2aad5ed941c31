"""Alerts of devices, the days they were made on and the tickets they yield."""

import sqlalchemy as sa
from alembic import op

from fenzhen.store.columns import DOCUMENT, Key, Moment, Words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables with their indexes."""
    _alerts()
    op.create_table(
        "device_alert_days",
        sa.Column("model", Key, primary_key=True),
        sa.Column("as_of", Moment, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("opened", sa.Integer, nullable=False),
        sa.Column("expired", sa.Integer, nullable=False),
        sa.Column("held_back", DOCUMENT, nullable=False),
    )
    op.create_table(
        "device_tickets",
        sa.Column("ticket_id", Key, primary_key=True),
        sa.Column("alert_id", Key, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("device_id", Key, nullable=False),
        sa.Column("customer_id", Key),
        sa.Column("product", Words),
        sa.Column("part", Words),
        sa.Column("subject", Words, nullable=False),
        sa.Column("body", Words, nullable=False),
        sa.Column("answers", DOCUMENT, nullable=False),
    )


def _alerts() -> None:
    op.create_table(
        "device_alerts",
        sa.Column("alert_id", Key, primary_key=True),
        sa.Column("open_key", Words, unique=True),
        sa.Column("model", Key, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("device_id", Key, nullable=False),
        sa.Column("component", Key, nullable=False),
        sa.Column("state", Words, nullable=False),
        *(sa.Column(name, Moment, nullable=False) for name in ("opened_at", "last_at", "last_high_at")),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("peak", sa.Double, nullable=False),
        sa.Column("horizon_days", sa.Integer, nullable=False),
        sa.Column("group_name", Words),
        *(sa.Column(name, Key) for name in (
            "site", "region", "batch", "supplier", "firmware", "device_model", "customer_id", "owner")),
        sa.Column("part", Words),
        sa.Column("skill", Words),
        sa.Column("ticket_id", Key),
        sa.Column("details", DOCUMENT, nullable=False),
        sa.Column("ended_at", Moment),
        sa.Column("outcome", Words),
        sa.Column("note", Words),
        sa.Column("actor", Key),
        sa.CheckConstraint("state IN ('open', 'expired', 'closed')", name="device_alerts_state"),
        sa.CheckConstraint("outcome IN ('confirmed', 'false', 'planned')", name="device_alerts_outcome"),
    )
    op.create_index("device_alerts_list", "device_alerts", ["state", "opened_at", "alert_id"])
    op.create_index("device_alerts_device", "device_alerts", ["device_id", "opened_at"])
