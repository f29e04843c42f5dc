-- Each account of each lot after each of its transfers, in the order in which they were recorded.
-- Transfers of one moment belong to one transaction and count as one step.
select distinct lot_id::text as id
from (
    select learner_id, lot_id, account,
        sum(amount) over (
            partition by learner_id, lot_id, account
            order by recorded_at
            range between unbounded preceding and current row
        ) as standing
    from (
        select learner_id, lot_id, to_account as account, amount, recorded_at from transfers
        union all
        select learner_id, lot_id, from_account, -amount, recorded_at from transfers
    ) step
    where account <> 'issuer'
) running
where standing < 0
