-- The keys outside the database by which something in it was encrypted, each with a value that tells whether another
-- is in its place.
create table vault_keys (
    id integer not null primary key,
    mark blob not null,
    noted_at integer not null
) strict;

-- What an account proves besides its password; it counts once a code confirmed it. A code is taken once: only those
-- of later steps than the last.
create table second_factors (
    account text not null primary key references accounts (id),
    secret blob not null,
    begun_at integer not null,
    confirmed_at integer,
    last_step integer not null
) strict, without rowid;

create table recovery_codes (
    account text not null references accounts (id),
    code_hash blob not null,
    used_at integer,
    primary key (account, code_hash)
) strict, without rowid;

-- Who has given the password and not yet the code.
create table half_sessions (
    token_hash blob not null primary key,
    account text not null references accounts (id),
    created_at integer not null
) strict, without rowid;

-- What the owner of an account is shown of its sessions, and of what was tried.
alter table sessions add column address text not null default '';
alter table sessions add column browser text not null default '';

create table sign_ins (
    id text not null primary key,
    account text not null references accounts (id),
    at integer not null,
    address text not null,
    outcome text not null
) strict, without rowid;

create index sign_ins_account_at on sign_ins (account, at);
create index sign_ins_at on sign_ins (at);
