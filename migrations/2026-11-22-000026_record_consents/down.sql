alter table readings
    drop constraint readings_basis_check,
    drop column consent_id,
    drop column basis;
drop table request_bases, consents;
