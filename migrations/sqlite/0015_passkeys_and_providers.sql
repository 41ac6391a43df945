-- The passkeys of an account: what its owner calls it, and the public key with its counter (JSON).
create table passkeys (
    id text not null primary key,
    account text not null references accounts (id),
    credential_id blob not null unique,
    credential text not null,
    name text not null,
    created_at integer not null,
    used_at integer
) strict, without rowid;

create index passkeys_account on passkeys (account);

-- Challenges that wait for an answer, each for the browser that has its token; they are taken once. Of an account, unless
-- nobody has said yet who signs in.
create table passkey_challenges (
    token_hash blob not null primary key,
    purpose text not null,
    account text references accounts (id),
    name text not null,
    state text not null,
    created_at integer not null
) strict, without rowid;

create index passkey_challenges_account on passkey_challenges (account);

-- As whom another provider knows the owner of an account. The subject stands here only as a value that nobody without the
-- vault's key can make.
create table identities (
    subject blob not null primary key,
    id text not null unique,
    account text not null references accounts (id),
    issuer text not null,
    created_at integer not null,
    used_at integer,
    unique (account, issuer)
) strict, without rowid;

-- Ways to another provider that were begun, each for the browser that has its token; they are taken once. Of an account
-- where it is to be linked.
create table provider_requests (
    token_hash blob not null primary key,
    state_hash blob not null,
    provider text not null,
    account text references accounts (id),
    nonce text not null,
    verifier text not null,
    next text not null,
    created_at integer not null
) strict, without rowid;

-- Whether more was proved than a password when the session was opened: what opens personal data asks for it.
alter table sessions add column strong integer not null default 0;
