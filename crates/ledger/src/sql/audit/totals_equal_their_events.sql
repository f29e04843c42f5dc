-- The sums over the transfers whose events are counted, made without the totals.
with counted as (
    select o.institution_id, l.unit, v.category,
        (t.recorded_at at time zone interval '8 hours')::date as day, a.account, a.amount,
        t.kind = 'issue' and a.account = 'issuer' as is_issue
    from totals_progress p
    join events e on e.seq <= p.seq
    join transfers t on t.learner_id = e.learner_id and t.transfer_id = e.subject_id
    join lots l on l.learner_id = t.learner_id and l.lot_id = t.lot_id
    join outcomes o on o.learner_id = l.learner_id and o.outcome_id = l.outcome_id
    join catalogue_versions v on v.version_id = l.version_id
    cross join lateral (
        values (t.to_account, t.amount), (t.from_account, -t.amount)
    ) as a (account, amount)
),
sums as (
    select institution_id, unit, category, day,
        -coalesce(sum(amount) filter (where account = 'issuer'), 0) as issued,
        coalesce(sum(amount) filter (where account = 'available'), 0) as available,
        coalesce(sum(amount) filter (where account = 'held'), 0) as held,
        coalesce(sum(amount) filter (where account = 'used'), 0) as used,
        coalesce(sum(amount) filter (where account = 'expired'), 0) as expired,
        coalesce(sum(amount) filter (where account = 'withdrawn'), 0) as withdrawn,
        count(*) filter (where is_issue) as lots_issued
    from counted
    group by institution_id, unit, category, day
)
select concat_ws(' ', institution_id, unit, category, day) as id
from sums s
full join totals t using (institution_id, unit, category, day)
where (s.issued, s.available, s.held, s.used, s.expired, s.withdrawn, s.lots_issued)
    is distinct from
    (t.issued, t.available, t.held, t.used, t.expired, t.withdrawn, t.lots_issued)
union all
select 'counted up to ' || p.seq
from totals_progress p, sequencer s
where p.seq > s.last_seq
