-- Filled forms that were frozen: the body in its canonical form, whose SHA-256 is what its entry keeps.
create table publications (
    id text not null primary key,
    slug text not null,
    number text not null,
    report text not null,
    body text not null,
    entry integer not null
) strict;

create unique index publications_slug_key on publications (slug);
create unique index publications_entry_key on publications (entry);

-- What was made of a body when it was frozen, in the bytes of that day, and which way of making it that was.
create table publication_files (
    publication text not null references publications (id),
    kind text not null check (kind in ('csv', 'xlsx')),
    renderer text not null,
    hash blob not null,
    content blob not null,
    entry integer not null,
    primary key (publication, kind)
) strict;

-- Publications that were withdrawn, or whose place another took; both stay readable.
create table publication_ends (
    publication text not null primary key references publications (id),
    reason text not null,
    replaced_by text references publications (id),
    entry integer not null
) strict;
