-- One record of a look: what was said beside it lies in the vault and belongs to the trace, as do the readings that had a
-- table of their own; what is over its time is erased; and requests and consents lie with a desk.

-- That looks were erased because their time was over: those before an instant, up to an entry. What is erased of a look is
-- the record, the people and the words; who looked, when and for what stays with the hash.
create table read_erasures (
    id text not null primary key,
    at integer not null,
    actor text not null,
    before integer not null,
    last_entry integer not null,
    amount integer not null check (amount >= 0),
    entry integer not null
) strict, without rowid;

create unique index read_erasures_entry_key on read_erasures (entry);

-- How the journal covers a look: 1 all of it by one hash; 2 with what can be erased by a hash of its own, `facts`; 0 by the
-- entry of the reading alone, which stood for itself.
alter table reads add column form integer not null default 1 check (form in (0, 1, 2));
alter table reads add column facts blob not null default x'';
alter table reads add column erasure text references read_erasures (id);

-- What whoever looked said of it, encrypted by a key outside the database; null once it is erased. Before it belonged to
-- the look it was a reading with an id, a moment and an entry of its own, and is sealed for its place there.
create table read_words (
    read text not null primary key references reads (id),
    sealed blob,
    facts blob not null,
    reading text,
    at integer,
    entry integer
) strict, without rowid;

create unique index read_words_entry_key on read_words (entry);

insert into read_words (read, sealed, facts, reading, at, entry)
select r.id, s.words, s.facts, s.id, s.at, s.entry
from subject_readings s
join reads r on r.entry = s.entry - 1 and r.record_kind = 'subject' and r.actor = s.actor and r.record = s.record
    and r.purpose = s.purpose;

-- Readings from before looks were noted in the trace.
insert into reads (id, at, actor, act, record_kind, record, unit, purpose, words, shown, salt, entry, form, facts)
select s.id, s.at, s.actor, 'request.reveal', 'subject', s.record, null, s.purpose, '',
    case when s.record = '' then 0 else 1 end, x'', s.entry, 0, x''
from subject_readings s
where not exists (select 1 from read_words w where w.reading = s.id);

insert into read_subjects (read, subject)
select r.id, r.record from reads r where r.form = 0 and r.record <> '';

insert into read_words (read, sealed, facts, reading, at, entry)
select s.id, s.words, s.facts, s.id, s.at, s.entry
from subject_readings s
join reads r on r.id = s.id and r.form = 0;

drop table subject_readings;

-- The unit whose desk has a request or consent; null where it is the province's.
alter table request_versions add column unit integer;
alter table consent_versions add column unit integer;
