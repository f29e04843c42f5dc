-- Who governs: documents with their facts, meetings, what they resolved, and the roles of those who
-- check, vote, employ and help.

-- Expand only: more roles than before.
alter table api_clients
    drop constraint api_clients_roles_check,
    add constraint api_clients_roles_check check (
        cardinality(roles) > 0
        and roles <@ array['registrar', 'checker', 'school_officer', 'reviewer',
                           'institution_admin', 'committee_member', 'secretariat', 'regulator',
                           'auditor', 'employer', 'learner', 'helper']
    );
alter table memberships
    drop constraint memberships_roles_check,
    add constraint memberships_roles_check check (
        cardinality(roles) > 0
        and roles <@ array['registrar', 'checker', 'school_officer', 'reviewer',
                           'institution_admin', 'committee_member', 'secretariat', 'regulator',
                           'auditor', 'employer']
    ),
    -- Whoever hands something in does not agree to it.
    add constraint memberships_checker_check
        check (not roles @> array['registrar', 'checker']);

-- A member who stands back says so, and it is kept.
alter table rule_set_votes
    drop constraint rule_set_votes_vote_check,
    add constraint rule_set_votes_vote_check check (vote in ('approve', 'reject', 'recuse'));
comment on column rule_set_votes.vote is 'approve, reject or recuse: the member stands back.';

create trigger documents_append_only
    before update or delete or truncate on documents
    for each statement execute function refuse_change();

create table document_facts (
    document_number text not null,
    revision_no smallint not null,
    title_en text,
    kind text not null,
    issued_by text,
    issued_on date,
    in_force_from date,
    in_force_until date,
    supersedes text,
    text_sha256 bytea,
    source text,
    recorded_at timestamptz not null,
    recorded_by uuid,
    constraint document_facts_pkey primary key (document_number, revision_no),
    constraint document_facts_document_number_fkey
        foreign key (document_number) references documents,
    constraint document_facts_supersedes_fkey foreign key (supersedes) references documents,
    constraint document_facts_supersedes_check check (supersedes <> document_number),
    constraint document_facts_revision_no_check check (revision_no >= 1),
    constraint document_facts_kind_check check (
        kind in ('charter', 'notice', 'rules', 'plan', 'list', 'minutes', 'opinion', 'other')
    ),
    constraint document_facts_force_check check (in_force_from <= in_force_until),
    constraint document_facts_text_sha256_check check (octet_length(text_sha256) = 32)
);
comment on table document_facts is 'What is known of a document beside number and title. Later knowledge is a further revision; the last one counts. Append-only.';
comment on column document_facts.document_number is 'The document.';
comment on column document_facts.revision_no is 'Counts up from 1.';
comment on column document_facts.title_en is 'Its title in English.';
comment on column document_facts.kind is 'What it is.';
comment on column document_facts.issued_by is 'Whoever issued it.';
comment on column document_facts.issued_on is 'When, where the day is known.';
comment on column document_facts.in_force_from is 'First day.';
comment on column document_facts.in_force_until is 'Last day, open where null.';
comment on column document_facts.supersedes is 'The document in whose place it stands.';
comment on column document_facts.text_sha256 is 'SHA-256 of its text, where there is one.';
comment on column document_facts.source is 'From where that is known.';
comment on column document_facts.recorded_at is 'When it was written down.';
comment on column document_facts.recorded_by is 'By which person or client; null for the command line.';
create index document_facts_supersedes_idx on document_facts (supersedes);
create trigger document_facts_append_only
    before update or delete or truncate on document_facts
    for each statement execute function refuse_change();

create table meetings (
    meeting_id uuid not null,
    meeting_code text not null,
    kind text not null,
    title_zh text not null,
    title_en text,
    held_on date not null,
    place text,
    called_by text,
    minutes text,
    committee_code text,
    business_zh text,
    source text,
    recorded_at timestamptz not null,
    recorded_by uuid,
    constraint meetings_pkey primary key (meeting_id),
    constraint meetings_meeting_code_key unique (meeting_code),
    constraint meetings_kind_check check (
        kind in ('assembly', 'council', 'standing_council', 'committee', 'working', 'drafting')
    ),
    constraint meetings_called_by_fkey foreign key (called_by) references documents,
    constraint meetings_minutes_fkey foreign key (minutes) references documents,
    constraint meetings_committee_code_fkey foreign key (committee_code) references committees
);
comment on table meetings is 'Meetings of those who govern the bank. Append-only.';
comment on column meetings.meeting_id is 'UUIDv7.';
comment on column meetings.meeting_code is 'How people and packs name it, for example 2021-11-16.';
comment on column meetings.kind is 'What kind of meeting it is.';
comment on column meetings.title_zh is 'What it is called.';
comment on column meetings.title_en is 'The same in English.';
comment on column meetings.held_on is 'The day.';
comment on column meetings.place is 'Where, as the source has it.';
comment on column meetings.called_by is 'The document that called it.';
comment on column meetings.minutes is 'The document that has its minutes.';
comment on column meetings.committee_code is 'The committee that met.';
comment on column meetings.business_zh is 'What it dealt with, as the source has it.';
comment on column meetings.source is 'From where that is known.';
comment on column meetings.recorded_at is 'When it was written down.';
comment on column meetings.recorded_by is 'By which person or client; null for the command line.';
create index meetings_held_on_idx on meetings (held_on, meeting_id);
create trigger meetings_append_only
    before update or delete or truncate on meetings
    for each statement execute function refuse_change();

