use creditbank_domain::webhook::Network;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::*;
use crate::auth::fixture::now;
use crate::dto::access::ReadingsView;
use crate::dto::access_log::AccessLogView;
use crate::dto::account::{AccountBatchBody, AccountBatchView, AccountView};
use crate::dto::appointing::{
    CommitteeBody, CommitteeView, DepartureBody, MembershipBody, MembershipView,
};
use crate::dto::arranging::{ChainBody, ChainsView, DelegationBody, DelegationView};
use crate::dto::bulk::{BulkDecisionBody, BulkDecisionView};
use crate::dto::catalogue::{CatalogueView, EntryDetailView};
use crate::dto::cohort_file::CohortFileView;
use crate::dto::consent::{ConsentBody, ConsentView, ConsentsView};
use crate::dto::conversion::{ConversionBody, DecisionBody};
use crate::dto::conversion_view::{CohortView, RequestView};
use crate::dto::draft::{DraftView, DraftsView};
use crate::dto::event::EventsView;
use crate::dto::evidence::{AnswerBody, EvidenceListView, EvidenceView};
use crate::dto::figures::FiguresView;
use crate::dto::governing::{DocumentBody, DocumentView, ResolutionBody};
use crate::dto::helping::{HelperBody, HelperView};
use crate::dto::import::ImportView;
use crate::dto::import_job::{ApprovalBody, JobBody, JobView, JobsView, SettingsView, UploadView};
use crate::dto::import_mapping::{
    LayoutAnswerBody, MappingBody, MappingView, MappingsView, QuestionsView,
};
use crate::dto::learner::{BalanceView, MovementsView};
use crate::dto::meeting::{MeetingBody, MeetingView};
use crate::dto::merging::{CandidatesView, DismissalView, MergeView, SettlementBody, UnmergeBody};
use crate::dto::notice::{MarkBody, NoticesView};
use crate::dto::outcome::{BatchBody, OutcomeBody};
use crate::dto::outcome_view::{BatchView, OutcomeView};
use crate::dto::request_way::{CheckBody, QueueView, SayingBody};
use crate::dto::review::OverdueEntriesView;
use crate::dto::rule_set::{RuleChangesView, RuleSetDetailView, RuleSetsView};
use crate::dto::statement::StatementView;
use crate::dto::totals::TotalsView;
use crate::dto::webhook::{
    DeliveriesView, DeliveryView, EndpointBody, EndpointView, EndpointsView,
};
use crate::dto::work_days::CalendarBody;
use crate::problem::{Place, ProblemView};

fn check<T: Serialize + DeserializeOwned>(example: Value) {
    let read: T = serde_json::from_value(example.clone()).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap(), example);
}

#[test]
fn answers_are_what_their_types_write() {
    check::<OutcomeView>(outcome_view());
    check::<BatchView>(batch_view());
    check::<AccountView>(account_view());
    check::<AccountBatchView>(account_batch_view());
    check::<MergeView>(merge_view());
    check::<CandidatesView>(candidates_view());
    check::<DismissalView>(dismissal_view());
    check::<OverdueEntriesView>(overdue_entries_view());
    check::<CatalogueView>(catalogue_view());
    check::<EntryDetailView>(entry_view());
    check::<BalanceView>(balance_view());
    check::<MovementsView>(movements_view());
    check::<StatementView>(statement_view());
    check::<ImportView>(import_view());
    check::<CohortFileView>(cohort_file_view());
    check::<JobBody>(import_job());
    check::<JobView>(import_job_view());
    check::<JobsView>(import_jobs_view());
    check::<UploadView>(import_upload_view());
    check::<ApprovalBody>(import_approval());
    check::<SettingsView>(import_settings());
    check::<QuestionsView>(import_questions());
    check::<LayoutAnswerBody>(import_answer());
    check::<MappingBody>(import_mapping());
    check::<MappingView>(import_mapping_view());
    check::<MappingsView>(import_mappings_view());
    check::<RequestView>(request_view());
    check::<CohortView>(cohort_view());
    check::<QueueView>(queue_view());
    check::<BulkDecisionView>(bulk_decision_view());
    check::<BulkDecisionBody>(bulk_decision());
    check::<DraftView>(draft_view());
    check::<DraftsView>(drafts_view());
    check::<FiguresView>(figures_view());
    check::<SayingBody>(saying());
    check::<ConsentBody>(consent());
    check::<ConsentView>(consent_view());
    check::<ConsentsView>(consents_view());
    check::<AnswerBody>(answer());
    check::<EvidenceView>(evidence_view());
    check::<EvidenceListView>(evidence_list_view());
    check::<CheckBody>(super::check());
    check::<EventsView>(events_view());
    check::<TotalsView>(totals_view());
    check::<ReadingsView>(readings_view());
    check::<AccessLogView>(access_log_view());
    check::<EndpointView>(webhook_endpoint_opened());
    check::<EndpointView>(webhook_endpoint_view());
    check::<EndpointsView>(webhook_endpoints_view());
    check::<DeliveryView>(webhook_delivery_view());
    check::<DeliveriesView>(webhook_deliveries_view());
    check::<ProblemView>(problem());
}

