-- One post, one transaction: key, learner, source reference, outcome, lot, transfer, who did it.
\set i :i + 1
\set n (:i * :clients + :client_id) % :learners
\set course :course_first + (:i * :clients + :client_id) / :learners
begin;
insert into idempotency_keys (client_id, route, key, fingerprint, status, body, created_at)
    values (:university::uuid, 'bench', 'k-' || :run || '-' || :client_id || '-' || :i,
        decode(repeat('ab', 32), 'hex'), 201,
        '{"lots": [{"unit": "credit", "amount": "3.00"}], "learner_no": "7KQ4M2XW9PDJ"}', now());
select l.learner_id as learner, bench_id() as outcome, bench_id() as lot
    from bench_learners l where n = :n \gset
insert into outcome_sources (institution_id, source_ref, learner_id, outcome_id)
    values (:university::uuid, 'b-' || :run || '-' || :client_id || '-' || :i, :learner::uuid,
        :outcome::uuid)
    on conflict do nothing;
insert into lots (learner_id, lot_id, outcome_id, version_id, unit, issued, available, held, used,
        expired, withdrawn, earned_on, expires_on, credits_entry_id)
    select :learner::uuid, :lot::uuid, :outcome::uuid, v.version_id, 'credit', 300, 300, 0, 0, 0, 0,
        '2026-01-31', null, e.entry_id
    from catalogue_entries e join catalogue_versions v using (entry_id)
    where e.code = 'C' || :course
    on conflict (learner_id, credits_entry_id, unit) where withdrawn = 0 do nothing;
insert into transfers (learner_id, transfer_id, lot_id, kind, from_account, to_account, amount,
        recorded_at, effective_on)
    values (:learner::uuid, bench_id(), :lot::uuid, 'issue', 'issuer', 'available', 300, now(),
        '2026-01-31');
insert into outcomes (learner_id, outcome_id, institution_id, source_ref, entry_id, version_id,
        grade, attempt, awarded_on, stated, recorded_at, origin)
    select :learner::uuid, :outcome::uuid, :university::uuid,
        'b-' || :run || '-' || :client_id || '-' || :i, e.entry_id, v.version_id, '85.00', 'first',
        '2026-01-31', '', now(), 'api'
    from catalogue_entries e join catalogue_versions v using (entry_id)
    where e.code = 'C' || :course;
insert into audit_events (event_id, occurred_at, action, institution_id, subject_kind, figures)
    values (bench_id(), now(), 'post_outcomes', :university::uuid, 'outcomes',
        '{"posted": 1, "reported": 1}');
commit;
