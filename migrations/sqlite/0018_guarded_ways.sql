-- When the session last proved more than a password: what changes the ways in asks for it anew after a while.
alter table sessions add column proved_at integer not null default 0;

-- The session that began to set a second factor up: nobody else is shown the secret.
alter table second_factors add column begun_by blob;

-- By which an account that has a guarded right gets its first factor: one at a time, for a few days, taken by one session.
create table enrolment_codes (
    account text not null primary key references accounts (id),
    code_hash blob not null,
    made_at integer not null,
    taken_by blob
) strict, without rowid;

-- Who drew a password or an enrolment code of an account, and so could have come in: others give it what it may do.
create table account_openers (
    account text not null references accounts (id),
    actor text not null,
    primary key (account, actor)
) strict, without rowid;

insert into account_openers (account, actor)
select distinct e.record_id, e.actor from entries e join accounts a on a.id = e.record_id
where e.record_kind = 'account' and e.cause in ('access.add_account', 'access.reset_password');
