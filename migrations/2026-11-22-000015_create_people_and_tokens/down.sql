drop table readings;
alter table audit_events drop column person_id;
drop table signing_keys;
drop table used_assertions;
drop table client_keys;
drop table client_secrets;
drop table claim_attempts;
drop table claim_codes;
drop table person_accounts;
drop table memberships;
drop table identity.person_logins;
drop table identity.person_names;
drop table people;
alter table api_clients
    drop constraint api_clients_roles_check,
    add constraint api_clients_roles_check check (
        cardinality(roles) > 0
        and roles <@ array['registrar', 'school_officer', 'reviewer', 'secretariat', 'auditor',
                           'learner']
    );
