select coalesce(l.lot_id, t.lot_id)::text as id, learner_id, o.institution_id
from lots l
full join (
    select learner_id, lot_id,
        sum(case 'issuer' when from_account then amount else 0 end) as issued,
        sum(case 'available' when to_account then amount when from_account then -amount else 0 end)
            as available,
        sum(case 'held' when to_account then amount when from_account then -amount else 0 end)
            as held,
        sum(case 'used' when to_account then amount when from_account then -amount else 0 end)
            as used,
        sum(case 'expired' when to_account then amount when from_account then -amount else 0 end)
            as expired,
        sum(case 'withdrawn' when to_account then amount when from_account then -amount else 0 end)
            as withdrawn
    from transfers
    group by learner_id, lot_id
) t using (learner_id, lot_id)
left join outcomes o using (learner_id, outcome_id)
where (l.issued, l.available, l.held, l.used, l.expired, l.withdrawn)
    is distinct from (t.issued, t.available, t.held, t.used, t.expired, t.withdrawn)
