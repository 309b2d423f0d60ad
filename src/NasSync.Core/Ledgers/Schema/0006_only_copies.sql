-- What tells whether a copy may be replaced, or be a reason to remove a source: 'adopted' is 1 where equal bytes of another origin stood there,
-- 'released_ns' says since when the source is, or may be, gone, so that the copy may be the only one; null: it was not removed by us.
-- And the change time of the source when it was copied; null: unknown.
alter table copies add column source_ctime_ns bigint;
alter table copies add column adopted smallint not null default 0;
alter table copies add column released_ns bigint;
