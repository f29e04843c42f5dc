-- By what right a learner's outcomes are shown to an institution that did not record them.
create table consents (
    learner_id uuid not null,
    consent_id uuid not null,
    institution_id uuid not null,
    purpose text not null,
    given_how text not null,
    document_number text,
    recorded_for uuid,
    recorded_by uuid not null,
    recorded_at timestamptz not null,
    valid_from date not null,
    valid_until date,
    withdrawn_at timestamptz,
    withdrawn_by uuid,
    constraint consents_pkey primary key (learner_id, consent_id),
    constraint consents_consent_id_key unique (consent_id),
    constraint consents_institution_id_fkey foreign key (institution_id) references institutions,
    constraint consents_recorded_for_fkey foreign key (recorded_for) references institutions,
    constraint consents_purpose_check check (purpose in (
        'conversion', 'annual_requirement', 'title_review', 'admission', 'employment', 'support',
        'inspection'
    )),
    constraint consents_given_how_check check (given_how in ('signed_in', 'paper')),
    constraint consents_paper_check check (
        (given_how = 'paper') = (document_number is not null)
        and (given_how = 'paper') = (recorded_for is not null)
    ),
    constraint consents_validity_check check (valid_from <= valid_until),
    constraint consents_withdrawn_check check ((withdrawn_at is null) = (withdrawn_by is null))
);
comment on table consents is 'What learners agreed to: who may see their outcomes, and for what. Never deleted; ended once.';
comment on column consents.learner_id is 'Who agreed.';
comment on column consents.consent_id is 'UUIDv7.';
comment on column consents.institution_id is 'Who may see.';
comment on column consents.purpose is 'For what.';
comment on column consents.given_how is 'signed_in: by the learner; paper: as an institution recorded it.';
comment on column consents.document_number is 'Where the paper is, in the books of whoever recorded it. No personal data.';
comment on column consents.recorded_for is 'The institution that recorded a paper.';
comment on column consents.recorded_by is 'The person or client that wrote it down; nil for the command line.';
comment on column consents.recorded_at is 'When.';
comment on column consents.valid_from is 'From which day it counts.';
comment on column consents.valid_until is 'The last day; null until it is withdrawn.';
comment on column consents.withdrawn_at is 'When it was withdrawn.';
comment on column consents.withdrawn_by is 'The person or client that did it.';
create index consents_institution_idx on consents (learner_id, institution_id, purpose);
create index consents_valid_until_idx on consents (valid_until) where withdrawn_at is null;
create trigger consents_never_deleted
    before delete or truncate on consents
    for each statement execute function refuse_change();
create trigger consents_facts_append_only
    before update of learner_id, consent_id, institution_id, purpose, given_how, document_number,
        recorded_for, recorded_by, recorded_at, valid_from, valid_until on consents
    for each statement execute function refuse_change();

create table request_bases (
    learner_id uuid not null,
    request_id uuid not null,
    basis text not null,
    consent_id uuid,
    document_number text,
    stated boolean not null,
    stated_by uuid not null,
    stated_at timestamptz not null,
    constraint request_bases_pkey primary key (learner_id, request_id),
    constraint request_bases_request_fkey
        foreign key (learner_id, request_id) references conversion_requests,
    constraint request_bases_consent_id_fkey
        foreign key (consent_id) references consents (consent_id),
    constraint request_bases_basis_check check (basis in (
        'consent', 'contract', 'statutory_duty', 'other_law'
    )),
    constraint request_bases_consent_check check ((basis = 'consent') = (consent_id is not null)),
    constraint request_bases_document_check check (
        basis in ('consent', 'contract') or document_number is not null
    )
);
comment on table request_bases is 'By what right the receiving institution sees what a request is about. Append-only. Requests older than the table have none: contract, not stated.';
comment on column request_bases.learner_id is 'Whose request it is.';
comment on column request_bases.request_id is 'The request.';
comment on column request_bases.basis is 'consent, or what article 13 of the PIPL names beside it.';
comment on column request_bases.consent_id is 'The consent that it rests on.';
comment on column request_bases.document_number is 'What whoever asked refers to. No personal data.';
comment on column request_bases.stated is 'Whether whoever asked said so; false for what the bank took it for.';
comment on column request_bases.stated_by is 'The person or client that sent the request.';
comment on column request_bases.stated_at is 'When.';
create index request_bases_consent_id_idx on request_bases (consent_id)
    where consent_id is not null;
create index request_bases_request_id_idx on request_bases (request_id);
create trigger request_bases_append_only
    before update or delete or truncate on request_bases
    for each statement execute function refuse_change();

-- A look says by what right it was taken.
alter table readings
    add column basis text,
    add column consent_id uuid,
    add constraint readings_basis_check check (basis in (
        'consent', 'contract', 'statutory_duty', 'other_law', 'own_records', 'bank'
    ));
comment on column readings.basis is 'By what right: what the request rests on, own_records for what the reader recorded or asked for, bank for whoever runs or inspects it; null before 2026-11.';
comment on column readings.consent_id is 'The consent, where it was one.';

grant select, insert on consents, request_bases to creditbank_app;
grant update (withdrawn_at, withdrawn_by) on consents to creditbank_app;
