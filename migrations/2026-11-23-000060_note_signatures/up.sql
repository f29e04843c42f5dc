-- What an import found of its file's signature when it began holds for its resumption and its
-- result file, whatever expires or is trusted later (decision 0041).
create table import_signatures (
    import_id uuid not null,
    institution_id uuid not null,
    reason text,
    certificate_sha256 bytea,
    checked_at timestamptz not null,
    constraint import_signatures_pkey primary key (import_id),
    constraint import_signatures_import_id_fkey foreign key (import_id) references imports,
    constraint import_signatures_certificate_check check (octet_length(certificate_sha256) = 32),
    constraint import_signatures_verified_check
        check (reason is not null or certificate_sha256 is not null)
);
comment on table import_signatures is 'Whether the signature of a signed file was verified when its import began. No row where the file has none. Append-only.';
comment on column import_signatures.import_id is 'The import.';
comment on column import_signatures.institution_id is 'Whose it is.';
comment on column import_signatures.reason is 'The code of why it was not verified; null where it was.';
comment on column import_signatures.certificate_sha256 is 'Digest of the enclosed certificate that the operator trusted; null where none was.';
comment on column import_signatures.checked_at is 'When, by which the certificate''s validity was judged.';
create trigger import_signatures_append_only
    before update or delete or truncate on import_signatures
    for each statement execute function refuse_change();
select raise_wall('import_signatures', '{bank,institution}', null, 'Its institution, and the bank.');
grant select, insert on import_signatures to creditbank_app;
