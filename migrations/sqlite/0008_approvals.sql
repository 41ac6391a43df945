-- How far the figures of a unit for a period of a collection have come: handed in, checked, approved, locked.
-- A further act is a further version. Periods are half open; a locked one refuses changes of its counts.

create table approval_versions (
    collection text not null,
    period text not null,
    unit integer not null references units (id),
    version integer not null check (version > 0),
    day_from integer not null,
    day_to integer not null,
    state text not null check (state in ('open', 'submitted', 'checked', 'approved', 'closed')),
    action text not null check (action in ('submit', 'check', 'approve', 'return', 'reopen')),
    -- The unit whose page the act was done on, which is above this one or below it, or itself.
    acted_on integer not null references units (id),
    reopened_below integer not null check (reopened_below in (0, 1)),
    -- SHA-256 of the counts as they were handed in; of units that report.
    figures blob,
    reason text,
    made_up integer not null check (made_up in (0, 1)),
    entry integer not null,
    primary key (collection, period, unit, version),
    check (day_from < day_to)
) strict, without rowid;

-- Whether a count may be changed is asked by its unit and days.
create index approval_versions_unit_idx on approval_versions (unit, day_to);

-- What was done last, page by page; and each entry made one version.
create unique index approval_versions_entry_key on approval_versions (entry);

-- What somebody said of a finding, as long as the numbers behind it stay the same.
create table finding_marks (
    id text not null primary key,
    collection text not null,
    period text not null,
    unit integer not null references units (id),
    rule text not null,
    numbers blob not null,
    verdict text not null check (verdict in ('right', 'to_correct', 'asked_back')),
    reason text not null,
    made_up integer not null check (made_up in (0, 1)),
    entry integer not null
) strict, without rowid;

create index finding_marks_unit_idx on finding_marks (unit, collection, period);

-- Which collections figures were handed in for; packs ask it before one changes.
create view used_collections as
select distinct collection as code from approval_versions;

drop view records_on_units;

create view records_on_units as
select unit, id as record, measure from observation_versions where version = 1
union all
select unit, id as record, null as measure from campaign_records where version = 1 and unit is not null
union all
select unit, collection || '/' || period as record, null as measure from approval_versions where version = 1
union all
select unit, id as record, null as measure from finding_marks;
