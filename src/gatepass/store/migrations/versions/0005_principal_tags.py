"""Principal tags of identity pools. It only adds: programs that do not know the column leave it as it is."""

import sqlalchemy as sa
from alembic import op

from gatepass.store.columns import Text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("identity_pools", sa.Column("principal_tags", Text, nullable=False, server_default="{}"))
