-- Each account of each lot at the end of each day, by the days from which its transfers count.
select r.lot_id::text as id, learner_id, o.institution_id
from (
    select learner_id, lot_id, account,
        sum(amount) over (
            partition by learner_id, lot_id, account
            order by effective_on
            range between unbounded preceding and current row
        ) as standing
    from (
        select learner_id, lot_id, to_account as account, amount, effective_on from transfers
        union all
        select learner_id, lot_id, from_account, -amount, effective_on from transfers
    ) step
    where account <> 'issuer'
) r
left join lots l using (learner_id, lot_id)
left join outcomes o using (learner_id, outcome_id)
where r.standing < 0
