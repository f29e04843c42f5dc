-- Behind sql/standing_lines.sql: the lines one by one, with what they name.
select
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
from standing l
join lots on lots.learner_id = coalesce(l.lot_learner_id, l.learner_id) and lots.lot_id = l.lot_id
join catalogue_versions v on v.version_id = lots.version_id
order by l.request_id, l.line_no
