-- Files between their preview and its confirmation, for a day at most.

create table uploads (
    id text collate "C" not null primary key,
    owner text collate "C" not null,
    purpose text collate "C" not null,
    seal text collate "C" not null,
    kept_at bigint not null,
    size_bytes bigint not null
);

create table upload_files (
    upload text collate "C" not null references uploads (id),
    name text collate "C" not null,
    content bytea not null,
    primary key (upload, name)
);

-- Whoever keeps files moves this number, so that others who do wait until they see them.
insert into revisions (name, number) values ('uploads', 0);
