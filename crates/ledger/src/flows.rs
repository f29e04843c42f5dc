//! Everything that writes: one file per flow, each behind a grant and in one transaction.

mod answer_import;
mod answer_request;
mod appeal_request;
mod applicant;
mod applications;
mod appoint_people;
mod approve_imports;
mod arrange_for;
mod arrange_reviews;
mod cancel_import;
mod claim_accounts;
mod claim_hours;
mod close_requests;
mod cohort_answers;
mod cohort_before;
mod cohort_files;
mod cohort_lines;
mod committees;
mod comparisons;
mod conversion_inputs;
mod correct_outcome;
mod correction_facts;
mod correction_view;
mod credentials;
mod decide_conversion;
mod decide_many;
mod deliver_webhooks;
mod draft_conversions;
mod draft_view;
mod expire_lots;
mod find_duplicates;
mod govern_rules;
mod governance;
mod gradings;
mod helpers;
mod holds;
mod hour_table_form;
mod hour_tables;
mod import_changes;
mod import_jobs;
mod import_lines;
mod import_names;
mod import_parts;
mod import_quota;
mod import_turns;
mod import_waits;
mod judge_requests;
mod keep_clients;
mod keep_consents;
mod keep_evidence;
mod keep_house;
mod keep_webhooks;
mod learner_beside;
mod learner_drafts;
mod learner_groups;
mod level_frameworks;
mod lines_done;
mod login_attempts;
mod mark_notices;
mod merge_learners;
mod merge_notices;
mod note_signature;
mod open_accounts;
mod open_import;
mod open_learners;
mod people;
mod plan_batch;
mod post_batch;
mod post_grants;
mod post_outcomes;
mod post_singles;
mod prepare_requests;
mod publish_catalogue;
mod record_access;
mod record_readings;
mod record_review;
mod register;
mod rehearse_rules;
mod rejudge;
mod rejudge_application;
mod rejudge_in_place;
mod remits;
mod replay;
mod request_bases;
mod request_conversion;
mod request_rules;
mod request_standing;
mod request_ways;
mod resolve_entries;
mod resolve_learners;
mod resubmit_request;
mod reverse_entries;
mod reverse_hold;
mod roll_up_totals;
mod rule_set_faults;
mod rule_sets;
mod same_courses;
mod send_requests;
mod sequence_events;
mod settle_duplicates;
mod source_conflict;
mod stated;
mod store_requests;
mod twins;
mod unmerge_learners;
mod unwind;
mod walk_requests;
mod what_if;

