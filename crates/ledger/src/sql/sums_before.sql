-- What a learner ($1, the accounts that are shown as one) had of each unit when moment $3 began, as the transfers say; where $2 is an
-- institution, only of what that institution posted.
select l.unit,
    sum(case 'available' when t.to_account then t.amount
                         when t.from_account then -t.amount else 0 end)::bigint as available,
    sum(case 'held' when t.to_account then t.amount
                    when t.from_account then -t.amount else 0 end)::bigint as held,
    sum(case 'used' when t.to_account then t.amount
                    when t.from_account then -t.amount else 0 end)::bigint as used,
    sum(case 'expired' when t.to_account then t.amount
                       when t.from_account then -t.amount else 0 end)::bigint as expired,
    sum(case 'withdrawn' when t.to_account then t.amount
                         when t.from_account then -t.amount else 0 end)::bigint as withdrawn
from transfers t
join lots l on l.learner_id = t.learner_id and l.lot_id = t.lot_id
join outcomes o on o.learner_id = l.learner_id and o.outcome_id = l.outcome_id
where t.learner_id = any($1) and t.recorded_at < $3 and ($2 is null or o.institution_id = $2)
group by l.unit
