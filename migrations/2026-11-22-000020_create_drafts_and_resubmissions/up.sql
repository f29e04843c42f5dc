-- What somebody may ask for. A draft holds nothing, so no ledger table knows it.
create table conversion_drafts (
    draft_id uuid not null,
    institution_id uuid,
    learner_id uuid,
    receiving_code text not null,
    programme_code text not null,
    rule_set_code text,
    learners jsonb not null,
    state text not null,
    version integer not null,
    cohort_id uuid,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    constraint conversion_drafts_pkey primary key (draft_id),
    constraint conversion_drafts_institution_id_fkey
        foreign key (institution_id) references institutions,
    constraint conversion_drafts_learner_id_fkey foreign key (learner_id) references learners,
    constraint conversion_drafts_drafter_check
        check ((institution_id is null) <> (learner_id is null)),
    constraint conversion_drafts_learners_check check (jsonb_typeof(learners) = 'array'),
    constraint conversion_drafts_state_check check (state in ('open', 'submitted', 'discarded')),
    constraint conversion_drafts_submitted_check
        check ((state = 'submitted') = (cohort_id is not null)),
    constraint conversion_drafts_version_check check (version >= 1)
);
comment on table conversion_drafts is '转换申请草稿: what somebody may ask for; holds nothing.';
comment on column conversion_drafts.draft_id is 'UUIDv7.';
comment on column conversion_drafts.institution_id is 'The school that drafts; null where a learner does.';
comment on column conversion_drafts.learner_id is 'The learner who drafts for the own account; null where a school does.';
comment on column conversion_drafts.receiving_code is 'The code of the institution that is to grant.';
comment on column conversion_drafts.programme_code is 'Its code of the programme.';
comment on column conversion_drafts.rule_set_code is 'The rule set that is to decide; null for the programme''s.';
comment on column conversion_drafts.learners is 'For whom: account and, where not all are meant, outcomes. No personal data.';
comment on column conversion_drafts.state is 'open, then submitted or discarded, once.';
comment on column conversion_drafts.version is 'Counts up from 1 with every change.';
comment on column conversion_drafts.cohort_id is 'The requests that it became.';
comment on column conversion_drafts.created_at is 'When it was made.';
comment on column conversion_drafts.changed_at is 'When it was last changed.';
create index conversion_drafts_institution_id_idx on conversion_drafts (institution_id, draft_id)
    where state = 'open';
create index conversion_drafts_learner_id_idx on conversion_drafts (learner_id, draft_id)
    where state = 'open';
create function refuse_change_of_ended_draft() returns trigger
language plpgsql as $$
begin
    raise exception 'conversion draft % is % and never changes', old.draft_id, old.state
        using errcode = 'integrity_constraint_violation';
end
$$;
comment on function refuse_change_of_ended_draft() is 'A draft is submitted or discarded once.';
create trigger conversion_drafts_ended_are_final
    before update on conversion_drafts
    for each row when (old.state <> 'open')
    execute function refuse_change_of_ended_draft();
create trigger conversion_drafts_never_deleted
    before delete or truncate on conversion_drafts
    for each statement execute function refuse_change();

-- A request that ended without a decision is asked again by another one, once.
create table request_resubmissions (
    learner_id uuid not null,
    request_id uuid not null,
    earlier_learner_id uuid not null,
    earlier_request_id uuid not null,
    text text not null,
    constraint request_resubmissions_pkey primary key (learner_id, request_id),
    constraint request_resubmissions_earlier_key unique (earlier_learner_id, earlier_request_id),
    constraint request_resubmissions_request_fkey
        foreign key (learner_id, request_id) references conversion_requests,
    constraint request_resubmissions_earlier_fkey
        foreign key (earlier_learner_id, earlier_request_id) references conversion_requests,
    constraint request_resubmissions_other_check check (request_id <> earlier_request_id)
);
comment on table request_resubmissions is 'Which request asks again for what another one asked for in vain. Append-only.';
comment on column request_resubmissions.learner_id is 'Whose the request is.';
comment on column request_resubmissions.request_id is 'The request that asks again.';
comment on column request_resubmissions.earlier_learner_id is 'Whose the earlier one is: the same person''s account, before a merge perhaps.';
comment on column request_resubmissions.earlier_request_id is 'The one that was taken back or was not answered in time.';
comment on column request_resubmissions.text is 'What is different now, for the reviewers to read. No personal data.';
create trigger request_resubmissions_append_only
    before update or delete or truncate on request_resubmissions
    for each statement execute function refuse_change();

-- A learner may ask for the own account.
alter table conversion_requests alter column requesting_institution_id drop not null;
comment on column conversion_requests.requesting_institution_id is 'The school that asked; null where the learner did.';

-- The last guard, whatever a program does: nothing is granted that was not held, by rules that were
-- never approved, or without the approval of somebody who did not ask. Requests that are older than
-- their steps have no standing and are left alone.
create function refuse_unfounded_grant() returns trigger
language plpgsql as $$
begin
    if not exists (
        select from request_standings w
        where w.learner_id = new.learner_id and w.request_id = new.request_id
    ) then
        return null;
    end if;
    if not exists (
        select from request_steps s
        join request_steps f using (learner_id, request_id)
        where s.learner_id = new.learner_id and s.request_id = new.request_id
            and f.step_no = 0 and s.kind = 'approved' and s.party = 'receiving'
            and cardinality(s.hands) > 0 and not s.hands && f.hands
    ) then
        raise exception 'conversion request % is granted by nobody but whoever asked', new.request_id
            using errcode = 'integrity_constraint_violation';
    end if;
    if not exists (
        select from rule_sets r
        where r.rule_set_id = new.rule_set_id and r.state in ('approved', 'retired')
    ) then
        raise exception 'conversion request % is granted by rules nobody approved', new.request_id
            using errcode = 'integrity_constraint_violation';
    end if;
    if not exists (
        select from conversion_lines l
        join transfers t on t.learner_id = coalesce(l.lot_learner_id, l.learner_id)
            and t.request_id = l.request_id and t.to_account = 'held'
        where l.learner_id = new.learner_id and l.request_id = new.request_id
    ) then
        raise exception 'conversion request % is granted and never held anything', new.request_id
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end
$$;
comment on function refuse_unfounded_grant() is 'A request is granted only of what it held, by approved rules and with the approval of somebody who did not ask.';
create constraint trigger conversion_requests_granted_on_grounds
    after update on conversion_requests
    deferrable initially deferred
    for each row
    when (new.state in ('granted', 'partly') and old.state is distinct from new.state)
    execute function refuse_unfounded_grant();

grant select, insert on conversion_drafts, request_resubmissions to creditbank_app;
grant update (receiving_code, programme_code, rule_set_code, learners, state, version, cohort_id,
    changed_at) on conversion_drafts to creditbank_app;
