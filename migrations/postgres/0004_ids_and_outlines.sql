-- The ids that come next. Taking an operation back removes its rows and leaves these as they are, so that
-- no id ever passes to another unit, act or change. Ids of rows that were taken back stand in the plans.

create table territory_head (
    id bigint not null primary key check (id = 1),
    next_unit bigint not null,
    next_act bigint not null,
    next_change bigint not null
);

insert into territory_head (id, next_unit, next_act, next_change)
select
    1,
    1 + greatest(
        coalesce((select max(id) from units), 0),
        coalesce((
            select max((made.value ->> 'id')::bigint)
            from unit_operations, json_array_elements(unit_operations.plan::json -> 'new_units') as made
        ), 0)
    ),
    1 + greatest(
        coalesce((select max(id) from acts), 0),
        coalesce((
            select max((made.value ->> 'id')::bigint)
            from unit_operations, json_array_elements(unit_operations.plan::json -> 'new_acts') as made
        ), 0)
    ),
    1 + greatest(
        coalesce((select max(id) from unit_changes), 0),
        coalesce((
            select max((made.value ->> 'id')::bigint)
            from unit_operations, json_array_elements(unit_operations.plan::json -> 'new_changes') as made
        ), 0)
    );

-- An outline that is replaced stays, and is drawn again when the operation that replaced it is taken back.
-- Of one sort of outline of a unit, that of the highest version is drawn. Those without an operation were
-- imported before outlines belonged to one.

alter table outlines add column version bigint not null default 1;

alter table outlines alter column version drop default;

alter table outlines add column operation text collate "C" references unit_operations (id);

alter table outlines drop constraint outlines_pkey;

alter table outlines add primary key (unit, valid_from, schematic, version);

-- Which units have records, one row for each record, of whatever area, with the measure in which the journal
-- counts it, if it does. The territory asks it before units end or go; an area whose records point to units
-- adds its own here.
drop view records_on_units;

create view records_on_units as
select unit, id as record, measure from observation_versions where version = 1;
