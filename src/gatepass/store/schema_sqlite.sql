CREATE TABLE deployment (
    singleton INTEGER NOT NULL,
    deployment_id VARCHAR NOT NULL,
    account VARCHAR NOT NULL,
    region VARCHAR NOT NULL,
    compatible_with VARCHAR NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_deployment PRIMARY KEY (singleton),
    CONSTRAINT ck_deployment_singleton CHECK (singleton = 1)
);

CREATE TABLE changes (
    revision INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    CONSTRAINT pk_changes PRIMARY KEY (revision)
);

CREATE TABLE fingerprints (
    name VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    CONSTRAINT pk_fingerprints PRIMARY KEY (name)
);

CREATE TABLE writers (
    id VARCHAR NOT NULL,
    writes INTEGER NOT NULL,
    seen DOUBLE NOT NULL,
    CONSTRAINT pk_writers PRIMARY KEY (id)
);

CREATE TABLE identity_pools (
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    allow_unauthenticated BOOLEAN NOT NULL,
    allow_classic_flow BOOLEAN,
    supported_login_providers TEXT NOT NULL,
    developer_provider_name VARCHAR,
    open_id_connect_provider_arns TEXT NOT NULL,
    cognito_identity_providers TEXT NOT NULL,
    saml_provider_arns TEXT NOT NULL,
    tags TEXT NOT NULL,
    roles TEXT NOT NULL,
    role_mappings TEXT NOT NULL,
    created DOUBLE NOT NULL,
    modified DOUBLE NOT NULL,
    revision INTEGER NOT NULL,
    principal_tags TEXT DEFAULT '{}' NOT NULL,
    CONSTRAINT pk_identity_pools PRIMARY KEY (id)
);

CREATE TABLE roles (
    name VARCHAR NOT NULL,
    folded_name VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    arn VARCHAR NOT NULL,
    trust_policy TEXT NOT NULL,
    description TEXT,
    max_session_duration INTEGER NOT NULL,
    permissions_boundary VARCHAR,
    tags TEXT NOT NULL,
    created DOUBLE NOT NULL,
    revision INTEGER NOT NULL,
    last_used DOUBLE,
    last_used_service VARCHAR,
    last_used_region VARCHAR,
    CONSTRAINT pk_roles PRIMARY KEY (name),
    CONSTRAINT uq_roles_folded_name UNIQUE (folded_name),
    CONSTRAINT uq_roles_id UNIQUE (id)
);

CREATE INDEX ix_roles_permissions_boundary ON roles (permissions_boundary);

CREATE TABLE users (
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    folded_name VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    arn VARCHAR NOT NULL,
    permissions_boundary VARCHAR,
    tags TEXT NOT NULL,
    created DOUBLE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_name UNIQUE (name),
    CONSTRAINT uq_users_folded_name UNIQUE (folded_name)
);

CREATE INDEX ix_users_permissions_boundary ON users (permissions_boundary);

CREATE TABLE user_groups (
    id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    folded_name VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    arn VARCHAR NOT NULL,
    created DOUBLE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_user_groups PRIMARY KEY (id),
    CONSTRAINT uq_user_groups_name UNIQUE (name),
    CONSTRAINT uq_user_groups_folded_name UNIQUE (folded_name)
);

CREATE TABLE managed_policies (
    arn VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    folded_name VARCHAR NOT NULL,
    path VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    description TEXT,
    default_version INTEGER NOT NULL,
    latest_version INTEGER NOT NULL,
    tags TEXT NOT NULL,
    created DOUBLE NOT NULL,
    updated DOUBLE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_managed_policies PRIMARY KEY (arn),
    CONSTRAINT uq_managed_policies_name UNIQUE (name),
    CONSTRAINT uq_managed_policies_folded_name UNIQUE (folded_name),
    CONSTRAINT uq_managed_policies_id UNIQUE (id)
);

CREATE TABLE oidc_providers (
    arn VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    client_ids TEXT NOT NULL,
    thumbprints TEXT NOT NULL,
    tags TEXT NOT NULL,
    created DOUBLE NOT NULL,
    revision INTEGER NOT NULL,
    CONSTRAINT pk_oidc_providers PRIMARY KEY (arn)
);

CREATE TABLE access_keys (
    id VARCHAR NOT NULL,
    sealed_secret BLOB NOT NULL,
    user_name VARCHAR,
    active BOOLEAN NOT NULL,
    created DOUBLE NOT NULL,
    last_used DOUBLE,
    last_used_service VARCHAR,
    last_used_region VARCHAR,
    CONSTRAINT pk_access_keys PRIMARY KEY (id)
);

CREATE INDEX ix_access_keys_user_name ON access_keys (user_name);

CREATE TABLE signing_keys (
    number INTEGER NOT NULL,
    sealed_key BLOB NOT NULL,
    created DOUBLE NOT NULL,
    activated DOUBLE,
    CONSTRAINT pk_signing_keys PRIMARY KEY (number)
);

