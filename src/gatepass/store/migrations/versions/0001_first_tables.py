"""The first tables."""

import sqlalchemy as sa
from alembic import op

from gatepass.store.columns import String, Text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _deployment()
    _identity_pools()
    _identities()
    _roles()
    _access()


def _deployment() -> None:
    op.create_table(
        "deployment",
        sa.Column("singleton", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("deployment_id", String, nullable=False),
        sa.Column("account", String, nullable=False),
        sa.Column("region", String, nullable=False),
        sa.Column("compatible_with", String, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("singleton", name="pk_deployment"),
        sa.CheckConstraint("singleton = 1", name=op.f("ck_deployment_singleton")),
    )
    op.create_table(
        "changes",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", String, nullable=False),
        sa.Column("id", String, nullable=False),
        sa.PrimaryKeyConstraint("revision", name="pk_changes"),
    )


def _identity_pools() -> None:
    op.create_table(
        "identity_pools",
        sa.Column("id", String, nullable=False),
        sa.Column("name", String, nullable=False),
        sa.Column("allow_unauthenticated", sa.Boolean(), nullable=False),
        sa.Column("allow_classic_flow", sa.Boolean()),
        sa.Column("supported_login_providers", Text, nullable=False),
        sa.Column("developer_provider_name", String),
        sa.Column("open_id_connect_provider_arns", Text, nullable=False),
        sa.Column("cognito_identity_providers", Text, nullable=False),
        sa.Column("saml_provider_arns", Text, nullable=False),
        sa.Column("tags", Text, nullable=False),
        sa.Column("roles", Text, nullable=False),
        sa.Column("role_mappings", Text, nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("modified", sa.Double(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identity_pools"),
    )


def _identities() -> None:
    op.create_table(
        "identities",
        sa.Column("id", String, nullable=False),
        sa.Column("pool_id", String, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("modified", sa.Double(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_identities"),
        sa.ForeignKeyConstraint(["pool_id"], ["identity_pools.id"], name="fk_identities_pool_id", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_identities_pool_id", "identities", ["pool_id"])
    op.create_table(
        "identity_logins",
        sa.Column("pool_id", String, nullable=False),
        sa.Column("provider", String, nullable=False),
        sa.Column("subject", String, nullable=False),
        sa.Column("identity_id", String, nullable=False),
        sa.PrimaryKeyConstraint("pool_id", "provider", "subject", name="pk_identity_logins"),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identities.id"], name="fk_identity_logins_identity_id", ondelete="CASCADE"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_identity_logins_identity_id", "identity_logins", ["identity_id"])


def _roles() -> None:
    op.create_table(
        "roles",
        sa.Column("name", String, nullable=False),
        sa.Column("folded_name", String, nullable=False),
        sa.Column("path", String, nullable=False),
        sa.Column("id", String, nullable=False),
        sa.Column("arn", String, nullable=False),
        sa.Column("trust_policy", Text, nullable=False),
        sa.Column("description", Text),
        sa.Column("max_session_duration", sa.Integer(), nullable=False),
        sa.Column("permissions_boundary", String),
        sa.Column("tags", Text, nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_roles"),
        sa.UniqueConstraint("folded_name", name="uq_roles_folded_name"),
        sa.UniqueConstraint("id", name="uq_roles_id"),
    )
    for table, column, more in (
        ("role_inline_policies", "policy_name", [sa.Column("document", Text, nullable=False)]),
        ("role_attached_policies", "policy_arn", []),
    ):
        op.create_table(
            table,
            sa.Column("role_name", String, nullable=False),
            sa.Column(column, String, nullable=False),
            *more,
            sa.PrimaryKeyConstraint("role_name", column, name=f"pk_{table}"),
            sa.ForeignKeyConstraint(["role_name"], ["roles.name"], name=f"fk_{table}_role_name", ondelete="CASCADE"),
        )


def _access() -> None:
    op.create_table(
        "access_keys",
        sa.Column("id", String, nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("user_name", String),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_keys"),
    )
    op.create_index("ix_access_keys_user_name", "access_keys", ["user_name"])
    op.create_table(
        "epochs",
        sa.Column("kind", String, nullable=False),
        sa.Column("id", String, nullable=False),
        sa.Column("not_before", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_epochs"),
    )
