-- One lot held and settled: two transactions with nothing in them but what must be written.
\set i :i + 1
\set n (:i * :clients + :client_id) % :lots
select learner_id as learner, lot_id as lot, bench_id() as hold from bench_lots where n = :n \gset
begin;
update lots set available = available - 100, held = held + 100
    where learner_id = :learner::uuid and lot_id = :lot::uuid and available >= 100;
insert into holds (learner_id, hold_id, lot_id, institution_id, purpose, amount, settled, released,
        made_at, expires_at)
    values (:learner::uuid, :hold::uuid, :lot::uuid, :university::uuid, 'annual_requirement', 100, 0, 0, now(),
        now() + interval '30 days');
insert into transfers (learner_id, transfer_id, lot_id, kind, from_account, to_account, amount,
        recorded_at, effective_on, hold_id)
    values (:learner::uuid, bench_id(), :lot::uuid, 'hold', 'available', 'held', 100, now(),
        current_date, :hold::uuid);
commit;
begin;
update lots set held = held - 100, used = used + 100
    where learner_id = :learner::uuid and lot_id = :lot::uuid and held >= 100;
update holds set settled = settled + 100
    where learner_id = :learner::uuid and hold_id = :hold::uuid and settled + released + 100 <= amount;
insert into transfers (learner_id, transfer_id, lot_id, kind, from_account, to_account, amount,
        recorded_at, effective_on, hold_id)
    values (:learner::uuid, bench_id(), :lot::uuid, 'settle', 'held', 'used', 100, now(),
        current_date, :hold::uuid);
commit;
