alter table conversion_drafts
    drop constraint conversion_drafts_basis_document_check,
    drop constraint conversion_drafts_basis_check,
    drop column basis_document,
    drop column basis;
