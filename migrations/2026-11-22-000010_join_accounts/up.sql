-- Several identifiers of one person, accounts that may be one person's, and accounts that were put
-- together. Nothing that was posted moves: a merge is an alias, and lots, outcomes, transfers and
-- requests stay with the account they were recorded under.

-- A citizen's number and a residence permit's are for life: an account has at most one of each. Two
-- writers that add different ones at the same moment cannot both.
create unique index identifiers_for_life_key on identity.identifiers (learner_id, kind)
    where kind in ('resident_id', 'residence_permit');

create table identity.person_digests (
    learner_id uuid not null,
    digest bytea not null,
    created_at timestamptz not null,
    constraint person_digests_pkey primary key (learner_id),
    constraint person_digests_digest_check check (octet_length(digest) = 32)
);
comment on table identity.person_digests is 'By which two accounts of one person under different numbers are found.';
comment on column identity.person_digests.learner_id is 'Whose it is.';
comment on column identity.person_digests.digest is 'HMAC-SHA256 of the folded name and the birth date inside the national number, under the bank''s look-up key.';
comment on column identity.person_digests.created_at is 'When both were known.';
create index person_digests_digest_idx on identity.person_digests (digest);
-- What was written lately is looked at again, for two writers that did not see each other.
create index person_digests_created_at_idx on identity.person_digests using brin (created_at)
    with (pages_per_range = 32, autosummarize = on);

create table duplicate_candidates (
    candidate_id uuid not null,
    learner_id uuid not null,
    other_id uuid not null,
    state text not null,
    found_at timestamptz not null,
    settled_at timestamptz,
    settled_by uuid,
    constraint duplicate_candidates_pkey primary key (candidate_id),
    constraint duplicate_candidates_pair_key unique (learner_id, other_id),
    constraint duplicate_candidates_pair_check check (learner_id < other_id),
    constraint duplicate_candidates_state_check check (state in ('open', 'merged', 'dismissed')),
    constraint duplicate_candidates_settled_check check ((state = 'open') = (settled_at is null))
);
comment on table duplicate_candidates is 'Two accounts whose name and birth date are the same: for a human to merge or dismiss.';
comment on column duplicate_candidates.candidate_id is 'UUIDv7.';
comment on column duplicate_candidates.learner_id is 'The one with the lower key.';
comment on column duplicate_candidates.other_id is 'The other one.';
comment on column duplicate_candidates.state is 'open, merged or dismissed.';
comment on column duplicate_candidates.found_at is 'When.';
comment on column duplicate_candidates.settled_at is 'When it was merged or dismissed.';
comment on column duplicate_candidates.settled_by is 'The client that did; null for the command line.';
create index duplicate_candidates_open_idx on duplicate_candidates (candidate_id)
    where state = 'open';
create trigger duplicate_candidates_never_deleted
    before delete or truncate on duplicate_candidates
    for each statement execute function refuse_change();
create trigger duplicate_candidates_facts_append_only
    before update of candidate_id, learner_id, other_id, found_at on duplicate_candidates
    for each statement execute function refuse_change();

-- No foreign keys to learners here: what spans two learners must not keep the tables from being
-- spread by learner. The flow proves both, nothing is deleted, the audit looks for orphans.
create table learner_merges (
    merge_id uuid not null,
    survivor_id uuid not null,
    absorbed_id uuid not null,
    reason text not null,
    document_number text not null,
    client_id uuid,
    merged_at timestamptz not null,
    constraint learner_merges_pkey primary key (merge_id),
    constraint learner_merges_pair_check check (survivor_id <> absorbed_id)
);
comment on table learner_merges is 'Two accounts of one person were put together. Append-only.';
comment on column learner_merges.merge_id is 'UUIDv7.';
comment on column learner_merges.survivor_id is 'The account under whose number both are one.';
comment on column learner_merges.absorbed_id is 'The account that is shown with it.';
comment on column learner_merges.reason is 'The coded reason.';
comment on column learner_merges.document_number is 'The document it rests on.';
comment on column learner_merges.client_id is 'Who; null for the command line.';
comment on column learner_merges.merged_at is 'When.';
create index learner_merges_survivor_id_idx on learner_merges (survivor_id);
create index learner_merges_absorbed_id_idx on learner_merges (absorbed_id);
create index learner_merges_merged_at_idx on learner_merges (merged_at);

create table learner_unmerges (
    merge_id uuid not null,
    reason text not null,
    document_number text not null,
    client_id uuid,
    unmerged_at timestamptz not null,
    constraint learner_unmerges_pkey primary key (merge_id),
    constraint learner_unmerges_merge_id_fkey foreign key (merge_id) references learner_merges
);
comment on table learner_unmerges is 'A merge that was taken back, once. Append-only.';
comment on column learner_unmerges.merge_id is 'The merge.';
comment on column learner_unmerges.reason is 'The coded reason.';
comment on column learner_unmerges.document_number is 'The document it rests on.';
comment on column learner_unmerges.client_id is 'Who; null for the command line.';
comment on column learner_unmerges.unmerged_at is 'When.';

