"""When roles and access keys were used last. It only adds: programs that do not know the columns leave them alone."""

import sqlalchemy as sa
from alembic import op

from gatepass.store.columns import String

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("roles", "access_keys"):
        op.add_column(table, sa.Column("last_used", sa.Double()))
        op.add_column(table, sa.Column("last_used_service", String))
        op.add_column(table, sa.Column("last_used_region", String))
