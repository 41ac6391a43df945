-- What is done in a campaign: rounds that are frozen and opened again, points that are added or taken away,
-- explanations and appeals, lists of awards. Nothing is edited: each change is a further version, sealed by its entry.
-- What a version says stands in its body, as JSON in one form; the columns are what it is found by.
create table campaign_records (
    kind text collate "C" not null check (kind in ('adjustment', 'awards', 'filing', 'round')),
    id text collate "C" not null,
    version bigint not null check (version > 0),
    campaign text collate "C" not null,
    round text collate "C" not null,
    unit bigint references units (id),
    body text collate "C" not null,
    evidence bytea references files (hash),
    entry bigint not null,
    primary key (kind, id, version)
);

create index campaign_records_round_idx on campaign_records (campaign, round, kind);
create index campaign_records_unit_idx on campaign_records (unit) where unit is not null;

drop view records_on_units;

create view records_on_units as
select unit, id as record, measure from observation_versions where version = 1
union all
select unit, id as record, null::bigint as measure from campaign_records where version = 1 and unit is not null;
