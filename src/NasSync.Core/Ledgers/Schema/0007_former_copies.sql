-- A copy whose source was released, and whose name its job has sent another file under since, which stands beside it: 'former' is 1, and
-- requested_key has an end of its own, so that both have a row.
alter table copies add column former smallint not null default 0;
