-- Who stands where: agencies, their posts, people, who holds which post, who signs for whom. Each change is a further
-- version with its entry in the journal; of each record its last version stands. Periods are half open; an empty one
-- says that what was decided never took effect.

create table agency_versions (
    id text collate "C" not null,
    version bigint not null check (version > 0),
    event text collate "C" not null check (event in ('established', 'changed', 'ended')),
    on_day bigint not null,
    name text collate "C" not null,
    short_name text collate "C" not null,
    symbol text collate "C" not null,
    kind text collate "C" not null,
    parent text collate "C",
    -- The unit that it serves.
    unit bigint references units (id),
    -- Of one that ended: the agency that took over its tasks.
    successor text collate "C",
    decision text collate "C" not null,
    made_up bigint not null check (made_up in (0, 1)),
    entry bigint not null,
    primary key (id, version)
);

create unique index agency_versions_entry_key on agency_versions (entry);
create index agency_versions_unit_idx on agency_versions (unit);

create table post_versions (
    id text collate "C" not null,
    version bigint not null check (version > 0),
    agency text collate "C" not null,
    title text collate "C" not null,
    -- As it is written under a document, "Phó Chủ tịch".
    signs_as text collate "C" not null,
    leads bigint not null check (leads in (0, 1)),
    -- The order of signatures; 1 comes first.
    rank bigint not null check (rank > 0),
    -- Whether one person at a time holds it.
    single bigint not null check (single in (0, 1)),
    valid_from bigint not null,
    valid_to bigint not null,
    decision text collate "C" not null,
    made_up bigint not null check (made_up in (0, 1)),
    entry bigint not null,
    primary key (id, version),
    check (valid_from <= valid_to)
);

create unique index post_versions_entry_key on post_versions (entry);
create index post_versions_agency_idx on post_versions (agency);

create table person_versions (
    id text collate "C" not null,
    version bigint not null check (version > 0),
    name text collate "C" not null,
    email text collate "C" not null,
    phone text collate "C" not null,
    account text collate "C" references accounts (id),
    -- Random bytes that the journal's hash covers beside the name, so that nobody finds the name by trying.
    salt bytea not null,
    made_up bigint not null check (made_up in (0, 1)),
    entry bigint not null,
    primary key (id, version)
);

create unique index person_versions_entry_key on person_versions (entry);
create index person_versions_email_idx on person_versions (email);

create table holding_versions (
    id text collate "C" not null,
    version bigint not null check (version > 0),
    person text collate "C" not null,
    post text collate "C" not null,
    manner text collate "C" not null check (manner in ('appointed', 'acting', 'in_charge')),
    valid_from bigint not null,
    valid_to bigint not null,
    decision text collate "C" not null,
    -- The document by which it ended; empty until then.
    end_decision text collate "C" not null,
    made_up bigint not null check (made_up in (0, 1)),
    entry bigint not null,
    primary key (id, version),
    check (valid_from <= valid_to)
);

create unique index holding_versions_entry_key on holding_versions (entry);
create index holding_versions_post_idx on holding_versions (post);
create index holding_versions_person_idx on holding_versions (person);

create table delegation_versions (
    id text collate "C" not null,
    version bigint not null check (version > 0),
    holding text collate "C" not null,
    form text collate "C" not null check (form in ('kt', 'tl', 'tuq')),
    to_post text collate "C",
    to_person text collate "C",
    subject text collate "C" not null,
    valid_from bigint not null,
    valid_to bigint not null,
    decision text collate "C" not null,
    made_up bigint not null check (made_up in (0, 1)),
    entry bigint not null,
    primary key (id, version),
    check (valid_from <= valid_to),
    check ((to_post is null) <> (to_person is null))
);

create unique index delegation_versions_entry_key on delegation_versions (entry);
create index delegation_versions_holding_idx on delegation_versions (holding);

drop view records_on_units;

create view records_on_units as
select unit, id as record, measure from observation_versions where version = 1
union all
select unit, id as record, null as measure from campaign_records where version = 1 and unit is not null
union all
select unit, collection || '/' || period as record, null as measure from approval_versions where version = 1
union all
select unit, id as record, null as measure from finding_marks
union all
select unit, id as record, null as measure from agency_versions where unit is not null;
