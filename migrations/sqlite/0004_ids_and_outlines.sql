-- The ids that come next. Taking an operation back removes its rows and leaves these as they are, so that
-- no id ever passes to another unit, act or change. Ids of rows that were taken back stand in the plans.

create table territory_head (
    id integer not null primary key check (id = 1),
    next_unit integer not null,
    next_act integer not null,
    next_change integer not null
) strict;

insert into territory_head (id, next_unit, next_act, next_change)
select
    1,
    1 + max(
        coalesce((select max(id) from units), 0),
        coalesce((
            select max(json_extract(made.value, '$.id'))
            from unit_operations, json_each(unit_operations.plan, '$.new_units') as made
        ), 0)
    ),
    1 + max(
        coalesce((select max(id) from acts), 0),
        coalesce((
            select max(json_extract(made.value, '$.id'))
            from unit_operations, json_each(unit_operations.plan, '$.new_acts') as made
        ), 0)
    ),
    1 + max(
        coalesce((select max(id) from unit_changes), 0),
        coalesce((
            select max(json_extract(made.value, '$.id'))
            from unit_operations, json_each(unit_operations.plan, '$.new_changes') as made
        ), 0)
    );

-- An outline that is replaced stays, and is drawn again when the operation that replaced it is taken back.
-- Of one sort of outline of a unit, that of the highest version is drawn. Those without an operation were
-- imported before outlines belonged to one.

create table outlines_by_version (
    unit integer not null references units (id),
    valid_from integer not null,
    valid_to integer not null,
    schematic integer not null,
    source text not null,
    polygons text not null,
    version integer not null,
    operation text references unit_operations (id),
    primary key (unit, valid_from, schematic, version)
) strict, without rowid;

insert into outlines_by_version (unit, valid_from, valid_to, schematic, source, polygons, version, operation)
select unit, valid_from, valid_to, schematic, source, polygons, 1, null from outlines;

drop table outlines;

alter table outlines_by_version rename to outlines;

-- Which units have records, one row for each record, of whatever area, with the measure in which the journal
-- counts it, if it does. The territory asks it before units end or go; an area whose records point to units
-- adds its own here.
drop view records_on_units;

create view records_on_units as
select unit, id as record, measure from observation_versions where version = 1;
