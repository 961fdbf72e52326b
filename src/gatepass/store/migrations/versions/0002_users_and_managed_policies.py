"""Users, groups, managed policies and OpenID Connect providers. It only adds."""

import sqlalchemy as sa
from alembic import op

from gatepass.store.columns import String, Text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_roles_permissions_boundary", "roles", ["permissions_boundary"])
    op.create_index("ix_role_attached_policies_policy_arn", "role_attached_policies", ["policy_arn"])
    _users()
    _groups()
    for owner in ("user", "user_group"):
        _policies_of(owner)
    _managed_policies()
    _oidc_providers()


def _named(table: str, *more: sa.Column[object]) -> None:
    """A table of what has an id that stays and a name that is unique in any case."""
    op.create_table(
        table,
        sa.Column("id", String, nullable=False),
        sa.Column("name", String, nullable=False),
        sa.Column("folded_name", String, nullable=False),
        sa.Column("path", String, nullable=False),
        sa.Column("arn", String, nullable=False),
        *more,
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("name", name=f"uq_{table}_name"),
        sa.UniqueConstraint("folded_name", name=f"uq_{table}_folded_name"),
    )


def _users() -> None:
    _named(
        "users",
        sa.Column("permissions_boundary", String),
        sa.Column("tags", Text, nullable=False),
    )
    op.create_index("ix_users_permissions_boundary", "users", ["permissions_boundary"])


def _groups() -> None:
    _named("user_groups")
    table = "user_group_members"
    op.create_table(
        table,
        sa.Column("group_id", String, nullable=False),
        sa.Column("user_id", String, nullable=False),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(["group_id"], ["user_groups.id"], name=f"fk_{table}_group_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=f"fk_{table}_user_id", ondelete="CASCADE"),
    )
    op.create_index(f"ix_{table}_user_id", table, ["user_id"])


def _policies_of(owner: str) -> None:
    for table, column, more in (
        (f"{owner}_inline_policies", "policy_name", [sa.Column("document", Text, nullable=False)]),
        (f"{owner}_attached_policies", "policy_arn", []),
    ):
        op.create_table(
            table,
            sa.Column(f"{owner}_id", String, nullable=False),
            sa.Column(column, String, nullable=False),
            *more,
            sa.PrimaryKeyConstraint(f"{owner}_id", column, name=f"pk_{table}"),
            sa.ForeignKeyConstraint(
                [f"{owner}_id"], [f"{owner}s.id"], name=f"fk_{table}_{owner}_id", ondelete="CASCADE"
            ),
        )
    op.create_index(f"ix_{owner}_attached_policies_policy_arn", f"{owner}_attached_policies", ["policy_arn"])


def _managed_policies() -> None:
    op.create_table(
        "managed_policies",
        sa.Column("arn", String, nullable=False),
        sa.Column("name", String, nullable=False),
        sa.Column("folded_name", String, nullable=False),
        sa.Column("path", String, nullable=False),
        sa.Column("id", String, nullable=False),
        sa.Column("description", Text),
        sa.Column("default_version", sa.Integer(), nullable=False),
        sa.Column("latest_version", sa.Integer(), nullable=False),
        sa.Column("tags", Text, nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("updated", sa.Double(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("arn", name="pk_managed_policies"),
        sa.UniqueConstraint("name", name="uq_managed_policies_name"),
        sa.UniqueConstraint("folded_name", name="uq_managed_policies_folded_name"),
        sa.UniqueConstraint("id", name="uq_managed_policies_id"),
    )
    op.create_table(
        "managed_policy_versions",
        sa.Column("policy_arn", String, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", Text, nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("policy_arn", "version", name="pk_managed_policy_versions"),
        sa.ForeignKeyConstraint(
            ["policy_arn"],
            ["managed_policies.arn"],
            name="fk_managed_policy_versions_policy_arn",
            ondelete="CASCADE",
        ),
    )


def _oidc_providers() -> None:
    op.create_table(
        "oidc_providers",
        sa.Column("arn", String, nullable=False),
        sa.Column("url", String, nullable=False),
        sa.Column("client_ids", Text, nullable=False),
        sa.Column("thumbprints", Text, nullable=False),
        sa.Column("tags", Text, nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("arn", name="pk_oidc_providers"),
    )
