"""Seals of the change log.

Revision ID: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adsync.state.seals import seal_entry

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """What was written before is sealed as it stands now, without a key: who has changed it until today is not seen."""
    op.create_table(
        "seal",
        sa.Column("customer_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("keyed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "number"),
    )
    connection = op.get_bind()
    for entry_id in connection.execute(sa.text("SELECT id FROM change_log ORDER BY id")).scalars().all():
        seal_entry(connection, entry_id, "")
