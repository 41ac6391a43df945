-- Which units are shown together only, so that small numbers of a protected measure cannot be computed. Groups only
-- ever grow: what was shown together once is not shown apart later.
create table protected_groups (
    measure bigint not null primary key,
    territory bigint not null,
    definitions bigint not null,
    body text collate "C" not null
);

-- What an account may do beyond what every account may.
create table account_roles (
    account text collate "C" not null references accounts (id),
    role text collate "C" not null,
    primary key (account, role)
);

insert into account_roles (account, role) select id, 'protected-figures' from accounts;
