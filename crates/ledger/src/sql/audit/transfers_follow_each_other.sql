-- A transfer never counts from an earlier day than the one of its lot before it, and once the books
-- keep the transaction that wrote a transfer, they keep it of every later one.
select t.transfer_id::text as id, learner_id, o.institution_id
from (
    select learner_id, lot_id, transfer_id, effective_on, made_in,
        lag(effective_on) over book as effective_before, lag(made_in) over book as made_before
    from transfers
    window book as (partition by learner_id, lot_id order by recorded_at, transfer_id)
) t
left join lots l using (learner_id, lot_id)
left join outcomes o using (learner_id, outcome_id)
where t.effective_on < t.effective_before
    or (t.made_in is null and t.made_before is not null)
