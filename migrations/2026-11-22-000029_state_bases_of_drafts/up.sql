-- A draft says what its requests are to rest on, as a request does.
alter table conversion_drafts
    add column basis text,
    add column basis_document text,
    add constraint conversion_drafts_basis_check check (basis in (
        'consent', 'contract', 'statutory_duty', 'other_law'
    )),
    add constraint conversion_drafts_basis_document_check check (
        case
            when basis is null or basis = 'consent' then basis_document is null
            when basis = 'contract' then true
            else basis_document is not null
        end
    );
comment on column conversion_drafts.basis is 'By what right the receiving institution is to see the outcomes; null where nothing is said.';
comment on column conversion_drafts.basis_document is 'The number of its document. No personal data.';

grant update (basis, basis_document) on conversion_drafts to creditbank_app;
