"""How many of a day's sessions came from ads.

Revision ID: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Of the days that were copied before it stays unknown, which is not zero."""
    op.add_column("site_day", sa.Column("ad_sessions", sa.Integer(), nullable=True))
