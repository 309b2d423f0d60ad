-- Multipart uploads on their way: a server does not tell whose an unfinished upload is, nor of what.

create table uploads (
    destination text not null,
    object_key  text not null,
    fingerprint text not null,
    upload_id   text not null,
    primary key (destination, object_key, fingerprint)
);
