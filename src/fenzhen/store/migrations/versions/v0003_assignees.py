"""What is told of the people who take tickets, and a counter of its changes."""

import sqlalchemy as sa
from alembic import op

from fenzhen.store.columns import DOCUMENT, Key, Moment, Words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and begin to count."""
    op.create_table(
        "assignee_state",
        sa.Column("assignee_id", Key, primary_key=True),
        sa.Column("name", Words),
        sa.Column("group", Words),
        sa.Column("skills", DOCUMENT),
        sa.Column("open_tickets", sa.Double),
        sa.Column("capacity", sa.Double),
        sa.Column("status", Words),
        sa.Column("updated_at", Moment, nullable=False),
        sa.Column("key_id", Words, nullable=False),
    )
    revisions = sa.table("revisions", sa.column("name"), sa.column("revision"))
    op.bulk_insert(revisions, [{"name": "assignees", "revision": 0}])
