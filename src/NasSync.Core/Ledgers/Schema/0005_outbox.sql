-- What webhooks are still to be told, in the order of seq. Neither an address nor a secret stands here: hook is a hash of the address.
-- holds is 1 where the last try spoke of the receiver as a whole: then the others wait for this one.

create table outbox (
    id         text     not null primary key,
    seq        bigint   not null unique,
    hook       text     not null,
    event      text     not null,
    body       text     not null,
    created_ns bigint   not null,
    attempts   integer  not null,
    next_ns    bigint   not null,
    holds      smallint not null
);

create index outbox_by_hook on outbox (hook, holds, next_ns, seq);

-- How each of them does; it outlives its deliveries.
create table hooks (
    hook         text   not null primary key,
    delivered    bigint not null,
    dropped      bigint not null,
    delivered_ns bigint,
    failed_ns    bigint,
    error        text
);

insert into counters (name, value) values ('outbox', 0);
