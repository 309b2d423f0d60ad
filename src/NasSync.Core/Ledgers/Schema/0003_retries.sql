-- When a failure may be tried again; null: never by itself, someone must act. And the manifest it came from, to find the item again.
alter table failures add column next_ns bigint;
alter table failures add column manifest text;

update failures set next_ns = last_ns where class in ('Transient', 'Throttled', 'Unavailable', 'NoSpace');
update failures set manifest = scope where artifact = '';

-- States of the ledger itself, and since when; 'rebuilding': it took the place of one that was lost, and no run has gone to its end since.
create table marks (
    name     text   not null primary key,
    since_ns bigint not null
);
