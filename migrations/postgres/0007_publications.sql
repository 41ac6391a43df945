-- Filled forms that were frozen: the body in its canonical form, whose SHA-256 is what its entry keeps.
create table publications (
    id text collate "C" not null primary key,
    slug text collate "C" not null,
    number text collate "C" not null,
    report text collate "C" not null,
    body text collate "C" not null,
    entry bigint not null
);

create unique index publications_slug_key on publications (slug);
create unique index publications_entry_key on publications (entry);

-- What was made of a body when it was frozen, in the bytes of that day, and which way of making it that was.
create table publication_files (
    publication text collate "C" not null references publications (id),
    kind text collate "C" not null check (kind in ('csv', 'xlsx')),
    renderer text collate "C" not null,
    hash bytea not null,
    content bytea not null,
    entry bigint not null,
    primary key (publication, kind)
);

-- Publications that were withdrawn, or whose place another took; both stay readable.
create table publication_ends (
    publication text collate "C" not null primary key references publications (id),
    reason text collate "C" not null,
    replaced_by text collate "C" references publications (id),
    entry bigint not null
);
