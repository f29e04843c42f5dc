//! Everything that reads: one file per view, each behind a grant unless it is public.

mod access_log;
mod appointments;
mod arrangements;
mod backlog;
mod balance;
mod catalogue;
mod cohort_files;
mod cohort_pages;
mod committees;
mod consents;
mod conversion_figures;
mod conversions;
mod credentials;
mod database_settings;
mod duplicates;
mod events;
mod evidence;
mod export;
mod governance;
mod helpers;
mod identity;
mod import_jobs;
mod import_signatures;
mod imports;
mod kept_clients;
mod mappings;
mod merges;
mod movement_rows;
mod movements;
mod notices;
mod people;
mod readings;
mod register;
mod remits;
mod request_queue;
mod request_way;
mod reviews;
mod rule_set_details;
mod rule_sets;
mod same_names;
mod statement;
mod totals;
mod webhooks;

pub use crate::tables::rule_sets::RuleSetState;
pub use access_log::{AccessEntry, AccessOutcome, access_log};
pub(crate) use appointments::appointment;
pub use appointments::{AppointmentView, list_appointments};
pub use arrangements::{
    CalendarYearView, ChainView, DelegationView, review_chains, review_delegations, work_calendars,
};
pub use backlog::{Backlog, backlog};
pub use balance::{AsOf, BalanceRow, BalanceView, UnitBalance, balance, balance_as_of};
pub use catalogue::{
    CatalogueFilter, EntryView, GivenView, VersionView, catalogue_entries, catalogue_entry,
};
pub use cohort_files::{CohortFileView, cohort_file};
pub use cohort_pages::conversion_cohort_page;
pub use committees::{CommitteeView, SeatView, list_committees};
pub(crate) use consents::consent_view;
pub use consents::{BasisView, ConsentView, Disclosure, Inquiry, consents};
pub use conversion_figures::{
    ConversionFigures, MonthFigures, conversion_figures, published_figures,
};
pub use conversions::{
    CohortView, LineView, RejectedLearner, RequestState, RequestView, conversion_cohort,
    conversion_request,
};
pub(crate) use conversions::{cohort_view, request_view, request_views};
pub use credentials::{
    SecretView, SigningKeyState, SigningKeyView, client_key, client_secret_hash, client_secrets_of,
    signing_keys,
};
pub use database_settings::{DatabaseSettings, database_settings};
pub use duplicates::{CandidateAccount, CandidateView, duplicate_candidates};
pub(crate) use events::page_of_events;
pub use events::{EventView, events};
pub use evidence::{EvidenceView, OpenedEvidence, evidence, needed_evidence, one_evidence};
pub(crate) use evidence::{evidence_view, evidence_withdrawn};
pub use export::{ExportSlice, ExportedTransfer, export_transfers};
pub use governance::{
    AttendeeView, DocumentDetail, DocumentFacts, DocumentView, MeetingView, ResolutionView,
    document, documents, meeting, meetings,
};
pub use helpers::{HelperView, helpers};
pub(crate) use helpers::{helper_view, learner_of};
pub use identity::{IdentityView, identity};
pub(crate) use import_jobs::stored_file;
pub use import_jobs::{
    ImportJobView, ImportSettingsView, StoredFile, file_of_import, import_job, import_jobs,
    import_settings, job_of_import, needless_import_blobs, outdated_import_files,
};
pub use import_signatures::{SignatureFound, signature_found};
pub use imports::{
    ImportState, ImportView, StoredFault, StoredLineResult, import, import_line_results,
};
pub use kept_clients::{KEPT_ROLES, KeptClient, KeptKey, KeptSecret, kept_client, kept_clients};
pub(crate) use kept_clients::{client_kept, kept_of};
pub use mappings::{
    ImportSummary, MappingUsed, MappingVersion, MappingView, QuestionsView, import_questions,
    import_summary, leveled_courses, mapping, mapping_used, mappings, unknown_courses,
};
pub(crate) use merges::merge_view;
pub use merges::{CollisionView, MergeView, UnmergeView, learner_merge};
pub use movements::{MovementView, Sums, movements};
pub use notices::{DueItem, NoticeView, NoticesView, UNREAD_MAX, notices};
pub(crate) use notices::{Inbox, TOLD_FOR, unread};
pub use people::{PersonView, list_people, person_by_login};
pub use readings::{ReadingView, readings};
pub use register::{ClientView, client, client_by_name, institution_by_code, unapplied_migrations};
pub use request_queue::{QueueFilter, QueuedRequest, request_queue};
pub use request_way::{NotAcceptedView, StepView, WayView};
pub use reviews::{OverdueEntry, overdue_entries};
pub(crate) use rule_set_details::rule_set_detail;
pub use rule_set_details::{
    RuleSetDetail, RuleSetFilter, VoteView, rule_set, rule_set_changes, rule_sets,
};
pub use rule_sets::{RuleDocumentView, RuleSetView, list_rule_sets, rule_document};
pub use same_names::{CourseName, SameNames, same_names};
pub use statement::{STATEMENT_MOVEMENTS_MAX, StatementUnit, StatementView, statement};
pub use totals::{TotalFigures, TotalView, TotalsView, totals};
pub(crate) use webhooks::endpoint_view;
pub use webhooks::{
    WebhookDeliveryView, WebhookEndpointView, webhook_deliveries, webhook_endpoint,
    webhook_endpoints,
};

