-- Files between their preview and its confirmation, for a day at most.

create table uploads (
    id text not null primary key,
    owner text not null,
    purpose text not null,
    seal text not null,
    kept_at integer not null,
    size_bytes integer not null
) strict, without rowid;

create table upload_files (
    upload text not null references uploads (id),
    name text not null,
    content blob not null,
    primary key (upload, name)
) strict;

-- Whoever keeps files moves this number, so that others who do wait until they see them.
insert into revisions (name, number) values ('uploads', 0);
