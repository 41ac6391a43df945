-- Requests of data subjects, consents, who looked at whose data, and what was deleted when its time was over.

-- What leads to a person, and goes when the personal data of a record is erased. What stands of a person otherwise is
-- in `subject_fields`, encrypted by a key outside the database.
create table subject_records (
    id text collate "C" not null primary key,
    kind text collate "C" not null check (kind in ('request', 'consent')),
    -- What records of one citizen number have in common, by a key outside the database.
    person bytea,
    -- The hash of the receipt code.
    receipt bytea not null unique,
    erased_at bigint
);

create index subject_records_person_idx on subject_records (person);

create table subject_fields (
    record text collate "C" not null references subject_records (id),
    field text collate "C" not null,
    sealed bytea not null,
    primary key (record, field)
);

-- Each step is a further version with its entry in the journal; the last one stands.
create table request_versions (
    id text collate "C" not null,
    version bigint not null check (version > 0),
    -- Year and number in it, by which people speak of a request.
    year bigint not null,
    number bigint not null,
    kind text collate "C" not null,
    channel text collate "C" not null check (channel in ('counter', 'letter', 'online')),
    step text collate "C" not null,
    state text collate "C" not null check (state in ('received', 'answered', 'decided', 'closed', 'erased')),
    at bigint not null,
    actor text collate "C" not null,
    received_at bigint not null,
    -- Last days; null while the calendar of their year is not known.
    answer_due bigint,
    complete_due bigint,
    -- The next of them of what is open; null of what is not, or is not known.
    next_due bigint,
    identity text collate "C" not null check (identity in ('unchecked', 'confirmed', 'failed')),
    identity_how text collate "C" not null,
    answered_at bigint,
    extensions bigint not null check (extensions >= 0),
    outcome text collate "C" not null check (outcome in ('', 'granted', 'partly', 'refused', 'withdrawn')),
    law text collate "C" not null,
    closed_at bigint,
    -- What the personal fields, and the words of this step, come to; both with random bytes that are encrypted too.
    facts bytea not null,
    words bytea not null,
    made_up bigint not null check (made_up in (0, 1)),
    entry bigint not null,
    primary key (id, version)
);

create unique index request_versions_entry_key on request_versions (entry);
create unique index request_versions_number_key on request_versions (year, number, version);
create index request_versions_due_idx on request_versions (state, next_due);

create table consent_versions (
    id text collate "C" not null,
    version bigint not null check (version > 0),
    purpose text collate "C" not null,
    -- The number of the text, its language and its hash.
    text_version bigint not null,
    lang text collate "C" not null,
    text_hash bytea not null,
    channel text collate "C" not null check (channel in ('counter', 'letter', 'online')),
    state text collate "C" not null check (state in ('given', 'withdrawn', 'erased')),
    at bigint not null,
    actor text collate "C" not null,
    given_at bigint not null,
    withdrawn_at bigint,
    withdrawn_by text collate "C" not null check (withdrawn_by in ('', 'counter', 'letter', 'online')),
    facts bytea not null,
    made_up bigint not null check (made_up in (0, 1)),
    entry bigint not null,
    primary key (id, version)
);

create unique index consent_versions_entry_key on consent_versions (entry);
create index consent_versions_at_idx on consent_versions (at);

-- Who had personal data shown, of which record, for what. The words are encrypted.
create table subject_readings (
    id text collate "C" not null primary key,
    record text collate "C" not null,
    at bigint not null,
    actor text collate "C" not null,
    purpose text collate "C" not null,
    words bytea not null,
    facts bytea not null,
    entry bigint not null
);

create unique index subject_readings_entry_key on subject_readings (entry);
create index subject_readings_at_idx on subject_readings (at);

-- What would be deleted, and what was.
create table retention_reports (
    id text collate "C" not null primary key,
    made_at bigint not null,
    actor text collate "C" not null,
    applied_at bigint,
    applied_by text collate "C" not null,
    entry bigint
);

create table retention_items (
    report text collate "C" not null references retention_reports (id),
    rule text collate "C" not null,
    what text collate "C" not null,
    -- The record; empty where the rule is for all that is older.
    record text collate "C" not null,
    -- What is older than this instant is over.
    before bigint not null,
    amount bigint not null,
    -- Whether something that is open keeps it.
    held bigint not null check (held in (0, 1)),
    deleted bigint not null,
    primary key (report, rule, record)
);

-- Which definitions somebody used; packs ask it before one changes.
create view used_definitions as
select distinct 'request_kind' as kind, kind as code, cast(0 as bigint) as text_version from request_versions
union all
select distinct 'consent_purpose' as kind, purpose as code, text_version from consent_versions;
