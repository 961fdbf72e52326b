"""When guests were last seen. It only adds: what programs that do not know the column add is not known to be seen."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("identities", sa.Column("seen", sa.Double()))
