-- Requests of data subjects, consents, who looked at whose data, and what was deleted when its time was over.

-- What leads to a person, and goes when the personal data of a record is erased. What stands of a person otherwise is
-- in `subject_fields`, encrypted by a key outside the database.
create table subject_records (
    id text not null primary key,
    kind text not null check (kind in ('request', 'consent')),
    -- What records of one citizen number have in common, by a key outside the database.
    person blob,
    -- The hash of the receipt code.
    receipt blob not null unique,
    erased_at integer
) strict, without rowid;

create index subject_records_person_idx on subject_records (person);

create table subject_fields (
    record text not null references subject_records (id),
    field text not null,
    sealed blob not null,
    primary key (record, field)
) strict, without rowid;

-- Each step is a further version with its entry in the journal; the last one stands.
create table request_versions (
    id text not null,
    version integer not null check (version > 0),
    -- Year and number in it, by which people speak of a request.
    year integer not null,
    number integer not null,
    kind text not null,
    channel text not null check (channel in ('counter', 'letter', 'online')),
    step text not null,
    state text not null check (state in ('received', 'answered', 'decided', 'closed', 'erased')),
    at integer not null,
    actor text not null,
    received_at integer not null,
    -- Last days; null while the calendar of their year is not known.
    answer_due integer,
    complete_due integer,
    -- The next of them of what is open; null of what is not, or is not known.
    next_due integer,
    identity text not null check (identity in ('unchecked', 'confirmed', 'failed')),
    identity_how text not null,
    answered_at integer,
    extensions integer not null check (extensions >= 0),
    outcome text not null check (outcome in ('', 'granted', 'partly', 'refused', 'withdrawn')),
    law text not null,
    closed_at integer,
    -- What the personal fields, and the words of this step, come to; both with random bytes that are encrypted too.
    facts blob not null,
    words blob not null,
    made_up integer not null check (made_up in (0, 1)),
    entry integer not null,
    primary key (id, version)
) strict, without rowid;

create unique index request_versions_entry_key on request_versions (entry);
create unique index request_versions_number_key on request_versions (year, number, version);
create index request_versions_due_idx on request_versions (state, next_due);

create table consent_versions (
    id text not null,
    version integer not null check (version > 0),
    purpose text not null,
    -- The number of the text, its language and its hash.
    text_version integer not null,
    lang text not null,
    text_hash blob not null,
    channel text not null check (channel in ('counter', 'letter', 'online')),
    state text not null check (state in ('given', 'withdrawn', 'erased')),
    at integer not null,
    actor text not null,
    given_at integer not null,
    withdrawn_at integer,
    withdrawn_by text not null check (withdrawn_by in ('', 'counter', 'letter', 'online')),
    facts blob not null,
    made_up integer not null check (made_up in (0, 1)),
    entry integer not null,
    primary key (id, version)
) strict, without rowid;

create unique index consent_versions_entry_key on consent_versions (entry);
create index consent_versions_at_idx on consent_versions (at);

-- Who had personal data shown, of which record, for what. The words are encrypted.
create table subject_readings (
    id text not null primary key,
    record text not null,
    at integer not null,
    actor text not null,
    purpose text not null,
    words blob not null,
    facts blob not null,
    entry integer not null
) strict, without rowid;

create unique index subject_readings_entry_key on subject_readings (entry);
create index subject_readings_at_idx on subject_readings (at);

-- What would be deleted, and what was.
create table retention_reports (
    id text not null primary key,
    made_at integer not null,
    actor text not null,
    applied_at integer,
    applied_by text not null,
    entry integer
) strict, without rowid;

create table retention_items (
    report text not null references retention_reports (id),
    rule text not null,
    what text not null,
    -- The record; empty where the rule is for all that is older.
    record text not null,
    -- What is older than this instant is over.
    before integer not null,
    amount integer not null,
    -- Whether something that is open keeps it.
    held integer not null check (held in (0, 1)),
    deleted integer not null,
    primary key (report, rule, record)
) strict, without rowid;

-- Which definitions somebody used; packs ask it before one changes.
create view used_definitions as
select distinct 'request_kind' as kind, kind as code, 0 as text_version from request_versions
union all
select distinct 'consent_purpose' as kind, purpose as code, text_version from consent_versions;
