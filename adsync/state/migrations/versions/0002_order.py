"""Approvals know which entries of the change log came before them.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Until now the order was told by the second; those of old are put in that order."""
    op.add_column("approval", sa.Column("after_entry", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE approval SET after_entry = COALESCE("
        "(SELECT MAX(change_log.id) FROM change_log WHERE change_log.opened_at < approval.at), 0)"
    )
    with op.batch_alter_table("approval") as table:
        table.alter_column("after_entry", server_default=None)
