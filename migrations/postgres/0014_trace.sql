-- Who looked at what of whom, when and for which purpose; each with its entry in the journal, which keeps a hash under
-- random bytes. Nothing is ever changed in it.
create table reads (
    id text collate "C" not null primary key,
    at bigint not null,
    -- The name of the account.
    actor text collate "C" not null,
    act text collate "C" not null,
    record_kind text collate "C" not null,
    -- One record; empty for a list.
    record text collate "C" not null,
    -- As it was numbered then; a merger that is undone takes the unit away and not the look.
    unit bigint,
    purpose text collate "C" not null,
    words text collate "C" not null,
    -- So many people, or records, were shown.
    shown bigint not null,
    salt bytea not null,
    entry bigint not null
);

create unique index reads_entry_key on reads (entry);
create index reads_actor_idx on reads (actor, entry);
create index reads_at_idx on reads (at);

-- The people whose data was shown: each by an id, or by the blind index of a number.
create table read_subjects (
    read text collate "C" not null references reads (id),
    subject text collate "C" not null,
    primary key (read, subject)
);

create index read_subjects_subject_idx on read_subjects (subject);
