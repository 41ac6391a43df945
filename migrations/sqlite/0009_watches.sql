-- Messages on their way out, written in the transaction that does what they tell of. Whoever delivers one holds it
-- by a lease; what was delivered goes. `recipient` is the id of a record elsewhere, never an address.
create table outbox (
    id text not null primary key,
    kind text not null,
    recipient text not null,
    payload text not null,
    made_at integer not null,
    due_at integer not null,
    tries integer not null,
    lease text not null,
    leased_until integer not null,
    given_up integer not null check (given_up in (0, 1)),
    failure text not null
) strict, without rowid;

create index outbox_due_idx on outbox (given_up, kind, due_at);
create index outbox_recipient_idx on outbox (recipient);

-- Who wants to be told by e-mail. Personal data: it stands here alone, and goes with the last watch.
create table watchers (
    id text not null primary key,
    address text not null unique,
    lang text not null,
    token text not null unique,
    made_at integer not null,
    asked integer not null,
    asked_since integer not null
) strict, without rowid;

-- What somebody watches: a target or an indicator, of one unit. `confirm` is the hash of the token that confirms
-- it, and empty once it is confirmed.
create table watches (
    id text not null primary key,
    watcher text not null references watchers (id),
    kind text not null,
    code text not null,
    unit integer not null,
    confirm blob not null,
    asked_at integer not null,
    confirmed_at integer,
    unique (watcher, kind, code, unit)
) strict, without rowid;

create index watches_what_idx on watches (kind, code, unit);
create index watches_confirm_idx on watches (confirm);

-- How each thing stood when it was last looked at.
create table watch_states (
    kind text not null,
    code text not null,
    unit integer not null,
    state text not null,
    primary key (kind, code, unit)
) strict, without rowid;

-- What has changed since; also what web feeds tell.
create table watch_changes (
    seq integer not null primary key,
    id text not null unique,
    kind text not null,
    code text not null,
    unit integer not null,
    told_at integer not null,
    told_on integer not null,
    made_up integer not null check (made_up in (0, 1)),
    change text not null
) strict;

create index watch_changes_what_idx on watch_changes (kind, code, unit, seq);

-- What was looked at: so many entries, on that day, with that state of definitions and units.
create table watch_head (
    id integer not null primary key check (id = 1),
    entries integer not null,
    looked_on integer not null,
    definitions integer not null,
    territory integer not null,
    began_at integer not null,
    next_seq integer not null
) strict;

insert into watch_head (id, entries, looked_on, definitions, territory, began_at, next_seq)
values (1, -1, 0, -1, -1, 0, 1);

-- Whoever asks for letters or ends watches moves this number, so that others who do wait until they see it.
insert into revisions (name, number) values ('watches', 0);
