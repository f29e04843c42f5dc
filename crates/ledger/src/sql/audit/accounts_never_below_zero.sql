-- Each account of each lot after each of its transfers, in the order of the books, which is the
-- order in which movements are shown.
select r.lot_id::text as id, learner_id, o.institution_id
from (
    select learner_id, lot_id, account,
        sum(amount) over (
            partition by learner_id, lot_id, account order by recorded_at, transfer_id
        ) as standing
    from (
        select learner_id, lot_id, to_account as account, amount, recorded_at, transfer_id
        from transfers
        union all
        select learner_id, lot_id, from_account, -amount, recorded_at, transfer_id from transfers
    ) step
    where account <> 'issuer'
) r
left join lots l using (learner_id, lot_id)
left join outcomes o using (learner_id, outcome_id)
where r.standing < 0
