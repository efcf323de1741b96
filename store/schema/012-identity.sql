-- Who an account is at an OpenID Connect provider: never by name or e-mail address, only by what the provider calls the
-- person for ever.
create table identity (
    issuer  text not null,
    subject text not null,
    account integer not null unique references account (id) on delete cascade,
    follows integer not null,       -- 1: its role is what the provider's groups say; 0: it was given by an admin here
    created integer not null,
    primary key (issuer, subject)
) strict, without rowid;
