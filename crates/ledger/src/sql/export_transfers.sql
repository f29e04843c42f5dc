-- Every transfer with what an outsider needs to check it, learner by learner in the order of the books.
-- Where $1 is a learner (the accounts that are shown as one), only that one's; where $2 is an institution, only of what it posted; where
-- they are given, only what was recorded from moment $3 on and before moment $4.
declare export no scroll cursor for
select t.transfer_id, coalesce(m.learner_no, n.learner_no) as learner_no, i.code as institution_code, e.code as entry_code, l.unit, t.kind,
    t.from_account, t.to_account, t.amount, t.recorded_at, t.effective_on, t.lot_id, l.outcome_id,
    t.request_id, t.hold_id, t.correction_id
from transfers t
join lots l on l.learner_id = t.learner_id and l.lot_id = t.lot_id
join outcomes o on o.learner_id = l.learner_id and o.outcome_id = l.outcome_id
join institutions i on i.institution_id = o.institution_id
join catalogue_entries e on e.entry_id = o.entry_id
join learners n on n.learner_id = t.learner_id
-- What is merged is shown under the survivor's number, as everywhere.
left join learner_aliases a on a.absorbed_id = t.learner_id
left join learners m on m.learner_id = a.survivor_id
where ($1 is null or t.learner_id = any($1))
    and ($2 is null or o.institution_id = $2)
    and ($3 is null or t.recorded_at >= $3)
    and ($4 is null or t.recorded_at < $4)
order by coalesce(a.survivor_id, t.learner_id), t.recorded_at, t.transfer_id
