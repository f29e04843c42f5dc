-- What the table's own checks demand, for the case that somebody took them away.
select t.transfer_id::text as id, learner_id, o.institution_id
from transfers t
left join lots l using (learner_id, lot_id)
left join outcomes o using (learner_id, outcome_id)
where t.amount <= 0
    or (t.kind, t.from_account, t.to_account) not in (
        ('issue', 'issuer', 'available'),
        ('hold', 'available', 'held'),
        ('release', 'held', 'available'),
        ('settle', 'held', 'used'),
        ('expire', 'available', 'expired'),
        ('withdraw', 'available', 'withdrawn'),
        ('withdraw', 'used', 'withdrawn'),
        ('withdraw', 'expired', 'withdrawn'),
        ('reverse', 'used', 'available')
    )
