drop table rule_set_votes;
drop table committee_members;
drop table committees;
drop table rule_set_documents;
drop trigger rule_sets_approved_are_kept on rule_sets;
drop trigger rule_sets_approved_are_final on rule_sets;
create trigger rule_sets_approved_are_final
    before update or delete on rule_sets
    for each row when (old.state = 'approved')
    execute function refuse_change_of_approved_rule_set();
alter table rule_sets
    drop constraint rule_sets_retirement_check,
    drop constraint rule_sets_approval_check,
    drop constraint rule_sets_state_check,
    drop column retired_at,
    drop column retired_by,
    add constraint rule_sets_state_check check (state in ('proposed', 'approved')),
    add constraint rule_sets_approval_check check (
        (state = 'approved') = (approved_by is not null and approved_at is not null)
    );
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
