"""What the service writes: predictions, feedback, events, idempotency, keys, sessions and modes."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from fenzhen.store.columns import DOCUMENT, SERIAL, Key, Moment, Words
from fenzhen.store.migrations.versions.v0001_ledger import SQLITE as LEDGER_TRIGGERS

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ACTIONS = "action IN ('promote', 'rollback', 'external', 'retire', 'mode')"
BEFORE = "id, at, actor, action, model, from_version, to_version, reason, manifest_sha256"


def upgrade() -> None:
    """Let the ledger hold modes, and create the tables with their indexes."""
    if op.get_bind().dialect.name == "sqlite":
        _rebuild_ledger()
    else:
        _extend_ledger()
    _predictions()
    _feedback()
    _ticket_events()
    _idempotency()
    _keys_and_sessions()
    _modes()


def _mode_columns() -> tuple[sa.Column[Any], ...]:
    return (sa.Column("field", sa.Text), sa.Column("value", sa.Text), sa.Column("from_mode", sa.String(10)),
            sa.Column("to_mode", sa.String(10)))


def _extend_ledger() -> None:
    for column in _mode_columns():
        op.add_column("ledger", column)
    op.drop_constraint("ledger_action", "ledger")
    op.create_check_constraint("ledger_action", "ledger", ACTIONS)


def _rebuild_ledger() -> None:
    """SQLite cannot change a constraint: copy the ledger, which keeps its ids, order and triggers."""
    op.create_table(
        "ledger_new",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("from_version", sa.Integer),
        sa.Column("to_version", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("manifest_sha256", sa.String(64)),
        *_mode_columns(),
        sa.CheckConstraint(ACTIONS, name="ledger_action"),
    )
    op.execute(f"INSERT INTO ledger_new ({BEFORE}) SELECT {BEFORE} FROM ledger ORDER BY id")
    op.drop_table("ledger")
    op.rename_table("ledger_new", "ledger")
    op.create_index("ledger_model_at", "ledger", ["model", "at"])
    for trigger in LEDGER_TRIGGERS:
        op.execute(trigger)


def _predictions() -> None:
    op.create_table(
        "predictions",
        sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("prediction_id", Key, nullable=False, unique=True),
        sa.Column("ticket_id", Key),
        sa.Column("at", Moment, nullable=False),
        sa.Column("request_id", Words, nullable=False),
        sa.Column("key_id", Words, nullable=False),
        sa.Column("subject", Words),
        sa.Column("body", Words),
        sqlite_autoincrement=True,
    )
    op.create_index("predictions_ticket", "predictions", ["ticket_id", "seq"])
    op.create_index("predictions_at", "predictions", ["at"])
    op.create_table(
        "prediction_fields",
        sa.Column("prediction_id", Key, primary_key=True),
        sa.Column("field", Key, primary_key=True),
        sa.Column("status", Words, nullable=False),
        sa.Column("value", Words),
        sa.Column("confidence", sa.Double),
        sa.Column("decision", Words),
        sa.Column("model", Words),
        sa.Column("version", sa.Integer),
        sa.Column("alternatives", DOCUMENT),
        sa.Column("spans", DOCUMENT),
        sqlite_with_rowid=False,
    )


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("prediction_id", Key, nullable=False),
        sa.Column("ticket_id", Key),
        sa.Column("field", Key, nullable=False),
        sa.Column("actor", Key, nullable=False),
        sa.Column("verdict", Words, nullable=False),
        sa.Column("value", Words),
        sa.Column("predicted", Words),
        sa.Column("decision", Words),
        sa.Column("model", Words),
        sa.Column("version", sa.Integer),
        sa.Column("at", Moment, nullable=False),
        sa.Column("request_id", Words, nullable=False),
        sa.Column("key_id", Words, nullable=False),
        sa.Column("superseded_by", SERIAL),
        sa.CheckConstraint("verdict IN ('accepted', 'corrected', 'rejected')", name="feedback_verdict"),
    )
    current = sa.text("superseded_by IS NULL")
    op.create_index("feedback_current", "feedback", ["prediction_id", "field", "actor"], unique=True,
                    sqlite_where=current, postgresql_where=current)
    op.create_index("feedback_ticket", "feedback", ["ticket_id", "field"])
    op.create_index("feedback_at", "feedback", ["at"])


def _ticket_events() -> None:
    op.create_table(
        "ticket_events",
        sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("fact", Key, nullable=False, unique=True),
        sa.Column("ticket_id", Key, nullable=False),
        sa.Column("event", Words, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("event_id", Key),
        sa.Column("facts", DOCUMENT),
        sa.Column("source", Words, nullable=False),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("request_id", Words, nullable=False),
        sa.Column("key_id", Words, nullable=False),
    )
    op.create_index("ticket_events_id", "ticket_events", ["ticket_id", "event_id"], unique=True)
    op.create_index("ticket_events_ticket", "ticket_events", ["ticket_id", "at"])
    op.create_index("ticket_events_at", "ticket_events", ["at"])


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("key_id", Key, primary_key=True),
        sa.Column("idempotency_key", Key, primary_key=True),
        sa.Column("body_hmac", Words, nullable=False),
        sa.Column("lease", Key),
        sa.Column("begun_at", Moment, nullable=False),
        sa.Column("lease_until", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("answer", sa.LargeBinary),
    )
    op.create_index("idempotency_lease", "idempotency", ["lease"], unique=True)
    op.create_index("idempotency_expires", "idempotency", ["expires_at"])


def _keys_and_sessions() -> None:
    op.create_table(
        "keys",
        sa.Column("id", Key, primary_key=True),
        sa.Column("sha256", Key, nullable=False, unique=True),
        sa.Column("scopes", DOCUMENT, nullable=False),
        sa.Column("owner", Words),
        sa.Column("name", Words, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("expires_at", Moment),
        sa.Column("revoked_at", Moment),
    )
    op.create_table(
        "sessions",
        sa.Column("sha256", Key, primary_key=True),
        sa.Column("key_id", Key, nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("expires_at", Moment, nullable=False),
    )
    op.create_index("sessions_expires", "sessions", ["expires_at"])


def _modes() -> None:
    op.create_table(
        "modes",
        sa.Column("field", Key, primary_key=True),
        sa.Column("value", Key, primary_key=True),
        sa.Column("mode", Words, nullable=False),
        sa.Column("actor", Words, nullable=False),
        sa.Column("reason", Words, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.CheckConstraint("mode IN ('off', 'suggest', 'auto')", name="modes_mode"),
    )
    revisions = op.create_table(
        "revisions",
        sa.Column("name", Key, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(revisions, [{"name": "modes", "revision": 0}, {"name": "keys", "revision": 0}])
