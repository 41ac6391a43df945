-- Days are counted from 1970-01-01, instants in microseconds UTC; ranges are half open.

-- Territory -------------------------------------------------------------------------------------

create table acts (
    id bigint not null primary key,
    number text collate "C" not null,
    issuer text collate "C" not null,
    title text collate "C" not null,
    adopted_on bigint,
    effective_on bigint,
    source text collate "C" not null
);

create table units (
    id bigint not null primary key,
    level text collate "C" not null,
    origin bigint references units (id),
    made_up bigint not null check (made_up in (0, 1))
);

create table unit_versions (
    unit bigint not null references units (id),
    valid_from bigint not null,
    valid_to bigint not null,
    code text collate "C",
    name text collate "C" not null,
    full_name text collate "C" not null,
    kind text collate "C" not null,
    parent bigint references units (id),
    act bigint references acts (id),
    primary key (unit, valid_from),
    check (valid_from < valid_to)
);

create table unit_changes (
    id bigint not null primary key,
    act bigint references acts (id),
    happened_on bigint not null,
    kind text collate "C" not null,
    from_unit bigint references units (id),
    to_unit bigint references units (id),
    part text collate "C" not null check (part in ('whole', 'share', 'unknown')),
    share_numerator bigint,
    share_denominator bigint,
    note text collate "C" not null
);

create table outlines (
    unit bigint not null references units (id),
    valid_from bigint not null,
    valid_to bigint not null,
    schematic bigint not null,
    source text collate "C" not null,
    polygons text collate "C" not null,
    primary key (unit, valid_from, schematic)
);

create table unit_operations (
    id text collate "C" not null primary key,
    kind text collate "C" not null,
    description text collate "C" not null,
    effective_on bigint not null,
    plan text collate "C" not null,
    applied_at bigint not null,
    applied_by text collate "C" not null,
    undone_at bigint,
    undone_by text collate "C"
);

-- Counts up with every change of the territory or of a definition, so that what the program keeps in memory is
-- known to be stale.
create table revisions (
    name text collate "C" not null primary key,
    number bigint not null
);

insert into revisions (name, number) values ('territory', 0), ('definitions', 0);

-- Journal ---------------------------------------------------------------------------------------

create table journal_head (
    id bigint not null primary key check (id = 1),
    next_seq bigint not null,
    last_at bigint not null,
    hash bytea not null
);

insert into journal_head (id, next_seq, last_at, hash) values (1, 1, 0, decode(repeat('00', 32), 'hex'));

create table entries (
    seq bigint not null primary key check (seq > 0),
    id text collate "C" not null,
    recorded_at bigint not null,
    actor text collate "C" not null,
    cause text collate "C" not null,
    record_kind text collate "C" not null,
    record_id text collate "C" not null,
    record_version bigint not null,
    content_hash bytea not null,
    postings bytea not null,
    hash bytea not null
);

create unique index entries_id_key on entries (id);

-- What other areas may read of the journal: which record each entry sealed, with which hash, and for whom.
create view sealed_records as
select seq, recorded_at, actor, record_kind, record_id, record_version, content_hash from entries;

create table postings (
    measure bigint not null,
    day bigint not null,
    unit bigint not null,
    entry bigint not null,
    line bigint not null,
    delta bigint not null,
    records bigint not null,
    primary key (measure, day, unit, entry, line)
);

create table cells (
    measure bigint not null,
    half bigint not null,
    totals bytea not null,
    days bytea not null,
    primary key (measure, half)
);

-- Definitions and observations ----------------------------------------------------------------------

create table packs (
    name text collate "C" not null primary key,
    version text collate "C" not null,
    applied_at bigint not null
);

create table definitions (
    kind text collate "C" not null,
    code text collate "C" not null,
    number bigint not null,
    pack text collate "C" not null,
    body text collate "C" not null,
    primary key (kind, code)
);

create table files (
    hash bytea not null primary key,
    name text collate "C" not null,
    media_type text collate "C" not null,
    content bytea not null
);

create table observation_versions (
    id text collate "C" not null,
    version bigint not null,
    unit bigint not null references units (id),
    measure bigint not null,
    day_from bigint not null,
    day bigint not null,
    value bigint,
    source text collate "C" not null,
    made_up bigint not null check (made_up in (0, 1)),
    evidence bytea references files (hash),
    reason text collate "C",
    entry bigint not null,
    primary key (id, version)
);

-- What was known of a flow before an entry; and what hangs on units that an undone merger takes away.
create index observation_versions_measure_idx on observation_versions (measure, day);
create index observation_versions_unit_idx on observation_versions (unit);

-- Whether a database shows made-up counts is asked for every page.
create index observation_versions_made_up_idx on observation_versions (made_up)
where made_up = 1;

create table observations (
    unit bigint not null,
    measure bigint not null,
    day bigint not null,
    day_from bigint not null,
    id text collate "C" not null,
    version bigint not null,
    value bigint not null,
    primary key (unit, measure, day, day_from)
);

create unique index observations_id_key on observations (id);

-- Which units have records, one row for each record, of whatever area. The territory asks it
-- before units go; an area whose records point to units adds its own here.
create view records_on_units as
select unit, id as record from observation_versions where version = 1;

-- Access ----------------------------------------------------------------------------------------

create table accounts (
    id text collate "C" not null primary key,
    name text collate "C" not null,
    password text collate "C" not null,
    created_at bigint not null
);

create unique index accounts_name_key on accounts (name);

create table sessions (
    token_hash bytea not null primary key,
    account text collate "C" not null references accounts (id),
    csrf text collate "C" not null,
    created_at bigint not null,
    seen_at bigint not null
);
