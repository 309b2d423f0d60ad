-- What was put where, and what failed. Written so that PostgreSQL takes it as it is. Every time is in nanoseconds since 1970 UTC.
-- Texts compare byte by byte; keys are made by the program (Target.Key), so that no database has to fold case or normalize.

create table schema_history (
    version    integer not null primary key,
    name       text    not null,
    applied_ns bigint  not null
);

-- Numbers that are never given twice, also not after a row was removed.
create table counters (
    name  text   not null primary key,
    value bigint not null
);

insert into counters (name, value) values ('failure', 0);

create table copies (
    job_id                text     not null,
    artifact              text     not null,
    requested_key         text     not null,
    requested_destination text     not null,
    requested_root        text     not null,
    requested_path        text     not null,
    target_key            text     not null,
    destination           text     not null,
    root                  text     not null,
    path                  text     not null,
    source_size           bigint   not null,
    source_mtime_ns       bigint   not null,
    source_inode          bigint   not null,
    source_device         bigint   not null,
    generation            text     not null,
    size                  bigint   not null,
    sha256                text,
    verified_by           text     not null,
    durability            text     not null,
    committed_ns          bigint   not null,
    target_size           bigint,
    target_mtime_ns       bigint,
    target_inode          bigint,
    target_device         bigint,
    mtime_kept            smallint not null,
    superseded_by         text,
    primary key (job_id, artifact, requested_key)
);

-- One place holds one copy: the rule that no job silently replaces another's file stands on this.
create unique index copies_standing on copies (target_key) where superseded_by is null;
create index copies_by_time on copies (committed_ns);

-- The scope is the job, or the manifest's path where the manifest failed as a whole; an empty artifact or key stands for none.
create table failures (
    id             bigint  not null primary key,
    scope          text    not null,
    artifact       text    not null,
    target_key     text    not null,
    subject        text    not null,
    job_id         text,
    destination    text,
    root           text,
    path           text,
    class          text    not null,
    code           text    not null,
    message        text    not null,
    hint           text    not null,
    retry_after_ms bigint,
    attempts       integer not null,
    first_ns       bigint  not null,
    last_ns        bigint  not null,
    unique (scope, artifact, target_key)
);
