-- Keys of the vault that are not to be used any more: all was sealed anew by a later one, or the key is gone.
alter table vault_keys add column ended text not null default '' check (ended in ('', 'retired', 'lost'));
alter table vault_keys add column ended_at integer;
