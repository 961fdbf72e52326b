"""What processes that share a store need: fingerprints of their secrets, and a mark of each write. It only adds."""

import sqlalchemy as sa
from alembic import op

from gatepass.store.columns import String

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fingerprints",
        sa.Column("name", String, nullable=False),
        sa.Column("fingerprint", String, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_fingerprints"),
    )
    op.create_table(
        "writers",
        sa.Column("id", String, nullable=False),
        sa.Column("writes", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_writers"),
    )
