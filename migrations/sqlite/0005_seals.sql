-- The Merkle tree over the entries (c2sp.org/tlog-tiles): tiles of 256 hashes above level 0, which is the entries.
create table tree_tiles (
    level integer not null check (level > 0),
    number integer not null,
    hashes blob not null,
    primary key (level, number)
) strict;

-- Signed states of the journal: how many entries, the root of the tree over them, the note as it was signed.
create table checkpoints (
    size integer not null primary key,
    root blob not null,
    sealed_at integer not null,
    sealed_on integer not null,
    note text not null,
    witnesses integer not null
) strict;

create index checkpoints_sealed_on_idx on checkpoints (sealed_on);

-- Whoever seals moves this number, so that others who do wait until they see it.
insert into revisions (name, number) values ('seals', 0);
