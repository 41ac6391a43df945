-- Which role is had: by whoever holds a post, or by an account of its own. Each change is a further version with its
-- entry in the journal. What a role may do is a definition of a pack.
create table assignment_versions (
    id text not null,
    version integer not null check (version > 0),
    role text not null,
    post text,
    account text references accounts (id),
    -- Where it holds, when that is not the unit of the post's agency.
    unit integer references units (id),
    valid_from integer not null,
    valid_to integer not null,
    decision text not null,
    made_up integer not null check (made_up in (0, 1)),
    entry integer not null,
    primary key (id, version),
    check (valid_from <= valid_to),
    check ((post is null) <> (account is null))
) strict, without rowid;

create unique index assignment_versions_entry_key on assignment_versions (entry);
create index assignment_versions_post_idx on assignment_versions (post);
create index assignment_versions_account_idx on assignment_versions (account);

create index person_versions_account_idx on person_versions (account);

-- An account that was closed signs in no more; what it did stays under its name.
alter table accounts add column closed_at integer;

-- What the area of access may read of the definitions.
create view role_definitions as select code, body from definitions where kind = 'role';
create view purpose_definitions as select code, body from definitions where kind = 'purpose';

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
select unit, id as record, null as measure from agency_versions where unit is not null
union all
select unit, id as record, null as measure from assignment_versions where unit is not null;
