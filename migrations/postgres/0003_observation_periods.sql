-- How many counts stand for each period of a measure. A flow is asked for periods that need not be those
-- for which it was reported, and this says so without reading the counts.

create table observation_periods (
    measure bigint not null,
    day bigint not null,
    day_from bigint not null,
    reports bigint not null,
    primary key (measure, day, day_from)
);

insert into observation_periods (measure, day, day_from, reports)
select measure, day, day_from, count(*) from observations group by measure, day, day_from;

create index observations_period_idx on observations (measure, day, day_from);
