-- The Merkle tree over the entries (c2sp.org/tlog-tiles): tiles of 256 hashes above level 0, which is the entries.
create table tree_tiles (
    level bigint not null check (level > 0),
    number bigint not null,
    hashes bytea not null,
    primary key (level, number)
);

-- Signed states of the journal: how many entries, the root of the tree over them, the note as it was signed.
create table checkpoints (
    size bigint not null primary key,
    root bytea not null,
    sealed_at bigint not null,
    sealed_on bigint not null,
    note text collate "C" not null,
    witnesses bigint not null
);

create index checkpoints_sealed_on_idx on checkpoints (sealed_on);

-- Whoever seals moves this number, so that others who do wait until they see it.
insert into revisions (name, number) values ('seals', 0);
