//! The faults.

use kit::{RECEIVING, SCHOOL};

/// A fault and the check that names it.
pub(super) struct Plant {
    pub(super) check: &'static str,
    /// With `$learner` for the learner in whose books it is planted.
    pub(super) sql: &'static str,
    /// Whether that learner's slice can show it.
    pub(super) by_learner: bool,
    /// Whose slice shows it.
    pub(super) institution: Option<&'static str>,
}

const fn plant(check: &'static str, sql: &'static str) -> Plant {
    Plant {
        check,
        sql,
        by_learner: true,
        institution: Some(SCHOOL),
    }
}

/// A fault that no institution's slice shows.
const fn of_an_account(check: &'static str, sql: &'static str) -> Plant {
    Plant {
        institution: None,
        ..plant(check, sql)
    }
}

/// A fault of an institution that is no learner's.
const fn of_an_institution(check: &'static str, sql: &'static str) -> Plant {
    Plant {
        by_learner: false,
        ..plant(check, sql)
    }
}

/// A file of the school that was posted by a job, which needed a second person or did not.
macro_rules! imported {
    ($approval_needed:literal) => {
        concat!(
            "insert into imports (import_id, institution_id, file_name, file_sha256, \
                 reading_sha256, byte_count, mode, state, cursor_line, posted, already_posted, \
                 rejected, accounts_opened, started_at, finished_at) \
             select gen_random_uuid(), institution_id, 'a.csv', sha256(''), sha256(''), 1, 'post', \
                 'finished', 0, 0, 0, 0, 0, now(), now() \
             from institutions where code = '95001'; \
             insert into import_jobs (job_id, institution_id, file_id, file_name, mode, hand, \
                 state, import_id, created_at, ended_at, approval_needed) \
             select gen_random_uuid(), institution_id, gen_random_uuid(), 'a.csv', 'post', \
                 gen_random_uuid(), 'finished', import_id, now(), now(), ",
            $approval_needed,
            " from imports; "
        )
    };
}

/// That the school has wanted a second person for long.
macro_rules! wanted {
    () => {
        "insert into import_settings select institution_id, true, gen_random_uuid(), \
             now() - interval '1 hour' from institutions where code = '95001'; "
    };
}

/// A fault that shows in the books of the whole bank only.
const fn of_the_bank(check: &'static str, sql: &'static str) -> Plant {
    Plant {
        by_learner: false,
        institution: None,
        ..plant(check, sql)
    }
}