create table meeting_attendees (
    meeting_id uuid not null,
    attendee_no smallint not null,
    part text not null,
    person_id uuid,
    institution_id uuid,
    constraint meeting_attendees_pkey primary key (meeting_id, attendee_no),
    constraint meeting_attendees_meeting_id_fkey foreign key (meeting_id) references meetings,
    constraint meeting_attendees_person_id_fkey foreign key (person_id) references people,
    constraint meeting_attendees_institution_id_fkey
        foreign key (institution_id) references institutions
);
comment on table meeting_attendees is 'Who attended, by part and, where they are known here, by person and institution; no names. Append-only.';
comment on column meeting_attendees.meeting_id is 'The meeting.';
comment on column meeting_attendees.attendee_no is 'Counts up from 1.';
comment on column meeting_attendees.part is 'As what: chair, member, guest and so on.';
comment on column meeting_attendees.person_id is 'The person.';
comment on column meeting_attendees.institution_id is 'For which institution.';
create trigger meeting_attendees_append_only
    before update or delete or truncate on meeting_attendees
    for each statement execute function refuse_change();

create table resolutions (
    resolution_id uuid not null,
    meeting_id uuid not null,
    resolution_no smallint not null,
    text_zh text not null,
    text_en text,
    outcome text not null,
    document_number text,
    rule_set_id uuid,
    institution_id uuid,
    committee_code text,
    votes_for integer,
    votes_against integer,
    votes_abstained integer,
    recorded_at timestamptz not null,
    recorded_by uuid,
    constraint resolutions_pkey primary key (resolution_id),
    constraint resolutions_meeting_id_resolution_no_key unique (meeting_id, resolution_no),
    constraint resolutions_meeting_id_fkey foreign key (meeting_id) references meetings,
    constraint resolutions_document_number_fkey
        foreign key (document_number) references documents,
    constraint resolutions_rule_set_id_fkey foreign key (rule_set_id) references rule_sets,
    constraint resolutions_institution_id_fkey
        foreign key (institution_id) references institutions,
    constraint resolutions_committee_code_fkey
        foreign key (committee_code) references committees,
    constraint resolutions_resolution_no_check check (resolution_no >= 1),
    constraint resolutions_outcome_check check (outcome in ('adopted', 'rejected', 'deferred')),
    constraint resolutions_votes_check
        check (votes_for >= 0 and votes_against >= 0 and votes_abstained >= 0)
);
comment on table resolutions is 'What meetings resolved, and about what. Append-only.';
comment on column resolutions.resolution_id is 'UUIDv7.';
comment on column resolutions.meeting_id is 'The meeting.';
comment on column resolutions.resolution_no is 'Counts up from 1 in a meeting.';
comment on column resolutions.text_zh is 'What was resolved.';
comment on column resolutions.text_en is 'The same in English.';
comment on column resolutions.outcome is 'adopted, rejected or deferred.';
comment on column resolutions.document_number is 'The document that it is about or rests on.';
comment on column resolutions.rule_set_id is 'The version of a rule set that it is about.';
comment on column resolutions.institution_id is 'The member that it is about.';
comment on column resolutions.committee_code is 'The committee that it is about.';
comment on column resolutions.votes_for is 'How many for it, where they were counted.';
comment on column resolutions.votes_against is 'How many against it.';
comment on column resolutions.votes_abstained is 'How many for neither.';
comment on column resolutions.recorded_at is 'When it was written down.';
comment on column resolutions.recorded_by is 'By which person or client; null for the command line.';
create index resolutions_rule_set_id_idx on resolutions (rule_set_id) where rule_set_id is not null;
create index resolutions_document_number_idx
    on resolutions (document_number) where document_number is not null;
create trigger resolutions_append_only
    before update or delete or truncate on resolutions
    for each statement execute function refuse_change();

