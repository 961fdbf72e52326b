"""The tables. Alembic compares this with its migrations; `schema_sqlite.sql` is what a new store is made from.

After a change: write a migration, add its revision to `versions.py`, and run `python -m gatepass.store.schema`, which
writes the SQL files anew. Tests prove that the three agree. Programs that serve do not import this module: they would
pay for SQLAlchemy with 15 MiB and a tenth of a second.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    create_mock_engine,
    make_url,
)

from gatepass.store.columns import String, Text

SQLITE_FILE = Path(__file__).with_name("schema_sqlite.sql")


def _last_use() -> tuple[Column[Any], ...]:
    """When something was used last, for which service and in which region; older programs do not write it."""
    return Column("last_used", Double), Column("last_used_service", String), Column("last_used_region", String)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Table(  # one row: what this store belongs to, and how often its policies changed
    "deployment",
    metadata,
    Column("singleton", Integer, primary_key=True, autoincrement=False),
    Column("deployment_id", String, nullable=False),
    Column("account", String, nullable=False),
    Column("region", String, nullable=False),
    Column("compatible_with", String, nullable=False),
    Column("revision", Integer, nullable=False),
    CheckConstraint("singleton = 1", name="singleton"),
)

Table(  # every change of what decides, in the order of its commits; old ones are pruned
    "changes",
    metadata,
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("kind", String, nullable=False),
    Column("id", String, nullable=False),
)

Table(  # what every process on this store must have the same of; what it is made from is not here
    "fingerprints",
    metadata,
    Column("name", String, primary_key=True),
    Column("fingerprint", String, nullable=False),
)

Table(  # one row a connection that writes: how its client learns whether a commit that was cut short took place
    "writers",
    metadata,
    Column("id", String, primary_key=True),
    Column("writes", Integer, nullable=False),
    Column("seen", Double, nullable=False),
)

Table(
    "identity_pools",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("allow_unauthenticated", Boolean, nullable=False),
    Column("allow_classic_flow", Boolean),
    Column("supported_login_providers", Text, nullable=False),
    Column("developer_provider_name", String),
    Column("open_id_connect_provider_arns", Text, nullable=False),
    Column("cognito_identity_providers", Text, nullable=False),
    Column("saml_provider_arns", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("roles", Text, nullable=False),
    Column("role_mappings", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("modified", Double, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("principal_tags", Text, nullable=False, server_default="{}"),  # older programs do not write it
)

Table(
    "identities",
    metadata,
    Column("id", String, primary_key=True),
    Column("pool_id", String, ForeignKey("identity_pools.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("enabled", Boolean, nullable=False),
    Column("created", Double, nullable=False),
    Column("modified", Double, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("seen", Double),  # the day a guest last came, roughly; older programs do not write it
    sqlite_with_rowid=False,
)

Table(  # its primary key is what makes a login lead to one identity only
    "identity_logins",
    metadata,
    Column("pool_id", String, primary_key=True),
    Column("provider", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("identity_id", String, ForeignKey("identities.id", ondelete="CASCADE"), nullable=False, index=True),
    sqlite_with_rowid=False,
)

Table(
    "roles",
    metadata,
    Column("name", String, primary_key=True),
    Column("folded_name", String, nullable=False, unique=True),  # names that differ in case only are one name to IAM
    Column("path", String, nullable=False),
    Column("id", String, nullable=False, unique=True),
    Column("arn", String, nullable=False),
    Column("trust_policy", Text, nullable=False),
    Column("description", Text),
    Column("max_session_duration", Integer, nullable=False),
    Column("permissions_boundary", String, index=True),
    Column("tags", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("revision", Integer, nullable=False),
    *_last_use(),
)

Table(
    "role_inline_policies",
    metadata,
    Column("role_name", String, ForeignKey("roles.name", ondelete="CASCADE"), primary_key=True),
    Column("policy_name", String, primary_key=True),
    Column("document", Text, nullable=False),
)

Table(
    "role_attached_policies",
    metadata,
    Column("role_name", String, ForeignKey("roles.name", ondelete="CASCADE"), primary_key=True),
    Column("policy_arn", String, primary_key=True, index=True),
)

Table(
    "users",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("folded_name", String, nullable=False, unique=True),
    Column("path", String, nullable=False),
    Column("arn", String, nullable=False),
    Column("permissions_boundary", String, index=True),
    Column("tags", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("revision", Integer, nullable=False),
)

Table(
    "user_groups",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("folded_name", String, nullable=False, unique=True),
    Column("path", String, nullable=False),
    Column("arn", String, nullable=False),
    Column("created", Double, nullable=False),
    Column("revision", Integer, nullable=False),
)

Table(
    "user_group_members",
    metadata,
    Column("group_id", String, ForeignKey("user_groups.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", String, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True),
)

for _owner in ("user", "user_group"):
    Table(
        f"{_owner}_inline_policies",
        metadata,
        Column(f"{_owner}_id", String, ForeignKey(f"{_owner}s.id", ondelete="CASCADE"), primary_key=True),
        Column("policy_name", String, primary_key=True),
        Column("document", Text, nullable=False),
    )
    Table(
        f"{_owner}_attached_policies",
        metadata,
        Column(f"{_owner}_id", String, ForeignKey(f"{_owner}s.id", ondelete="CASCADE"), primary_key=True),
        Column("policy_arn", String, primary_key=True, index=True),
    )

Table(
    "managed_policies",
    metadata,
    Column("arn", String, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("folded_name", String, nullable=False, unique=True),
    Column("path", String, nullable=False),
    Column("id", String, nullable=False, unique=True),
    Column("description", Text),
    Column("default_version", Integer, nullable=False),
    Column("latest_version", Integer, nullable=False),
    Column("tags", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Column("revision", Integer, nullable=False),
)

Table(
    "managed_policy_versions",
    metadata,
    Column("policy_arn", String, ForeignKey("managed_policies.arn", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
    Column("created", Double, nullable=False),
)

Table(
    "oidc_providers",
    metadata,
    Column("arn", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("client_ids", Text, nullable=False),
    Column("thumbprints", Text, nullable=False),
    Column("tags", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("revision", Integer, nullable=False),
)

Table(  # the secret is sealed by the key ring: a copy of the store gives no one a key
    "access_keys",
    metadata,
    Column("id", String, primary_key=True),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("user_name", String, index=True),
    Column("active", Boolean, nullable=False),
    Column("created", Double, nullable=False),
    *_last_use(),
)

Table(  # sign OpenID tokens; sealed like access keys
    "signing_keys",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("sealed_key", LargeBinary, nullable=False),
    Column("created", Double, nullable=False),
    Column("activated", Double),
)

Table(  # sessions of this pool, role, identity or key that were issued before are void
    "epochs",
    metadata,
    Column("kind", String, primary_key=True),
    Column("id", String, primary_key=True),
    Column("not_before", Double, nullable=False),
)


def ddl(url: str) -> str:
    """What `metadata.create_all` runs on an engine of this kind, one statement after the other."""
    dialect = make_url(url).get_dialect()()
    statements: list[str] = []
    engine = create_mock_engine(
        url, lambda statement, *_, **__: statements.append(str(statement.compile(dialect=dialect)))
    )
    metadata.create_all(engine, checkfirst=False)
    return "\n\n".join(_tidy(statement) + ";" for statement in statements) + "\n"


def _tidy(statement: str) -> str:
    return "\n".join(line.expandtabs(4).rstrip() for line in statement.strip().splitlines())


if __name__ == "__main__":
    SQLITE_FILE.write_text(ddl("sqlite://"))
