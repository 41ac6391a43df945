-- The keys outside the database by which something in it was encrypted, each with a value that tells whether another
-- is in its place.
create table vault_keys (
    id bigint not null primary key,
    mark bytea not null,
    noted_at bigint not null
);

-- What an account proves besides its password; it counts once a code confirmed it. A code is taken once: only those
-- of later steps than the last.
create table second_factors (
    account text collate "C" not null primary key references accounts (id),
    secret bytea not null,
    begun_at bigint not null,
    confirmed_at bigint,
    last_step bigint not null
);

create table recovery_codes (
    account text collate "C" not null references accounts (id),
    code_hash bytea not null,
    used_at bigint,
    primary key (account, code_hash)
);

-- Who has given the password and not yet the code.
create table half_sessions (
    token_hash bytea not null primary key,
    account text collate "C" not null references accounts (id),
    created_at bigint not null
);

-- What the owner of an account is shown of its sessions, and of what was tried.
alter table sessions add column address text collate "C" not null default '';
alter table sessions add column browser text collate "C" not null default '';

create table sign_ins (
    id text collate "C" not null primary key,
    account text collate "C" not null references accounts (id),
    at bigint not null,
    address text collate "C" not null,
    outcome text collate "C" not null
);

create index sign_ins_account_at on sign_ins (account, at);
create index sign_ins_at on sign_ins (at);
