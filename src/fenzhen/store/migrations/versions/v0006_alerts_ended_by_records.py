"""Alerts may be ended by what is recorded of their component: its failure, or a service of it."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATES = "state IN ('open', 'expired', 'failed', 'serviced', 'closed')"


def upgrade() -> None:
    """Allow the two states; SQLite writes the table anew for it."""
    with op.batch_alter_table("device_alerts") as table:
        table.drop_constraint("device_alerts_state", type_="check")
        table.create_check_constraint("device_alerts_state", STATES)
