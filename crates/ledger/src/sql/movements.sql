-- The movements of a learner ($1: all of the accounts that are shown as one) behind a transfer ($3),
-- oldest first, at most $4; where $2 is an institution, only those of what it posted.
select t.transfer_id, t.recorded_at, t.effective_on, t.kind, t.from_account, t.to_account, l.unit,
    t.amount, t.lot_id, l.outcome_id, i.code as institution_code, i.name_zh as institution_name,
    e.code as entry_code, v.title as entry_title, t.request_id,
    d.explanation_zh, d.explanation_en, s.document_number
from transfers t
join lots l on l.learner_id = t.learner_id and l.lot_id = t.lot_id
join outcomes o on o.learner_id = l.learner_id and o.outcome_id = l.outcome_id
join catalogue_versions v on v.version_id = l.version_id
join catalogue_entries e on e.entry_id = v.entry_id
join institutions i on i.institution_id = o.institution_id
left join conversion_requests r on r.learner_id = any($1) and r.request_id = t.request_id
left join rule_sets s on s.rule_set_id = r.rule_set_id
-- A hold is explained by the proposal; what follows it, and the grant, by the decision.
left join conversion_lines d
    on d.learner_id = r.learner_id and d.request_id = r.request_id
    and d.stage = case t.kind when 'hold' then 'proposal' else 'decision' end
    and (d.lot_id = t.lot_id or d.grant_outcome_id = l.outcome_id)
where t.learner_id = any($1)
    and t.transfer_id > $3
    and ($2 is null or o.institution_id = $2)
order by t.transfer_id
limit $4