#[test]
fn those_who_govern_see_what_their_types_write() {
    check::<DocumentView>(document_view());
    check::<MeetingView>(meeting_view());
    check::<RuleSetsView>(rule_sets_view());
    check::<RuleSetDetailView>(rule_set_view());
    check::<RuleChangesView>(rule_changes_view());
    check::<MembershipView>(membership_view());
    check::<CommitteeView>(committee_view());
    check::<HelperView>(helper_view());
    check::<ChainsView>(chains_view());
    check::<DelegationView>(delegation_view());
    check::<NoticesView>(notices_view());
}

#[test]
fn what_those_who_govern_send_means_what_it_shows() {
    fn body<T: DeserializeOwned>(example: Value) -> T {
        serde_json::from_value(example).unwrap()
    }
    assert!(body::<DocumentBody>(document()).read().is_ok());
    assert!(body::<MeetingBody>(meeting()).read().is_ok());
    assert!(
        body::<ResolutionBody>(resolution())
            .read(&Place::root())
            .is_ok()
    );
    assert!(body::<MembershipBody>(appointment()).read(now()).is_ok());
    assert!(body::<CommitteeBody>(committee()).read().is_ok());
    assert!(body::<DepartureBody>(departure()).read().is_ok());
    assert!(body::<HelperBody>(helper()).read().is_ok());
    assert!(body::<ChainBody>(chain()).read().is_ok());
    let oneself = creditbank_domain::process::Hand(uuid::Uuid::nil());
    assert!(body::<DelegationBody>(delegation()).read(oneself).is_ok());
    assert!(body::<CalendarBody>(calendar()).read().is_ok());
    assert!(body::<MarkBody>(notice_mark()).read().is_ok());
}

#[test]
fn bodies_mean_what_they_show() {
    let today = now().date_naive();
    let body: OutcomeBody = serde_json::from_value(outcome()).unwrap();
    assert!(body.read(&Place::root(), today).is_ok());
    let body: BatchBody = serde_json::from_value(batch()).unwrap();
    let read: Vec<_> = body
        .outcomes
        .iter()
        .map(|it| it.read(&Place::root(), today).is_ok())
        .collect();
    assert_eq!(read, [true, false]);
    let body: AccountBatchBody = serde_json::from_value(account_batch()).unwrap();
    assert!(body.accounts[0].read(&Place::root(), today).is_ok());
    let body: UnmergeBody = serde_json::from_value(unmerge()).unwrap();
    assert!(body.read().is_ok());
    let body: SettlementBody = serde_json::from_value(settlement()).unwrap();
    assert!(body.read().is_ok());
    let body: ConversionBody = serde_json::from_value(conversion()).unwrap();
    assert!(body.read(today).is_ok());
    let body: EndpointBody = serde_json::from_value(webhook_endpoint()).unwrap();
    assert!(body.read(Network::Public).is_ok());
    let body: DecisionBody = serde_json::from_value(decision()).unwrap();
    assert!(body.read().is_ok());
}
