-- Folders of this machine that were written to: how each is told from the empty folder that stands there while it is not mounted.

create table places (
    root        text   not null primary key,
    marker      text   not null,
    file_system text   not null,
    first_ns    bigint not null
);
