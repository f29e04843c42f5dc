-- The guards without which the books could be rewritten: triggers that refuse, constraints and unique
-- indexes that hold, and rights that the application does not have.
select 'trigger ' || w.name as id
from (
    values ('outcome_sources', 'outcome_sources_append_only'),
        ('outcomes', 'outcomes_append_only'),
        ('lots', 'lots_never_deleted'),
        ('lots', 'lots_facts_append_only'),
        ('lots', 'lots_same_course_append_only'),
        ('transfers', 'transfers_append_only'),
        ('corrections', 'corrections_append_only'),
        ('holds', 'holds_never_deleted'),
        ('holds', 'holds_facts_append_only'),
        ('notices', 'notices_append_only'),
        ('learner_merges', 'learner_merges_append_only'),
        ('learner_unmerges', 'learner_unmerges_append_only'),
        ('learner_aliases', 'learner_aliases_never_changed'),
        ('learner_aliases', 'learner_aliases_flat'),
        ('conversion_lines', 'conversion_lines_append_only'),
        ('conversion_requests', 'conversion_requests_never_deleted'),
        ('conversion_requests', 'conversion_requests_decided_are_final'),
        ('catalogue_versions', 'catalogue_versions_append_only'),
        ('catalogue_amounts', 'catalogue_amounts_append_only'),
        ('catalogue_gradings', 'catalogue_gradings_append_only'),
        ('grading_schemes', 'grading_schemes_append_only'),
        ('grading_tables', 'grading_tables_append_only'),
        ('grading_tables', 'grading_tables_end_once'),
        ('grading_tables', 'grading_tables_one_a_day'),
        ('grading_table_rows', 'grading_table_rows_append_only'),
        ('same_course_groups', 'same_course_groups_end_once'),
        ('duplicate_courses', 'duplicate_courses_one_group'),
        ('duplicate_courses', 'duplicate_courses_append_only'),
        ('same_course_refusals', 'same_course_refusals_append_only'),
        ('hour_tables', 'hour_tables_approved_are_final'),
        ('hour_claims', 'hour_claims_append_only'),
        ('articulation_rules', 'articulation_rules_append_only'),
        ('rule_sets', 'rule_sets_approved_are_final'),
        ('rule_sets', 'rule_sets_approved_are_kept'),
        ('rule_sets', 'rule_sets_no_rivals'),
        ('rule_set_programmes', 'rule_set_programmes_append_only'),
        ('rule_set_documents', 'rule_set_documents_append_only'),
        ('rule_set_votes', 'rule_set_votes_append_only'),
        ('conversion_inputs', 'conversion_inputs_append_only'),
        ('request_steps', 'request_steps_append_only'),
        ('request_appeals', 'request_appeals_append_only'),
        ('request_resubmissions', 'request_resubmissions_append_only'),
        ('conversion_drafts', 'conversion_drafts_ended_are_final'),
        ('conversion_drafts', 'conversion_drafts_never_deleted'),
        ('conversion_requests', 'conversion_requests_granted_on_grounds'),
        ('review_chains', 'review_chains_append_only'),
        ('review_stages', 'review_stages_append_only'),
        ('audit_events', 'audit_events_append_only'),
        ('documents', 'documents_append_only'),
        ('document_facts', 'document_facts_append_only'),
        ('meetings', 'meetings_append_only'),
        ('resolutions', 'resolutions_append_only'),
        ('supervision_remits', 'supervision_remits_append_only'),
        ('helper_consents', 'helper_consents_never_deleted'),
        ('helper_consents', 'helper_consents_facts_append_only'),
        ('people', 'people_append_only'),
        ('memberships', 'memberships_never_deleted'),
        ('memberships', 'memberships_facts_append_only'),
        ('person_accounts', 'person_accounts_never_deleted'),
        ('claim_codes', 'claim_codes_never_deleted'),
        ('claim_codes', 'claim_codes_facts_append_only'),
        ('client_secrets', 'client_secrets_never_deleted'),
        ('readings', 'readings_append_only'),
        ('access_log', 'access_log_append_only'),
        ('access_log', 'access_log_kept'),
        ('consents', 'consents_never_deleted'),
        ('consents', 'consents_facts_append_only'),
        ('request_bases', 'request_bases_append_only'),
        ('evidence', 'evidence_never_deleted'),
        ('evidence', 'evidence_facts_append_only'),
        ('step_evidence', 'step_evidence_append_only')
) w (table_name, name)
where not exists (
    select from pg_trigger t
    where t.tgrelid = ('public.' || w.table_name)::regclass and t.tgname = w.name
        and t.tgenabled in ('O', 'A')
)
union all
select 'constraint ' || w.name
from (
    values ('transfers', 'transfers_pkey'),
        ('transfers', 'transfers_amount_check'),
        ('transfers', 'transfers_kind_check'),
        ('transfers', 'transfers_cause_check'),
        ('lots', 'lots_pkey'),
        ('lots', 'lots_not_negative_check'),
        ('lots', 'lots_sum_check'),
        ('lots', 'lots_withdrawn_whole_check'),
        ('outcomes', 'outcomes_pkey'),
        ('outcome_sources', 'outcome_sources_pkey')
) w (table_name, name)
where not exists (
    select from pg_constraint c
    where c.conrelid = ('public.' || w.table_name)::regclass and c.conname = w.name
        and c.convalidated
)
union all
select 'index ' || w.name
from (
    values ('lots_credited_once_key'), ('lots_same_course_key'), ('corrections_outcome_id_key'), ('learner_aliases_pkey')
) w (name)
where not exists (
    select from pg_index i
    where i.indexrelid = to_regclass('public.' || w.name) and i.indisunique and i.indisvalid
)
union all
select 'right of creditbank_app: ' || p.privilege || ' ' || w.table_name
from (values ('outcome_sources'), ('outcomes'), ('transfers'), ('corrections'), ('notices'),
    ('people'), ('readings'), ('audit_events'), ('access_log')) w (table_name)
cross join (values ('UPDATE'), ('DELETE'), ('TRUNCATE')) p (privilege)
where has_table_privilege('creditbank_app', 'public.' || w.table_name, p.privilege)
    or (
        p.privilege = 'UPDATE'
        and has_any_column_privilege('creditbank_app', 'public.' || w.table_name, 'UPDATE')
    )
