drop table helper_consents;
drop table supervision_remits;
drop table institution_places;
drop table resolutions;
drop table meeting_attendees;
drop table meetings;
drop table document_facts;
drop trigger documents_append_only on documents;
alter table rule_set_votes
    drop constraint rule_set_votes_vote_check,
    add constraint rule_set_votes_vote_check check (vote in ('approve', 'reject'));
comment on column rule_set_votes.vote is 'approve or reject.';
alter table memberships
    drop constraint memberships_checker_check,
    drop constraint memberships_roles_check,
    add constraint memberships_roles_check check (
        cardinality(roles) > 0
        and roles <@ array['registrar', 'school_officer', 'reviewer', 'institution_admin',
                           'secretariat', 'regulator', 'auditor']
    );
alter table api_clients
    drop constraint api_clients_roles_check,
    add constraint api_clients_roles_check check (
        cardinality(roles) > 0
        and roles <@ array['registrar', 'school_officer', 'reviewer', 'institution_admin',
                           'secretariat', 'regulator', 'auditor', 'learner']
    );
