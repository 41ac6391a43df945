-- Days are counted from 1970-01-01, instants in microseconds UTC; ranges are half open.

-- Territory -------------------------------------------------------------------------------------

create table acts (
    id integer not null primary key,
    number text not null,
    issuer text not null,
    title text not null,
    adopted_on integer,
    effective_on integer,
    source text not null
) strict;

create table units (
    id integer not null primary key,
    level text not null,
    origin integer references units (id),
    made_up integer not null check (made_up in (0, 1))
) strict;

create table unit_versions (
    unit integer not null references units (id),
    valid_from integer not null,
    valid_to integer not null,
    code text,
    name text not null,
    full_name text not null,
    kind text not null,
    parent integer references units (id),
    act integer references acts (id),
    primary key (unit, valid_from),
    check (valid_from < valid_to)
) strict, without rowid;

create table unit_changes (
    id integer not null primary key,
    act integer references acts (id),
    happened_on integer not null,
    kind text not null,
    from_unit integer references units (id),
    to_unit integer references units (id),
    part text not null check (part in ('whole', 'share', 'unknown')),
    share_numerator integer,
    share_denominator integer,
    note text not null
) strict;

create table outlines (
    unit integer not null references units (id),
    valid_from integer not null,
    valid_to integer not null,
    schematic integer not null,
    source text not null,
    polygons text not null,
    primary key (unit, valid_from, schematic)
) strict, without rowid;

create table unit_operations (
    id text not null primary key,
    kind text not null,
    description text not null,
    effective_on integer not null,
    plan text not null,
    applied_at integer not null,
    applied_by text not null,
    undone_at integer,
    undone_by text
) strict;

-- Counts up with every change of the territory or of a definition, so that what the program keeps in memory is
-- known to be stale.
create table revisions (
    name text not null primary key,
    number integer not null
) strict, without rowid;

insert into revisions (name, number) values ('territory', 0), ('definitions', 0);

-- Journal ---------------------------------------------------------------------------------------

create table journal_head (
    id integer not null primary key check (id = 1),
    next_seq integer not null,
    last_at integer not null,
    hash blob not null
) strict;

insert into journal_head (id, next_seq, last_at, hash) values (1, 1, 0, zeroblob(32));

create table entries (
    seq integer not null primary key check (seq > 0),
    id text not null,
    recorded_at integer not null,
    actor text not null,
    cause text not null,
    record_kind text not null,
    record_id text not null,
    record_version integer not null,
    content_hash blob not null,
    postings blob not null,
    hash blob not null
) strict;

create unique index entries_id_key on entries (id);

-- What other areas may read of the journal: which record each entry sealed, with which hash, and for whom.
create view sealed_records as
select seq, recorded_at, actor, record_kind, record_id, record_version, content_hash from entries;

create table postings (
    measure integer not null,
    day integer not null,
    unit integer not null,
    entry integer not null,
    line integer not null,
    delta integer not null,
    records integer not null,
    primary key (measure, day, unit, entry, line)
) strict, without rowid;

create table cells (
    measure integer not null,
    half integer not null,
    totals blob not null,
    days blob not null,
    primary key (measure, half)
) strict;

-- Definitions and observations ----------------------------------------------------------------------

create table packs (
    name text not null primary key,
    version text not null,
    applied_at integer not null
) strict, without rowid;

create table definitions (
    kind text not null,
    code text not null,
    number integer not null,
    pack text not null,
    body text not null,
    primary key (kind, code)
) strict, without rowid;

create table files (
    hash blob not null primary key,
    name text not null,
    media_type text not null,
    content blob not null
) strict;

create table observation_versions (
    id text not null,
    version integer not null,
    unit integer not null references units (id),
    measure integer not null,
    day_from integer not null,
    day integer not null,
    value integer,
    source text not null,
    made_up integer not null check (made_up in (0, 1)),
    evidence blob references files (hash),
    reason text,
    entry integer not null,
    primary key (id, version)
) strict, without rowid;

-- What was known of a flow before an entry; and what hangs on units that an undone merger takes away.
create index observation_versions_measure_idx on observation_versions (measure, day);
create index observation_versions_unit_idx on observation_versions (unit);

-- Whether a database shows made-up counts is asked for every page.
create index observation_versions_made_up_idx on observation_versions (made_up)
where made_up = 1;

create table observations (
    unit integer not null,
    measure integer not null,
    day integer not null,
    day_from integer not null,
    id text not null,
    version integer not null,
    value integer not null,
    primary key (unit, measure, day, day_from)
) strict, without rowid;

create unique index observations_id_key on observations (id);

-- Which units have records, one row for each record, of whatever area. The territory asks it
-- before units go; an area whose records point to units adds its own here.
create view records_on_units as
select unit, id as record from observation_versions where version = 1;

-- Access ----------------------------------------------------------------------------------------

create table accounts (
    id text not null primary key,
    name text not null,
    password text not null,
    created_at integer not null
) strict, without rowid;

create unique index accounts_name_key on accounts (name);

create table sessions (
    token_hash blob not null primary key,
    account text not null references accounts (id),
    csrf text not null,
    created_at integer not null,
    seen_at integer not null
) strict, without rowid;
