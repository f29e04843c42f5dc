-- The lines of requests as they stand: of each the decision where there is one, else the proposal,
-- and of that the last revision.
-- $1 learners and $2 requests, side by side; where $3, as it was first decided instead.
select distinct on (l.request_id, l.line_no)
    l.request_id, l.line_no, l.stage, l.revision_no, lots.learner_id as lot_learner_id, l.lot_id,
    l.outcome_id, v.title as entry_title, l.rule_code, l.target_entry_id,
    (
        select t.title
        from catalogue_versions t
        where t.entry_id = l.target_entry_id
        order by t.valid_from desc
        limit 1
    ) as target_title,
    l.requested, l.granted, l.verdict, l.reason, l.explanation_zh, l.explanation_en,
    l.grant_outcome_id, coalesce(l.used, l.granted) as used, l.books, l.remedy_zh, l.remedy_en
from unnest($1::uuid[], $2::uuid[]) as w (learner_id, request_id)
join conversion_lines l using (learner_id, request_id)
join lots on lots.learner_id = coalesce(l.lot_learner_id, l.learner_id) and lots.lot_id = l.lot_id
join catalogue_versions v on v.version_id = lots.version_id
-- A decision may have other lines than the proposal, so it is one or the other as a whole.
where l.stage = case
        when exists (
            select
            from conversion_lines d
            where d.learner_id = l.learner_id and d.request_id = l.request_id
                and d.stage = 'decision'
        ) then 'decision'
        else 'proposal'
    end
    and (not $3 or l.revision_no = 0)
order by l.request_id, l.line_no, l.revision_no desc
