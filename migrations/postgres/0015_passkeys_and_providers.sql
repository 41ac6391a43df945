-- The passkeys of an account: what its owner calls it, and the public key with its counter (JSON).
create table passkeys (
    id text collate "C" not null primary key,
    account text collate "C" not null references accounts (id),
    credential_id bytea not null unique,
    credential text collate "C" not null,
    name text collate "C" not null,
    created_at bigint not null,
    used_at bigint
);

create index passkeys_account on passkeys (account);

-- Challenges that wait for an answer, each for the browser that has its token; they are taken once. Of an account, unless
-- nobody has said yet who signs in.
create table passkey_challenges (
    token_hash bytea not null primary key,
    purpose text collate "C" not null,
    account text collate "C" references accounts (id),
    name text collate "C" not null,
    state text collate "C" not null,
    created_at bigint not null
);

create index passkey_challenges_account on passkey_challenges (account);

-- As whom another provider knows the owner of an account. The subject stands here only as a value that nobody without the
-- vault's key can make.
create table identities (
    subject bytea not null primary key,
    id text collate "C" not null unique,
    account text collate "C" not null references accounts (id),
    issuer text collate "C" not null,
    created_at bigint not null,
    used_at bigint,
    unique (account, issuer)
);

-- Ways to another provider that were begun, each for the browser that has its token; they are taken once. Of an account
-- where it is to be linked.
create table provider_requests (
    token_hash bytea not null primary key,
    state_hash bytea not null,
    provider text collate "C" not null,
    account text collate "C" references accounts (id),
    nonce text collate "C" not null,
    verifier text collate "C" not null,
    next text collate "C" not null,
    created_at bigint not null
);

-- Whether more was proved than a password when the session was opened: what opens personal data asks for it.
alter table sessions add column strong bigint not null default 0;
