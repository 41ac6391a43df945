-- Which units are shown together only, so that small numbers of a protected measure cannot be computed. Groups only
-- ever grow: what was shown together once is not shown apart later.
create table protected_groups (
    measure integer not null primary key,
    territory integer not null,
    definitions integer not null,
    body text not null
) strict;

-- What an account may do beyond what every account may.
create table account_roles (
    account text not null references accounts (id),
    role text not null,
    primary key (account, role)
) strict, without rowid;

insert into account_roles (account, role) select id, 'protected-figures' from accounts;