use creditbank_domain::authz::{Grant, ReadLearner, Subject, View};
use creditbank_domain::ids::LearnerId;
use creditbank_domain::learner_no::LearnerNo;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::tables::learners;

/// An account with those that are merged into it: one learner's, under one number.
struct JointAccount {
    learner_id: LearnerId,
    learner_no: LearnerNo,
    /// Whose lots, outcomes and requests it has: its own and theirs.
    members: Vec<LearnerId>,
}

impl JointAccount {
    fn member_ids(&self) -> Vec<Uuid> {
        self.members.iter().map(|id| id.as_uuid()).collect()
    }
}

/// The account that a grant is for, and the institution whose part of it may be seen. The number
/// of an account that is merged into another one leads to that one.
///
/// An institution that never recorded anything of the learner finds nothing, as if there were no
/// such account.
fn account_of(
    conn: &mut PgConnection,
    grant: &Grant<ReadLearner>,
) -> Result<(JointAccount, Option<Uuid>), LedgerError> {
    let (number, only) = asked_by(grant)?;
    let found = learners::find_by_number(conn, number)?.ok_or(LedgerError::NotFound)?;
    let members = found.members();
    let account = JointAccount {
        learner_id: found.account.learner_id,
        learner_no: found.account.learner_no,
        members,
    };
    Ok((account, only))
}

/// The account that a grant's learner is shown as, and the institution whose outcomes alone the
/// grant shows.
pub(crate) fn account_and_view(
    conn: &mut PgConnection,
    grant: &Grant<ReadLearner>,
) -> Result<(LearnerId, Option<Uuid>), LedgerError> {
    let (account, only) = account_of(conn, grant)?;
    Ok((account.learner_id, only))
}

/// Whom a grant is about, and the institution whose outcomes alone it shows.
fn asked_by(grant: &Grant<ReadLearner>) -> Result<(LearnerNo, Option<Uuid>), LedgerError> {
    let Subject::Learner(number) = grant.subject() else {
        return Err(LedgerError::NotFound);
    };
    match grant.view() {
        View::Whole => Ok((number, None)),
        View::OnlyOwn(own) if own == number => Ok((number, None)),
        View::OnlyOwn(_) => Err(LedgerError::NotFound),
        View::OnlyOf(institution) => Ok((number, Some(institution.as_uuid()))),
    }
}

/// Whether any lot of a learner's accounts came from an outcome of an institution.
fn has_part(
    conn: &mut PgConnection,
    learner: &[Uuid],
    institution: Uuid,
) -> Result<bool, LedgerError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let row: Row = diesel::sql_query(
        "select exists ( \
             select from lots l join outcomes o using (learner_id, outcome_id) \
             where l.learner_id = any($1) and o.institution_id = $2 \
         ) as found",
    )
    .bind::<Array<SqlUuid>, _>(learner)
    .bind::<SqlUuid, _>(institution)
    .get_result(conn)?;
    Ok(row.found)
}
