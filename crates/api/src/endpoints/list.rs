//! The list itself; what an operation is says its parent.

use creditbank_domain::authz::ActionName;

use super::Endpoint;

/// The whole API.
pub const ENDPOINTS: &[Endpoint] = &[
    post("/v1/outcomes", ActionName::PostOutcomes),
    post("/v1/outcome-batches", ActionName::PostOutcomes),
    post("/v1/learners", ActionName::OpenAccounts),
    post("/v1/learner-batches", ActionName::OpenAccounts),
    get("/v1/learners/{learner_no}/balance", ActionName::ReadLearner)
        .with(&["as_of", "by", "fields"]),
    get(
        "/v1/learners/{learner_no}/movements",
        ActionName::ReadLearner,
    )
    .with(&["cursor", "limit", "fields"]),
    get(
        "/v1/learners/{learner_no}/statement",
        ActionName::ReadLearner,
    )
    .with(&["from", "to", "fields"]),
    get(
        "/v1/learners/{learner_no}/outlooks",
        ActionName::ReadLearner,
    )
    .with(&["institution", "programme", "fields"]),
    get(
        "/v1/learners/{learner_no}/readings",
        ActionName::ReadReadings,
    )
    .with(&["cursor", "limit", "fields"]),
    post(
        "/v1/learners/{learner_no}/consents",
        ActionName::KeepConsents,
    ),
    get(
        "/v1/learners/{learner_no}/consents",
        ActionName::ReadConsents,
    )
    .with(&["fields"]),
    post(
        "/v1/learners/{learner_no}/consents/{consent_id}/withdrawal",
        ActionName::KeepConsents,
    ),
    post(
        "/v1/learners/{learner_no}/claim-codes",
        ActionName::IssueClaimCodes,
    ),
    post("/v1/account-claims", ActionName::ClaimAccount),
    get("/v1/duplicate-candidates", ActionName::MergeLearners).with(&["cursor", "limit", "fields"]),
    post(
        "/v1/duplicate-candidates/{candidate_id}/dismissal",
        ActionName::MergeLearners,
    ),
    post("/v1/learner-merges", ActionName::MergeLearners),
    get("/v1/learner-merges/{merge_id}", ActionName::MergeLearners).with(&["fields"]),
    post(
        "/v1/merge-collisions/{collision_id}/settlement",
        ActionName::MergeLearners,
    ),
    post(
        "/v1/learner-merges/{merge_id}/reversal",
        ActionName::MergeLearners,
    ),
    get("/v1/catalogue-entries", ActionName::ReadCatalogue).with(&[
        "owner", "code", "category", "on", "cursor", "limit", "fields",
    ]),
    get(
        "/v1/catalogue-entries/{entry_id}",
        ActionName::ReadCatalogue,
    )
    .with(&["fields"]),
    get("/v1/overdue-entries", ActionName::KeepRegister).with(&["cursor", "limit", "fields"]),
    post("/v1/imports", ActionName::RunImport),
    get("/v1/imports/{import_id}", ActionName::ReadImport).with(&["fields"]),
    get("/v1/imports/{import_id}/result", ActionName::ReadImport),
    post("/v1/import-jobs", ActionName::RunImport),
    get("/v1/import-jobs", ActionName::ReadImport).with(&["cursor", "limit", "fields"]),
    get("/v1/import-jobs/{job_id}", ActionName::ReadImport).with(&["fields"]),
    get("/v1/import-jobs/{job_id}/upload", ActionName::RunImport),
    patch("/v1/import-jobs/{job_id}/upload", ActionName::RunImport),
    post(
        "/v1/import-jobs/{job_id}/cancellation",
        ActionName::RunImport,
    ),
    get("/v1/import-jobs/{job_id}/questions", ActionName::ReadImport),
    post("/v1/import-jobs/{job_id}/answers", ActionName::RunImport),
    post(
        "/v1/import-jobs/{job_id}/approval",
        ActionName::ApproveImport,
    ),
    get("/v1/import-settings", ActionName::ReadImport),
    post("/v1/import-settings", ActionName::KeepImportSettings),
    get("/v1/import-mappings", ActionName::ReadImport).with(&["cursor", "limit", "fields"]),
    post("/v1/import-mappings", ActionName::RunImport),
    post("/v1/conversion-requests", ActionName::RequestConversion),
    get("/v1/conversion-requests", ActionName::ReadConversion).with(&[
        "party",
        "awaiting_answer",
        "marked",
        "overdue",
        "cursor",
        "limit",
        "fields",
    ]),
    get(
        "/v1/conversion-requests/{request_id}",
        ActionName::ReadConversion,
    )
    .with(&["fields"]),
    post(
        "/v1/conversion-requests/{request_id}/decision",
        ActionName::DecideConversion,
    ),
    post(
        "/v1/conversion-requests/{request_id}/check",
        ActionName::CheckConversion,
    ),
    post(
        "/v1/conversion-requests/{request_id}/answer",
        ActionName::RequestConversion,
    ),
    post(
        "/v1/conversion-requests/{request_id}/withdrawal",
        ActionName::RequestConversion,
    ),
    post(
        "/v1/conversion-requests/{request_id}/appeal",
        ActionName::RequestConversion,
    ),
    post(
        "/v1/conversion-requests/{request_id}/evidence",
        ActionName::AttachEvidence,
    ),
    get(
        "/v1/conversion-requests/{request_id}/evidence",
        ActionName::ReadEvidence,
    )
    .with(&["fields"]),
    get(
        "/v1/conversion-requests/{request_id}/evidence/{evidence_id}",
        ActionName::ReadEvidence,
    ),
    post(
        "/v1/conversion-requests/{request_id}/evidence/{evidence_id}/withdrawal",
        ActionName::AttachEvidence,
    ),
    post(
        "/v1/conversion-requests/{request_id}/resubmission",
        ActionName::RequestConversion,
    ),
    get(
        "/v1/conversion-cohorts/{cohort_id}",
        ActionName::ReadConversion,
    )
    .with(&["cursor", "limit", "fields"]),
    post("/v1/conversion-cohorts", ActionName::RequestConversion),
    get(
        "/v1/conversion-cohorts/{cohort_id}/file",
        ActionName::RequestConversion,
    ),
    get(
        "/v1/conversion-cohorts/{cohort_id}/result",
        ActionName::RequestConversion,
    ),
    post(
        "/v1/conversion-cohorts/{cohort_id}/cancellation",
        ActionName::RequestConversion,
    ),
    post(
        "/v1/conversion-cohorts/{cohort_id}/decision",
        ActionName::DecideConversion,
    ),
    post("/v1/conversion-decisions", ActionName::DecideConversion),
    post("/v1/conversion-drafts", ActionName::RequestConversion),
    get("/v1/conversion-drafts", ActionName::RequestConversion)
        .with(&["cursor", "limit", "fields"]),
    get(
        "/v1/conversion-drafts/{draft_id}",
        ActionName::RequestConversion,
    )
    .with(&["fields"]),
    post(
        "/v1/conversion-drafts/{draft_id}/revision",
        ActionName::RequestConversion,
    ),
    post(
        "/v1/conversion-drafts/{draft_id}/submission",
        ActionName::RequestConversion,
    ),
    post(
        "/v1/conversion-drafts/{draft_id}/discard",
        ActionName::RequestConversion,
    ),
    post(
        "/v1/conversion-requests/{request_id}/reversal",
        ActionName::ReverseEntries,
    ),
    post("/v1/corrections", ActionName::CorrectOutcomes),
    post("/v1/withdrawals", ActionName::CorrectOutcomes),
    post(
        "/v1/corrections/{correction_id}/reversal",
        ActionName::ReverseEntries,
    ),
    post("/v1/learners/{learner_no}/holds", ActionName::HoldLots),
    post(
        "/v1/learners/{learner_no}/holds/{hold_id}/settlement",
        ActionName::HoldLots,
    ),
    post(
        "/v1/learners/{learner_no}/holds/{hold_id}/release",
        ActionName::HoldLots,
    ),
    post(
        "/v1/learners/{learner_no}/holds/{hold_id}/reversal",
        ActionName::ReverseEntries,
    ),
    get("/v1/events", ActionName::ReadEvents).with(&["cursor", "limit", "fields"]),
    get("/v1/totals", ActionName::ReadTotals).with(&["from", "to", "fields"]),
    get("/v1/conversion-figures", ActionName::ReadTotals).with(&["from", "to", "fields"]),
    post("/v1/webhook-endpoints", ActionName::KeepWebhooks),
    get("/v1/webhook-endpoints", ActionName::ReadWebhooks).with(&["cursor", "limit", "fields"]),
    get(
        "/v1/webhook-endpoints/{endpoint_id}",
        ActionName::ReadWebhooks,
    )
    .with(&["fields"]),
    post(
        "/v1/webhook-endpoints/{endpoint_id}/test",
        ActionName::KeepWebhooks,
    ),
    post(
        "/v1/webhook-endpoints/{endpoint_id}/secrets",
        ActionName::KeepWebhooks,
    ),
    post(
        "/v1/webhook-endpoints/{endpoint_id}/pause",
        ActionName::KeepWebhooks,
    ),
    post(
        "/v1/webhook-endpoints/{endpoint_id}/resume",
        ActionName::KeepWebhooks,
    ),
    get(
        "/v1/webhook-endpoints/{endpoint_id}/deliveries",
        ActionName::ReadWebhooks,
    )
    .with(&["cursor", "limit", "state", "fields"]),
    post(
        "/v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/redelivery",
        ActionName::KeepWebhooks,
    ),
    post(
        "/v1/webhook-endpoints/{endpoint_id}/end",
        ActionName::KeepWebhooks,
    ),
    get("/v1/documents", ActionName::ReadRegister).with(&["cursor", "limit", "fields"]),
    post("/v1/documents", ActionName::KeepRegister),
    get("/v1/documents/{document_number}", ActionName::ReadRegister).with(&["fields"]),
    get("/v1/meetings", ActionName::ReadRegister).with(&["year", "cursor", "limit", "fields"]),
    post("/v1/meetings", ActionName::KeepRegister),
    get("/v1/meetings/{meeting_id}", ActionName::ReadRegister).with(&["fields"]),
    post(
        "/v1/meetings/{meeting_id}/resolutions",
        ActionName::KeepRegister,
    ),
    get("/v1/rule-sets", ActionName::ReadRegister).with(&[
        "institution",
        "state",
        "cursor",
        "limit",
        "fields",
    ]),
    post("/v1/rule-sets", ActionName::DraftRules),
    get("/v1/rule-sets/{rule_set_id}", ActionName::ReadRegister).with(&["fields"]),
    get(
        "/v1/rule-sets/{rule_set_id}/changes",
        ActionName::ReadRegister,
    )
    .with(&["since", "fields"]),
    post(
        "/v1/rule-sets/{rule_set_id}/proposal",
        ActionName::DraftRules,
    ),
    post("/v1/rule-sets/{rule_set_id}/votes", ActionName::VoteOnRules),
    post(
        "/v1/rule-sets/{rule_set_id}/retirement",
        ActionName::KeepRegister,
    ),
    get("/v1/committees", ActionName::ReadRegister).with(&["fields"]),
    post("/v1/committees", ActionName::KeepRegister),
    post(
        "/v1/committees/{committee_code}/departures",
        ActionName::KeepRegister,
    ),
    get("/v1/memberships", ActionName::KeepMemberships).with(&["cursor", "limit", "fields"]),
    post("/v1/memberships", ActionName::KeepMemberships),
    post(
        "/v1/memberships/{membership_id}/end",
        ActionName::KeepMemberships,
    ),
    get("/v1/clients", ActionName::KeepClients).with(&["cursor", "limit", "fields"]),
    post("/v1/clients", ActionName::KeepClients),
    get("/v1/clients/{client_id}", ActionName::KeepClients).with(&["fields"]),
    post("/v1/clients/{client_id}/secrets", ActionName::KeepClients),
    post(
        "/v1/clients/{client_id}/secrets/{secret_id}/end",
        ActionName::KeepClients,
    ),
    post("/v1/clients/{client_id}/keys", ActionName::KeepClients),
    post(
        "/v1/clients/{client_id}/keys/{kid}/end",
        ActionName::KeepClients,
    ),
    post("/v1/clients/{client_id}/end", ActionName::KeepClients),
    get("/v1/learners/{learner_no}/helpers", ActionName::KeepHelpers)
        .with(&["cursor", "limit", "fields"]),
    post("/v1/learners/{learner_no}/helpers", ActionName::KeepHelpers),
    post(
        "/v1/learners/{learner_no}/helpers/{helper_id}/end",
        ActionName::KeepHelpers,
    ),
    get("/v1/review-chains", ActionName::ReadRegister).with(&["institution", "fields"]),
    post("/v1/review-chains", ActionName::ArrangeReviews),
    get("/v1/review-delegations", ActionName::DelegateReviews).with(&["cursor", "limit", "fields"]),
    post("/v1/review-delegations", ActionName::DelegateReviews),
    get("/v1/work-calendars", ActionName::ReadRegister).with(&["fields"]),
    post("/v1/work-calendars", ActionName::KeepRegister),
    get("/v1/notices", ActionName::ReadNotices).with(&["cursor", "limit", "fields"]),
    post("/v1/notice-marks", ActionName::ReadNotices),
    get("/v1/access-log", ActionName::ReadAccessLog).with(&["cursor", "limit", "fields"]),
    open_post("/v1/demo-logins"),
    open_post("/oauth/token"),
    open_get("/v1/published-figures").with(&["month", "fields"]),
    open_get("/.well-known/jwks.json"),
    open_get("/openapi.json"),
    open_get("/docs"),
    open_get("/docs/{file}"),
    open_get("/errors"),
    open_get("/errors/{code}"),
    open_get("/health/live"),
    open_get("/health/ready"),
];

const fn get(path: &'static str, action: ActionName) -> Endpoint {
    Endpoint {
        action: Some(action),
        ..open_get(path)
    }
}

const fn post(path: &'static str, action: ActionName) -> Endpoint {
    Endpoint {
        method: "POST",
        ..get(path, action)
    }
}

const fn patch(path: &'static str, action: ActionName) -> Endpoint {
    Endpoint {
        method: "PATCH",
        ..get(path, action)
    }
}

/// For everybody.
const fn open_get(path: &'static str) -> Endpoint {
    Endpoint {
        method: "GET",
        path,
        action: None,
        query: &[],
    }
}

/// For callers who have no token yet.
const fn open_post(path: &'static str) -> Endpoint {
    Endpoint {
        method: "POST",
        ..open_get(path)
    }
}