create table learner_aliases (
    absorbed_id uuid not null,
    survivor_id uuid not null,
    merge_id uuid not null,
    constraint learner_aliases_pkey primary key (absorbed_id),
    constraint learner_aliases_merge_id_key unique (merge_id),
    constraint learner_aliases_merge_id_fkey foreign key (merge_id) references learner_merges,
    constraint learner_aliases_pair_check check (survivor_id <> absorbed_id)
);
comment on table learner_aliases is 'The merges that stand: flat stars around a survivor, never chains.';
comment on column learner_aliases.absorbed_id is 'The account that is shown with another one.';
comment on column learner_aliases.survivor_id is 'That other one.';
comment on column learner_aliases.merge_id is 'The merge that says so.';
create index learner_aliases_survivor_id_idx on learner_aliases (survivor_id);
create trigger learner_aliases_never_changed
    before update or truncate on learner_aliases
    for each statement execute function refuse_change();
create function refuse_alias_chain() returns trigger
language plpgsql as $$
begin
    if exists (
        select from learner_aliases
        where absorbed_id = new.survivor_id or survivor_id = new.absorbed_id
    ) then
        raise exception 'an alias of % is refused: it would make a chain', new.absorbed_id
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;
comment on function refuse_alias_chain() is 'Who is absorbed absorbs nobody, who absorbs is not absorbed. Merges take turns, so that it sees them all.';
create trigger learner_aliases_flat
    before insert on learner_aliases
    for each row execute function refuse_alias_chain();

create table merge_collisions (
    collision_id uuid not null,
    merge_id uuid not null,
    kind text not null,
    first_id uuid not null,
    second_id uuid,
    figures jsonb not null,
    state text not null,
    found_at timestamptz not null,
    settled_at timestamptz,
    settled_by uuid,
    constraint merge_collisions_pkey primary key (collision_id),
    constraint merge_collisions_subject_key
        unique nulls not distinct (merge_id, kind, first_id, second_id),
    constraint merge_collisions_merge_id_fkey foreign key (merge_id) references learner_merges,
    constraint merge_collisions_kind_check check (kind in (
        'entry_credited_twice', 'outcome_used_twice', 'course_granted_twice',
        'programme_cap_exceeded', 'identifier_differs', 'posted_while_merged', 'used_while_merged'
    )),
    constraint merge_collisions_state_check check (state in ('open', 'settled')),
    constraint merge_collisions_settled_check check ((state = 'open') = (settled_at is null))
);
comment on table merge_collisions is 'What a merge or its reversal leaves for a human to settle.';
comment on column merge_collisions.collision_id is 'UUIDv7.';
comment on column merge_collisions.merge_id is 'The merge.';
comment on column merge_collisions.kind is 'What is there twice, too much, or shared.';
comment on column merge_collisions.first_id is 'A lot, an outcome, a request, a programme or an account, by the kind.';
comment on column merge_collisions.second_id is 'The other one, where it takes two.';
comment on column merge_collisions.figures is 'Amounts and codes. No personal data.';
comment on column merge_collisions.state is 'open or settled.';
comment on column merge_collisions.found_at is 'When.';
comment on column merge_collisions.settled_at is 'When it was settled.';
comment on column merge_collisions.settled_by is 'The client that settled it; null for the command line, and where the accounts were separated.';
create trigger merge_collisions_never_deleted
    before delete or truncate on merge_collisions
    for each statement execute function refuse_change();
create trigger merge_collisions_facts_append_only
    before update of collision_id, merge_id, kind, first_id, second_id, figures, found_at
        on merge_collisions
    for each statement execute function refuse_change();

create trigger learner_merges_append_only
    before update or delete or truncate on learner_merges
    for each statement execute function refuse_change();
create trigger learner_unmerges_append_only
    before update or delete or truncate on learner_unmerges
    for each statement execute function refuse_change();

-- A request of one account may use a lot of another one that is merged with it.
alter table conversion_lines add column lot_learner_id uuid;
comment on column conversion_lines.lot_learner_id is 'Whose lot it is, where it is not the request''s own account but one merged with it.';
alter table conversion_lines
    add constraint conversion_lines_lot_learner_id_check check (lot_learner_id <> learner_id);

grant select, insert on identity.person_digests, duplicate_candidates, learner_merges,
    learner_unmerges, learner_aliases, merge_collisions to creditbank_app;
grant delete on learner_aliases to creditbank_app;
grant update (state, settled_at, settled_by) on duplicate_candidates, merge_collisions
    to creditbank_app;
