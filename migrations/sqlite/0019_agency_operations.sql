-- What was done in one step with agencies, and can be taken back in one step. A version of an agency that was taken back
-- is followed by one that says so; the unit that it named may be gone by then, so no key points to it any more. Whoever
-- writes of agencies and whoever takes units back wait for each other at the head of the journal.

drop view records_on_units;

create table agency_versions_now (
    id text not null,
    version integer not null check (version > 0),
    event text not null check (event in ('established', 'changed', 'ended', 'undone')),
    on_day integer not null,
    name text not null,
    short_name text not null,
    symbol text not null,
    kind text not null,
    parent text,
    -- The unit that it serves.
    unit integer,
    -- Of one that ended: the agency that took over its tasks.
    successor text,
    decision text not null,
    made_up integer not null check (made_up in (0, 1)),
    entry integer not null,
    primary key (id, version)
) strict, without rowid;

insert into agency_versions_now
select id, version, event, on_day, name, short_name, symbol, kind, parent, unit, successor, decision, made_up, entry
from agency_versions;

drop table agency_versions;

alter table agency_versions_now rename to agency_versions;

create unique index agency_versions_entry_key on agency_versions (entry);
create index agency_versions_unit_idx on agency_versions (unit);

create table agency_operation_versions (
    id text not null,
    version integer not null check (version in (1, 2)),
    kind text not null check (kind in ('establish', 'committees', 'merge', 'change', 'end')),
    -- The agency that began, took over, changed or ended, and its name by it.
    agency text not null,
    name text not null,
    -- The unit whose communes became one.
    unit integer,
    on_day integer not null,
    decision text not null,
    -- So many entries before its own are what it wrote.
    records integer not null check (records >= 0),
    made_up integer not null check (made_up in (0, 1)),
    entry integer not null,
    primary key (id, version)
) strict, without rowid;

create unique index agency_operation_versions_entry_key on agency_operation_versions (entry);

-- Which units have records, of what kind, so that whoever takes units back can say what stands in the way.
create view records_on_units as
select unit, id as record, measure, 'observation' as kind from observation_versions where version = 1
union all
select unit, id as record, null as measure, 'campaign' as kind
from campaign_records where version = 1 and unit is not null
union all
select unit, collection || '/' || period as record, null as measure, 'approval' as kind
from approval_versions where version = 1
union all
select unit, id as record, null as measure, 'mark' as kind from finding_marks
union all
select v.unit, v.id as record, null as measure, 'agency' as kind from agency_versions v
where v.unit is not null and v.event <> 'undone' and not exists (
    select 1 from agency_versions w
    where w.id = v.id and w.event = 'undone' and w.on_day = v.on_day and w.version > v.version
)
union all
select unit, id as record, null as measure, 'assignment' as kind from assignment_versions where unit is not null;