-- Where institutions are and what they belong to, and what a regulator supervises of it.
create table institution_places (
    institution_id uuid not null,
    valid_from date not null,
    area_code text not null,
    sectors text[] not null,
    recorded_at timestamptz not null,
    recorded_by uuid,
    constraint institution_places_pkey primary key (institution_id, valid_from),
    constraint institution_places_institution_id_fkey
        foreign key (institution_id) references institutions,
    constraint institution_places_area_code_check check (area_code ~ '^[1-9][0-9]{5}$')
);
comment on table institution_places is 'The area and the sectors of institutions, from a day until the next row''s. Append-only.';
comment on column institution_places.institution_id is 'The institution.';
comment on column institution_places.valid_from is 'From.';
comment on column institution_places.area_code is 'GB/T 2260: six digits, county by city by province.';
comment on column institution_places.sectors is 'Words such as education or health.';
comment on column institution_places.recorded_at is 'When it was written down.';
comment on column institution_places.recorded_by is 'By which person or client; null for the command line.';
create trigger institution_places_append_only
    before update or delete or truncate on institution_places
    for each statement execute function refuse_change();

create table supervision_remits (
    remit_id uuid not null,
    institution_id uuid not null,
    area_code text,
    sector text,
    valid_from date not null,
    valid_to date,
    recorded_at timestamptz not null,
    recorded_by uuid,
    constraint supervision_remits_pkey primary key (remit_id),
    constraint supervision_remits_institution_id_fkey
        foreign key (institution_id) references institutions,
    constraint supervision_remits_area_code_check
        check (area_code ~ '^[1-9][0-9]([0-9]{2}){0,2}$'),
    constraint supervision_remits_scope_check check (area_code is not null or sector is not null),
    constraint supervision_remits_validity_check check (valid_from <= valid_to)
);
comment on table supervision_remits is 'What a regulator supervises; one without any supervises all. Append-only.';
comment on column supervision_remits.remit_id is 'UUIDv7.';
comment on column supervision_remits.institution_id is 'The regulator.';
comment on column supervision_remits.area_code is 'GB/T 2260, of a province, city or county: 2, 4 or 6 digits; every area where null.';
comment on column supervision_remits.sector is 'The sector; every sector where null.';
comment on column supervision_remits.valid_from is 'From.';
comment on column supervision_remits.valid_to is 'To, that day included; open where null.';
comment on column supervision_remits.recorded_at is 'When it was written down.';
comment on column supervision_remits.recorded_by is 'By which person or client; null for the command line.';
create index supervision_remits_institution_id_idx on supervision_remits (institution_id);
create trigger supervision_remits_append_only
    before update or delete or truncate on supervision_remits
    for each statement execute function refuse_change();

-- Whoever acts for a learner, because the learner said so.
create table helper_consents (
    consent_id uuid not null,
    learner_id uuid not null,
    helper_id uuid not null,
    scopes text[] not null,
    until_at timestamptz not null,
    given_at timestamptz not null,
    given_by uuid,
    ended_at timestamptz,
    ended_by uuid,
    constraint helper_consents_pkey primary key (consent_id),
    constraint helper_consents_helper_id_fkey foreign key (helper_id) references people,
    constraint helper_consents_scopes_check check (
        cardinality(scopes) > 0 and scopes <@ array['learners:read', 'conversions:read']
    ),
    constraint helper_consents_until_at_check check (until_at > given_at),
    constraint helper_consents_ended_check check (ended_by is null or ended_at is not null)
);
comment on table helper_consents is 'Whom learners have authorised to act for them, for what and until when. Ended, never deleted.';
comment on column helper_consents.consent_id is 'UUIDv7.';
comment on column helper_consents.learner_id is 'Whose account.';
comment on column helper_consents.helper_id is 'Who may act.';
comment on column helper_consents.scopes is 'For what, in the words of token scopes.';
comment on column helper_consents.until_at is 'Until when.';
comment on column helper_consents.given_at is 'When it was given, and from when it counts.';
comment on column helper_consents.given_by is 'By which person; null for the command line.';
comment on column helper_consents.ended_at is 'From when it counts no more.';
comment on column helper_consents.ended_by is 'By which person: the learner or the helper.';
create index helper_consents_learner_id_idx on helper_consents (learner_id, consent_id);
create unique index helper_consents_standing_key on helper_consents (helper_id, learner_id)
    where ended_at is null;
create trigger helper_consents_never_deleted
    before delete or truncate on helper_consents
    for each statement execute function refuse_change();
create trigger helper_consents_facts_append_only
    before update of consent_id, learner_id, helper_id, scopes, until_at, given_at, given_by
        on helper_consents
    for each statement execute function refuse_change();

grant select, insert on document_facts, meetings, meeting_attendees, resolutions,
    institution_places, supervision_remits, helper_consents to creditbank_app;
grant update (ended_at, ended_by) on helper_consents to creditbank_app;
