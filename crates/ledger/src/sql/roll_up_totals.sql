-- What the events behind $1, up to $2, changed; a row for each institution, unit, category and day.
with step as (
    select o.institution_id, l.unit, v.category,
        -- The bank's day is China's, eight hours ahead the whole year.
        (t.recorded_at at time zone interval '8 hours')::date as day,
        t.kind, t.from_account, t.to_account, t.amount
    from events e
    join transfers t on t.learner_id = e.learner_id and t.transfer_id = e.subject_id
    join lots l on l.learner_id = t.learner_id and l.lot_id = t.lot_id
    join outcomes o on o.learner_id = l.learner_id and o.outcome_id = l.outcome_id
    join catalogue_versions v on v.version_id = l.version_id
    where e.seq > $1 and e.seq <= $2 and e.kind like 'lot.%'
)
insert into totals (
    institution_id, unit, category, day, issued, available, held, used, expired, withdrawn,
    lots_issued
)
select institution_id, unit, category, day,
    sum(case 'issuer' when from_account then amount else 0 end),
    sum(case 'available' when to_account then amount when from_account then -amount else 0 end),
    sum(case 'held' when to_account then amount when from_account then -amount else 0 end),
    sum(case 'used' when to_account then amount when from_account then -amount else 0 end),
    sum(case 'expired' when to_account then amount when from_account then -amount else 0 end),
    sum(case 'withdrawn' when to_account then amount when from_account then -amount else 0 end),
    count(*) filter (where kind = 'issue')
from step
group by institution_id, unit, category, day
on conflict (institution_id, unit, category, day) do update set
    issued = totals.issued + excluded.issued,
    available = totals.available + excluded.available,
    held = totals.held + excluded.held,
    used = totals.used + excluded.used,
    expired = totals.expired + excluded.expired,
    withdrawn = totals.withdrawn + excluded.withdrawn,
    lots_issued = totals.lots_issued + excluded.lots_issued
