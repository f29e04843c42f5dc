-- Every transfer of some learners ($1) with what an outsider needs to check it, learner by learner in
-- the order of the books. Where $2 is an institution, only of what it posted; where they are given,
-- only what was recorded from moment $3 on and before moment $4.
select t.transfer_id, t.learner_id, i.code as institution_code, e.code as entry_code, l.unit, t.kind,
    t.from_account, t.to_account, t.amount, t.recorded_at, t.effective_on, t.lot_id, l.outcome_id,
    t.request_id, t.hold_id, t.correction_id
from transfers t
join lots l on l.learner_id = t.learner_id and l.lot_id = t.lot_id
join outcomes o on o.learner_id = l.learner_id and o.outcome_id = l.outcome_id
join institutions i on i.institution_id = o.institution_id
join catalogue_entries e on e.entry_id = o.entry_id
where t.learner_id = any($1)
    and ($2 is null or o.institution_id = $2)
    and ($3 is null or t.recorded_at >= $3)
    and ($4 is null or t.recorded_at < $4)
order by t.learner_id, t.recorded_at, t.transfer_id
