-- Who looked at what of whom, when and for which purpose; each with its entry in the journal, which keeps a hash under
-- random bytes. Nothing is ever changed in it.
create table reads (
    id text not null primary key,
    at integer not null,
    -- The name of the account.
    actor text not null,
    act text not null,
    record_kind text not null,
    -- One record; empty for a list.
    record text not null,
    -- As it was numbered then; a merger that is undone takes the unit away and not the look.
    unit integer,
    purpose text not null,
    words text not null,
    -- So many people, or records, were shown.
    shown integer not null,
    salt blob not null,
    entry integer not null
) strict, without rowid;

create unique index reads_entry_key on reads (entry);
create index reads_actor_idx on reads (actor, entry);
create index reads_at_idx on reads (at);

-- The people whose data was shown: each by an id, or by the blind index of a number.
create table read_subjects (
    read text not null references reads (id),
    subject text not null,
    primary key (read, subject)
) strict, without rowid;

create index read_subjects_subject_idx on read_subjects (subject);