CREATE TABLE epochs (
    kind VARCHAR NOT NULL,
    id VARCHAR NOT NULL,
    not_before DOUBLE NOT NULL,
    CONSTRAINT pk_epochs PRIMARY KEY (kind, id)
);

CREATE TABLE identities (
    id VARCHAR NOT NULL,
    pool_id VARCHAR NOT NULL,
    enabled BOOLEAN NOT NULL,
    created DOUBLE NOT NULL,
    modified DOUBLE NOT NULL,
    revision INTEGER NOT NULL,
    seen DOUBLE,
    CONSTRAINT pk_identities PRIMARY KEY (id),
    CONSTRAINT fk_identities_pool_id FOREIGN KEY(pool_id) REFERENCES identity_pools (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_identities_pool_id ON identities (pool_id);

CREATE TABLE role_inline_policies (
    role_name VARCHAR NOT NULL,
    policy_name VARCHAR NOT NULL,
    document TEXT NOT NULL,
    CONSTRAINT pk_role_inline_policies PRIMARY KEY (role_name, policy_name),
    CONSTRAINT fk_role_inline_policies_role_name FOREIGN KEY(role_name) REFERENCES roles (name) ON DELETE CASCADE
);

CREATE TABLE role_attached_policies (
    role_name VARCHAR NOT NULL,
    policy_arn VARCHAR NOT NULL,
    CONSTRAINT pk_role_attached_policies PRIMARY KEY (role_name, policy_arn),
    CONSTRAINT fk_role_attached_policies_role_name FOREIGN KEY(role_name) REFERENCES roles (name) ON DELETE CASCADE
);

CREATE INDEX ix_role_attached_policies_policy_arn ON role_attached_policies (policy_arn);

CREATE TABLE user_group_members (
    group_id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    CONSTRAINT pk_user_group_members PRIMARY KEY (group_id, user_id),
    CONSTRAINT fk_user_group_members_group_id FOREIGN KEY(group_id) REFERENCES user_groups (id) ON DELETE CASCADE,
    CONSTRAINT fk_user_group_members_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX ix_user_group_members_user_id ON user_group_members (user_id);

CREATE TABLE user_inline_policies (
    user_id VARCHAR NOT NULL,
    policy_name VARCHAR NOT NULL,
    document TEXT NOT NULL,
    CONSTRAINT pk_user_inline_policies PRIMARY KEY (user_id, policy_name),
    CONSTRAINT fk_user_inline_policies_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE user_attached_policies (
    user_id VARCHAR NOT NULL,
    policy_arn VARCHAR NOT NULL,
    CONSTRAINT pk_user_attached_policies PRIMARY KEY (user_id, policy_arn),
    CONSTRAINT fk_user_attached_policies_user_id FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE INDEX ix_user_attached_policies_policy_arn ON user_attached_policies (policy_arn);

CREATE TABLE user_group_inline_policies (
    user_group_id VARCHAR NOT NULL,
    policy_name VARCHAR NOT NULL,
    document TEXT NOT NULL,
    CONSTRAINT pk_user_group_inline_policies PRIMARY KEY (user_group_id, policy_name),
    CONSTRAINT fk_user_group_inline_policies_user_group_id FOREIGN KEY(user_group_id) REFERENCES user_groups (id) ON DELETE CASCADE
);

CREATE TABLE user_group_attached_policies (
    user_group_id VARCHAR NOT NULL,
    policy_arn VARCHAR NOT NULL,
    CONSTRAINT pk_user_group_attached_policies PRIMARY KEY (user_group_id, policy_arn),
    CONSTRAINT fk_user_group_attached_policies_user_group_id FOREIGN KEY(user_group_id) REFERENCES user_groups (id) ON DELETE CASCADE
);

CREATE INDEX ix_user_group_attached_policies_policy_arn ON user_group_attached_policies (policy_arn);

CREATE TABLE managed_policy_versions (
    policy_arn VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    created DOUBLE NOT NULL,
    CONSTRAINT pk_managed_policy_versions PRIMARY KEY (policy_arn, version),
    CONSTRAINT fk_managed_policy_versions_policy_arn FOREIGN KEY(policy_arn) REFERENCES managed_policies (arn) ON DELETE CASCADE
);

CREATE TABLE identity_logins (
    pool_id VARCHAR NOT NULL,
    provider VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    identity_id VARCHAR NOT NULL,
    CONSTRAINT pk_identity_logins PRIMARY KEY (pool_id, provider, subject),
    CONSTRAINT fk_identity_logins_identity_id FOREIGN KEY(identity_id) REFERENCES identities (id) ON DELETE CASCADE
)
 WITHOUT ROWID;

CREATE INDEX ix_identity_logins_identity_id ON identity_logins (identity_id);