pub use answer_import::{
    ImportAnswer, MappingCheck, answer_import, answer_import_once, note_mapping, save_mapping,
    save_mapping_once,
};
pub use answer_request::{ApplicantStep, CheckOrder, answer_request_once, check_request_once};
pub use appeal_request::{AppealOrder, appeal_request_once};
pub use appoint_people::{Appointee, Appointment, appoint_once, end_appointment_once};
pub use approve_imports::{
    ApprovalOrder, approve_import, approve_import_once, keep_import_settings,
    keep_import_settings_once,
};
pub use arrange_for::{delegate_reviews_once, load_calendar_year_once, register_chain_once};
pub use arrange_reviews::{
    Delegation, NewCalendarYear, NewChain, delegate_reviews, load_calendar_year, register_chain,
};
pub use cancel_import::{cancel_import_job, cancel_import_job_once};
pub use claim_accounts::{issue_claim_code, redeem_claim_code};
pub use claim_hours::{ClaimedHours, HourClaim, claim_hours};
pub(crate) use cohort_files::file_of;
pub use cohort_files::{
    CohortOrder, OpenCohort, cancel_cohort_file_once, open_cohort, submit_cohort_file,
};
pub use cohort_lines::{CohortEntry, CohortLine, request_cohort_lines};
pub use committees::{
    NewCommittee, NewMember, end_seat_once, register_committee, register_committee_once,
};
pub use correct_outcome::{CorrectionOrder, correct_outcome, correct_outcome_once};
pub use correction_view::CorrectionView;
pub use credentials::{
    NewClientKey, NewSecret, NewSigningKey, Rotation, add_client_key, add_client_secret,
    ensure_signing_keys, note_secret_use, revoke_client_key, revoke_client_secret,
    rotate_signing_keys, take_assertion,
};
pub use decide_conversion::{DecisionOrder, NotAccepted, decide_cohort_once, decide_request_once};
pub use decide_many::{Chosen, DecidedMany, DecidedRequest, Exception, decide_many_once};
pub use deliver_webhooks::{
    Attempted, TakenDelivery, forget_deliveries, hand_out_events, settle_delivery, take_deliveries,
};
pub use draft_conversions::{
    conversion_draft, conversion_drafts, discard_draft_once, draft_conversion_once,
    revise_draft_once, submit_draft_once,
};
pub use draft_view::{DraftRules, DraftView, DraftedLearner, ListedDraft};
pub use expire_lots::{Expiry, expire_lots};
pub use find_duplicates::find_late_duplicates;
pub use govern_rules::{
    GovernedRules, VotedRules, draft_rule_set_once, propose_rule_set_once, retire_rule_set_once,
    vote_on_rule_set_once,
};
pub use governance::{
    NewAttendee, NewDocument, NewMeeting, NewResolution, record_meeting_once,
    record_resolution_once, register_document_once, register_governance,
};
pub use gradings::{Gradings, NewDefaultScheme, register_gradings};
pub use helpers::{HELPER_SCOPES, HelperOrder, authorise_helper_once, end_helper_once};
pub use holds::{
    HoldOrder, HoldStep, HoldView, hold_lot, hold_lot_once, step_hold, step_hold_once,
};
pub use hour_table_form::{CapForm, HourTableForm, RowForm};
pub use hour_tables::{NewHourTable, approve_hour_table, propose_hour_table};
pub use import_jobs::{
    FileKey, IMPORT_BYTES_MAX, KeptFile, NewImportJob, SaidBeside, keep_import_job,
    open_import_job, open_import_job_once, submit_kept_file,
};
pub use import_lines::{
    ImportLine, LineContent, LineResult, LineStatus, TriedLines, note_tried_lines,
    post_import_lines, try_import_lines,
};
pub use import_names::{forget_import_names, seal_import_names};
pub use import_parts::{add_import_part, awaited_part};
pub use import_quota::{IMPORT_BYTES_KEPT_MAX, make_room_for_result};
pub use import_turns::{
    Bearing, Begun, JobTurn, TurnEnd, abandon_uploads, begin_import_turn, end_import_turn,
    purge_import_file, renew_import_turn, take_import_turn, tell_import_progress,
};
pub use import_waits::end_overdue_waits;
pub use keep_clients::{
    ClientOrder, add_client_key_once, end_client_key_once, end_client_once, end_client_secret_once,
    make_client_once, rotate_client_secret_once,
};
pub use keep_consents::{ConsentOrder, give_consent_once, withdraw_consent_once};
pub use keep_evidence::{
    EvidencePlace, ExpectedEvidence, NewEvidence, attach_evidence, evidence_to_purge,
    expect_evidence, needless_evidence, purge_evidence, withdraw_evidence_once,
};
pub use keep_house::{Housekeeping, keep_house};
pub use keep_webhooks::{
    EndpointOrder, EndpointStep, open_webhook_once, ping_webhook_once, redeliver_once,
    rotate_webhook_secret_once, step_webhook_once,
};
pub use learner_beside::learner_words;
pub use level_frameworks::register_frameworks;
pub use login_attempts::{
    LoginAttempt, LoginLimits, LoginTurn, begin_login_attempt, settle_login_attempt,
};
pub use mark_notices::{NoticesRead, forget_notices, mark_notices_once};
pub use merge_learners::{MergeOrder, find_late_collisions, merge_learners_once};
pub use note_signature::note_signature;
pub use open_accounts::{AccountAnswer, NewAccount, open_accounts, open_accounts_once};
pub use open_import::{
    ImportMode, NewImport, OpenedImport, fail_import, finish_import, open_import,
};
pub use people::{
    NewMembership, add_person, end_login, end_membership, give_membership, link_login,
    release_account,
};
pub use post_outcomes::{
    Origin, PostAnswer, PostedLot, PostedOutcome, post_outcomes, post_outcomes_once,
};
pub use post_singles::{SinglePost, post_singles_once};
pub use publish_catalogue::{
    NewCatalogueVersion, VersionDetails, publish_catalogue, register_subcategories,
};
pub use record_access::{RefusedAccess, RefusedSubject, forget_access, record_access};
pub use record_readings::{Reading, record_readings};
pub use record_review::{ReviewOrder, record_review};
pub use register::{
    NewClient, NewInstitution, NewProgramme, RegisterCounts, deactivate_client, register_client,
    register_documents, register_institutions, register_programmes, set_standing,
};
pub use rehearse_rules::{REHEARSED_TOLD_MAX, RehearsalView, RehearsedRequest, rehearse_rule_set};
pub use remits::{NewPlace, NewRemit, register_places};
pub use replay::{ReplayView, replay_all, replay_decision};
pub(crate) use request_bases::list_closed;
pub use request_conversion::{ConversionOrder, OrderedLearner, request_conversion_once};
pub use resubmit_request::resubmit_request_once;
pub use reverse_entries::{ReversalOrder, reverse_conversion_once, undo_correction_once};
pub use reverse_hold::{HoldReversed, reverse_hold_once};
pub use roll_up_totals::{RebuiltTotals, RolledUp, rebuild_totals, roll_up_totals};
pub use rule_sets::{
    OrFaults, Vote, VoteCount, draft_rule_set, propose_rule_set, retire_rule_set, vote_on_rule_set,
};
pub use same_courses::{
    CourseRef, NewDuplicateGroup, NewSubstitute, SameCourses, register_same_courses,
};
pub use sequence_events::{EVENTS_AT_ONCE, Sequenced, rebase_events, sequence_events, tend_events};
pub use settle_duplicates::{dismiss_candidate_once, settle_collision_once};
pub use twins::Twin;
pub use unmerge_learners::{UnmergeOrder, unmerge_learners_once};
pub use unwind::RevisedConversion;
pub use what_if::{OutlookView, WhatIfOrder, what_if};
