use creditbank_domain::webhook::Network;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::*;
use crate::auth::fixture::now;
use crate::dto::access::ReadingsView;
use crate::dto::access_log::AccessLogView;
use crate::dto::account::{AccountBatchBody, AccountBatchView, AccountView};
use crate::dto::bulk::{BulkDecisionBody, BulkDecisionView};
use crate::dto::cohort_file::CohortFileView;
use crate::dto::consent::{ConsentBody, ConsentView, ConsentsView};
use crate::dto::conversion::{ConversionBody, DecisionBody};
use crate::dto::conversion_view::{CohortView, RequestView};
use crate::dto::draft::{DraftView, DraftsView};
use crate::dto::event::EventsView;
use crate::dto::evidence::{AnswerBody, EvidenceListView, EvidenceView};
use crate::dto::figures::FiguresView;
use crate::dto::import::ImportView;
use crate::dto::import_job::{ApprovalBody, JobBody, JobView, JobsView, SettingsView, UploadView};
use crate::dto::learner::{BalanceView, MovementsView};
use crate::dto::merging::{CandidatesView, DismissalView, MergeView, SettlementBody, UnmergeBody};
use crate::dto::outcome::{BatchBody, OutcomeBody};
use crate::dto::outcome_view::{BatchView, OutcomeView};
use crate::dto::request_way::{CheckBody, QueueView, SayingBody};
use crate::dto::review::OverdueEntriesView;
use crate::dto::statement::StatementView;
use crate::dto::totals::TotalsView;
use crate::dto::webhook::{
    DeliveriesView, DeliveryView, EndpointBody, EndpointView, EndpointsView,
};
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
