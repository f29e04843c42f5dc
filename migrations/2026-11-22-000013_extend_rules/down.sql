drop table conversion_inputs;
drop view standing_decisions;
alter table conversion_lines
    drop constraint conversion_lines_remedy_check,
    drop constraint conversion_lines_books_check,
    drop constraint conversion_lines_uses_check,
    drop column remedy_en,
    drop column remedy_zh,
    drop column books,
    drop column used,
    drop column held;
create view standing_decisions as
select distinct on (learner_id, request_id, line_no)
    learner_id, request_id, line_no, stage, lot_id, outcome_id, rule_code, target_entry_id,
    requested, granted, verdict, reason, explanation_zh, explanation_en, grant_outcome_id,
    revision_no, correction_id
from conversion_lines
where stage = 'decision'
order by learner_id, request_id, line_no, revision_no desc;
comment on view standing_decisions is 'What was decided about each line, as it stands after every correction.';
grant select on standing_decisions to creditbank_app;
