"""The ledger, which databases themselves keep append-only."""

import sqlalchemy as sa
from alembic import op

from fenzhen.store.columns import Moment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQLITE = (
    """CREATE TRIGGER ledger_not_updated BEFORE UPDATE ON ledger
       BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
    """CREATE TRIGGER ledger_not_deleted BEFORE DELETE ON ledger
       BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
    """CREATE TRIGGER ledger_not_replaced BEFORE INSERT ON ledger
       WHEN EXISTS (SELECT 1 FROM ledger WHERE id = NEW.id)
       BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
)

POSTGRESQL = (
    """CREATE FUNCTION fenzhen_append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$""",
    """CREATE TRIGGER ledger_not_changed BEFORE UPDATE OR DELETE ON ledger
       FOR EACH ROW EXECUTE FUNCTION fenzhen_append_only()""",
    """CREATE TRIGGER ledger_not_emptied BEFORE TRUNCATE ON ledger
       FOR EACH STATEMENT EXECUTE FUNCTION fenzhen_append_only()""",
)


def upgrade() -> None:
    """Create the table, its index and its triggers."""
    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("from_version", sa.Integer),
        sa.Column("to_version", sa.Integer),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("manifest_sha256", sa.String(64)),
        sa.CheckConstraint("action IN ('promote', 'rollback', 'external', 'retire')", name="ledger_action"),
    )
    op.create_index("ledger_model_at", "ledger", ["model", "at"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)
