alter table merge_collisions
    drop constraint merge_collisions_kind_check,
    add constraint merge_collisions_kind_check check (kind in (
        'entry_credited_twice', 'outcome_used_twice', 'course_granted_twice',
        'programme_cap_exceeded', 'identifier_differs', 'posted_while_merged', 'used_while_merged'
    )) not valid;
drop trigger rule_sets_no_rivals on rule_sets;
drop function refuse_rival_rule_set();
drop table rule_set_programmes;
drop table institution_gradings;
drop table catalogue_gradings;
drop table grading_table_rows;
drop table grading_tables;
drop function refuse_second_grading_table();
drop table grading_schemes;
