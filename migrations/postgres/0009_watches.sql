-- Messages on their way out, written in the transaction that does what they tell of. Whoever delivers one holds it
-- by a lease; what was delivered goes. `recipient` is the id of a record elsewhere, never an address.
create table outbox (
    id text collate "C" not null primary key,
    kind text collate "C" not null,
    recipient text collate "C" not null,
    payload text collate "C" not null,
    made_at bigint not null,
    due_at bigint not null,
    tries bigint not null,
    lease text collate "C" not null,
    leased_until bigint not null,
    given_up bigint not null check (given_up in (0, 1)),
    failure text collate "C" not null
);

create index outbox_due_idx on outbox (given_up, kind, due_at);
create index outbox_recipient_idx on outbox (recipient);

-- Who wants to be told by e-mail. Personal data: it stands here alone, and goes with the last watch.
create table watchers (
    id text collate "C" not null primary key,
    address text collate "C" not null unique,
    lang text collate "C" not null,
    token text collate "C" not null unique,
    made_at bigint not null,
    asked bigint not null,
    asked_since bigint not null
);

-- What somebody watches: a target or an indicator, of one unit. `confirm` is the hash of the token that confirms
-- it, and empty once it is confirmed.
create table watches (
    id text collate "C" not null primary key,
    watcher text collate "C" not null references watchers (id),
    kind text collate "C" not null,
    code text collate "C" not null,
    unit bigint not null,
    confirm bytea not null,
    asked_at bigint not null,
    confirmed_at bigint,
    unique (watcher, kind, code, unit)
);

create index watches_what_idx on watches (kind, code, unit);
create index watches_confirm_idx on watches (confirm);

-- How each thing stood when it was last looked at.
create table watch_states (
    kind text collate "C" not null,
    code text collate "C" not null,
    unit bigint not null,
    state text collate "C" not null,
    primary key (kind, code, unit)
);

-- What has changed since; also what web feeds tell.
create table watch_changes (
    seq bigint not null primary key,
    id text collate "C" not null unique,
    kind text collate "C" not null,
    code text collate "C" not null,
    unit bigint not null,
    told_at bigint not null,
    told_on bigint not null,
    made_up bigint not null check (made_up in (0, 1)),
    change text collate "C" not null
);

create index watch_changes_what_idx on watch_changes (kind, code, unit, seq);

-- What was looked at: so many entries, on that day, with that state of definitions and units.
create table watch_head (
    id bigint not null primary key check (id = 1),
    entries bigint not null,
    looked_on bigint not null,
    definitions bigint not null,
    territory bigint not null,
    began_at bigint not null,
    next_seq bigint not null
);

insert into watch_head (id, entries, looked_on, definitions, territory, began_at, next_seq)
values (1, -1, 0, -1, -1, 0, 1);

-- Whoever asks for letters or ends watches moves this number, so that others who do wait until they see it.
insert into revisions (name, number) values ('watches', 0);