pub(super) const PLANTS: &[Plant] = &[
    of_the_bank(
        "guards_stand",
        "alter table transfers disable trigger transfers_append_only",
    ),
    of_the_bank(
        "guards_stand",
        "alter table lots drop constraint lots_sum_check",
    ),
    of_the_bank("guards_stand", "drop index lots_credited_once_key"),
    of_the_bank("guards_stand", "create policy mine on lots using (true)"),
    of_the_bank(
        "guards_stand",
        "grant update (amount) on transfers to creditbank_app",
    ),
    plant(
        "lots_equal_their_transfers",
        "update lots set available = available - 100, used = used + 100 \
         where learner_id = $learner and available > 0",
    ),
    plant(
        "accounts_never_below_zero",
        "update transfers set recorded_at = recorded_at - interval '1 day' \
         where learner_id = $learner and kind = 'settle'",
    ),
    plant(
        "accounts_never_below_zero_on_any_day",
        "update transfers set effective_on = effective_on - 1 \
         where learner_id = $learner and kind = 'settle'",
    ),
    plant(
        "lots_begin_with_their_issue",
        "update transfers set recorded_at = recorded_at + interval '1 year' \
         where learner_id = $learner and kind = 'issue'",
    ),
    plant(
        "lots_begin_with_their_issue",
        "update transfers set effective_on = effective_on - 1 \
         where learner_id = $learner and kind = 'issue'",
    ),
    plant(
        "transfers_follow_each_other",
        "update transfers set effective_on = effective_on + 1 \
         where learner_id = $learner and kind = 'hold'",
    ),
    plant(
        "transfers_follow_each_other",
        "update transfers set made_in = null where learner_id = $learner and kind = 'settle'",
    ),
    plant(
        "transfers_move_as_they_may",
        "alter table transfers drop constraint transfers_kind_check; \
         update transfers set kind = 'gift' where learner_id = $learner and kind = 'hold'",
    ),
    Plant {
        institution: None,
        ..plant(
            "transfers_have_a_lot",
            "delete from lots where learner_id = $learner and available > 0",
        )
    },
    plant(
        "transfers_have_their_cause",
        "update transfers set request_id = gen_random_uuid() \
         where learner_id = $learner and kind <> 'issue' and request_id is not null",
    ),
    plant(
        "lots_have_an_outcome",
        "delete from outcomes where learner_id = $learner and origin = 'api'",
    ),
    plant(
        "lots_have_an_outcome",
        "update lots set earned_on = earned_on - 1 where learner_id = $learner",
    ),
    plant(
        "outcomes_have_their_references",
        "update outcomes set entry_id = gen_random_uuid() where learner_id = $learner",
    ),
    plant(
        "one_outcome_per_source",
        "delete from outcome_sources where learner_id = $learner",
    ),
    plant(
        "one_outcome_per_source",
        "update outcome_sources set learner_id = gen_random_uuid() where learner_id = $learner",
    ),
    plant(
        "what_earns_nothing_has_no_lot",
        "update outcomes set earned_nothing = 'EXPIRED' where learner_id = $learner",
    ),
    plant(
        "what_earns_has_a_lot_or_a_reason",
        "delete from transfers where learner_id = $learner; \
         delete from lots where learner_id = $learner",
    ),
    plant(
        "lots_give_what_the_catalogue_gives",
        "update lots set issued = issued + 100, available = available + 100 \
         where learner_id = $learner and withdrawn = 0; \
         update transfers set amount = amount + 100 where learner_id = $learner and kind = 'issue'",
    ),
    plant(
        "entries_are_credited_once",
        "update lots set credits_entry_id = null where learner_id = $learner",
    ),
    plant(
        "entries_are_credited_once",
        "drop index lots_credited_once_key; insert into lots select learner_id, \
         gen_random_uuid(), outcome_id, version_id, unit, issued, issued, 0, 0, 0, 0, earned_on, \
         expires_on, credits_entry_id from lots where learner_id = $learner",
    ),
    plant(
        "same_courses_are_credited_once",
        "update lots set same_course_group_id = gen_random_uuid() where learner_id = $learner",
    ),
    plant(
        "same_courses_are_credited_once",
        "update outcomes set earned_nothing = 'DUPLICATE_NAME' \
         where learner_id = $learner and origin = 'api'",
    ),
    of_the_bank("guards_stand", "drop index lots_same_course_key"),
    of_the_bank(
        "guards_stand",
        "drop trigger rule_sets_no_rivals on rule_sets",
    ),
    plant(
        "claims_stay_under_their_cap",
        r#"insert into hour_tables (table_id, authority, code, version, document_number,
             valid_from, content, sha256, state, proposed_by, created_at)
         values (gen_random_uuid(), 'A', 'T', 1, 'x', '2020-01-01', '{"unit": "credit", "rows": [],
             "caps": [{"code": "C", "activities": ["paper"], "most": "6.50",
                       "year_starts": "03-01"}]}', sha256(''), 'proposed', 'a', now());
         insert into hour_claims select o.learner_id, o.outcome_id, o.institution_id, o.source_ref,
             (select table_id from hour_tables), 'A', 'R', 'paper', '2026-01-31', '{}', 600, 600,
             'x', 'x', now()
         from outcomes o where o.learner_id = $learner and o.origin = 'api'"#,
    ),
    Plant {
        institution: Some(RECEIVING),
        ..plant(
            "conversions_stay_under_their_cap",
            "update conversion_lines set granted = 100000, requested = 100000 \
             where learner_id = $learner and stage = 'decision'",
        )
    },
    plant(
        "conversions_match_the_ledger",
        "update conversion_requests set state = 'refused' where learner_id = $learner",
    ),
    Plant {
        institution: Some(RECEIVING),
        ..plant(
            "conversions_match_the_ledger",
            "update conversion_requests set state = 'refused' where learner_id = $learner",
        )
    },
    plant(
        "requests_add_up",
        "alter table conversion_lines drop constraint conversion_lines_verdict_amounts_check; \
         update conversion_lines set requested = requested + 100 \
         where learner_id = $learner and stage = 'decision'",
    ),
    Plant {
        institution: Some(RECEIVING),
        ..plant(
            "requests_add_up",
            "update conversion_lines set used = granted + case line_no when 1 then 100 else -100 end \
             where learner_id = $learner and stage = 'decision'",
        )
    },
    plant(
        "requests_add_up",
        "update conversion_lines set lot_id = gen_random_uuid() \
         where learner_id = $learner and stage = 'proposal' and line_no = 1",
    ),
    plant(
        "requests_stand_as_their_steps_say",
        "update request_standings set steps = steps + 1 where learner_id = $learner",
    ),
    Plant {
        institution: Some(RECEIVING),
        ..plant(
            "requests_stand_as_their_steps_say",
            "update request_standings set turn = 'applicant', due_on = null \
             where learner_id = $learner",
        )
    },
    Plant {
        by_learner: false,
        ..plant(
            "imports_count_their_lines",
            "insert into imports (import_id, institution_id, file_name, file_sha256, \
             reading_sha256, byte_count, mode, state, cursor_line, posted, already_posted, \
             rejected, accounts_opened, started_at) \
             select gen_random_uuid(), institution_id, 'a.csv', sha256(''), sha256(''), 1, 'post', \
             'running', 7, 0, 0, 7, 0, now() from institutions where code = '95001'",
        )
    },
    plant(
        "learners_have_one_number",
        "delete from learner_numbers where learner_id = $learner",
    ),
    plant(
        "identifiers_have_a_learner",
        "delete from learners where learner_id = $learner",
    ),
    plant(
        "corrections_take_back_whole",
        "delete from corrections where learner_id = $learner",
    ),
    of_an_account(
        "holds_match_the_ledger",
        "update holds set settled = settled + 1 where learner_id = $learner",
    ),
    of_an_account(
        "names_have_a_learner",
        "delete from learners where learner_id = $learner",
    ),
    of_an_account(
        "aliases_are_the_merges_that_stand",
        "insert into learner_aliases values ($learner, gen_random_uuid(), gen_random_uuid())",
    ),
    of_an_account(
        "aliases_make_no_chains",
        "insert into learner_aliases values ($learner, gen_random_uuid(), gen_random_uuid()), \
         (gen_random_uuid(), $learner, gen_random_uuid())",
    ),
    of_the_bank(
        "merges_have_their_learners",
        "insert into learner_merges values (gen_random_uuid(), gen_random_uuid(), \
         gen_random_uuid(), 'SAME_PERSON', '1', null, now())",
    ),
    plant(
        "lines_use_lots_of_their_learner",
        "update conversion_lines set outcome_id = gen_random_uuid() where learner_id = $learner",
    ),
    of_an_account(
        "evidence_has_its_request_and_its_key",
        "insert into evidence values ($learner, gen_random_uuid(), gen_random_uuid(), 'other', \
             'application/pdf', 1, sha256(''), null, gen_random_uuid(), now())",
    ),
    of_an_account(
        "evidence_has_its_request_and_its_key",
        "insert into identity.evidence_secrets values (gen_random_uuid(), $learner, '', '')",
    ),
    of_an_account(
        "requests_rest_on_what_their_learner_agreed_to",
        "insert into consents select $learner, gen_random_uuid(), institution_id, 'admission', \
             'signed_in', null, null, gen_random_uuid(), now(), '2026-01-01' \
         from institutions where code = '90002'; \
         update request_bases set basis = 'consent', \
             consent_id = (select consent_id from consents) where learner_id = $learner",
    ),
    of_an_institution(
        "imports_were_approved",
        concat!(imported!("true"), "select"),
    ),
    of_an_institution(
        "imports_were_approved",
        concat!(
            imported!("true"),
            "insert into import_approvals select job_id, hand, 'approve', null, now() from import_jobs"
        ),
    ),
    of_an_institution(
        "imports_were_approved",
        concat!(
            imported!("true"),
            "insert into import_approvals select job_id, gen_random_uuid(), 'decline', null, now() \
             from import_jobs"
        ),
    ),
    of_an_institution(
        "imports_were_approved",
        concat!(
            imported!("false"),
            "update import_jobs set trial_import_id = import_id, import_id = null"
        ),
    ),
    of_an_institution(
        "imports_were_approved",
        concat!(imported!("false"), wanted!(), "delete from import_jobs"),
    ),
    of_an_institution(
        "imports_were_approved",
        concat!(imported!("false"), wanted!(), "select"),
    ),
    of_the_bank("events_without_a_gap", "delete from events where seq = 2"),
    of_the_bank(
        "what_was_posted_is_told",
        "update events set kind = 'lot.expired' where learner_id = $learner",
    ),
    of_the_bank(
        "events_reach_whom_they_concern",
        "delete from event_audiences where seq = 1",
    ),
    of_the_bank(
        "notices_reach_whom_they_concern",
        "delete from notice_audiences where seq = (select max(seq) from notice_audiences)",
    ),
    of_the_bank(
        "notices_reach_whom_they_concern",
        "insert into notice_audiences select '00000000-0000-0000-0000-000000000001', seq, kind \
         from notice_audiences limit 1",
    ),
    of_the_bank(
        "totals_equal_their_events",
        "update totals set used = used + 1, available = available - 1",
    ),
];
