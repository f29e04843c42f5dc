-- The first transfer of a lot issues it, on the day it was earned, and no other one does.
select t.lot_id::text as id, learner_id, o.institution_id
from (
    select learner_id, lot_id, kind, effective_on,
        row_number() over (
            partition by learner_id, lot_id order by recorded_at, transfer_id
        ) as step
    from transfers
) t
left join lots l using (learner_id, lot_id)
left join outcomes o using (learner_id, outcome_id)
where (t.step = 1) <> (t.kind = 'issue')
    or (t.kind = 'issue' and t.effective_on <> l.earned_on)
