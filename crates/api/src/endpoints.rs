//! Every operation of the API, as data: it drives authentication, the refusal of unknown methods
//! and query parameters, and the test that no operation lacks an action of the policy.

use actix_web::http::Method;
use creditbank_domain::authz::ActionName;

/// One operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    /// `GET`, `POST` or `PATCH`.
    pub method: &'static str,
    /// The path with its parameters in braces.
    pub path: &'static str,
    /// What the policy has to permit; `None` where no token is asked for.
    pub action: Option<ActionName>,
    /// The query parameters it reads; any other is refused.
    pub query: &'static [&'static str],
}

impl Endpoint {
    /// Whether it is asked by whatever watches the server, however often.
    pub(crate) fn is_health(&self) -> bool {
        self.path.starts_with("/health/")
    }
}

const fn get(path: &'static str, action: Option<ActionName>) -> Endpoint {
    Endpoint {
        method: "GET",
        path,
        action,
        query: &[],
    }
}

const fn post(path: &'static str, action: ActionName) -> Endpoint {
    Endpoint {
        method: "POST",
        path,
        action: Some(action),
        query: &[],
    }
}

/// For callers who have no token yet.
const fn open_post(path: &'static str) -> Endpoint {
    Endpoint {
        method: "POST",
        ..get(path, None)
    }
}

/// The whole API.
pub const ENDPOINTS: &[Endpoint] = &[
    post("/v1/outcomes", ActionName::PostOutcomes),
    post("/v1/outcome-batches", ActionName::PostOutcomes),
    post("/v1/learners", ActionName::OpenAccounts),
    post("/v1/learner-batches", ActionName::OpenAccounts),
    Endpoint {
        query: &["as_of", "by"],
        ..get(
            "/v1/learners/{learner_no}/balance",
            Some(ActionName::ReadLearner),
        )
    },
    Endpoint {
        query: &["cursor", "limit"],
        ..get(
            "/v1/learners/{learner_no}/movements",
            Some(ActionName::ReadLearner),
        )
    },
    Endpoint {
        query: &["from", "to"],
        ..get(
            "/v1/learners/{learner_no}/statement",
            Some(ActionName::ReadLearner),
        )
    },
    Endpoint {
        query: &["institution", "programme"],
        ..get(
            "/v1/learners/{learner_no}/outlooks",
            Some(ActionName::ReadLearner),
        )
    },
    Endpoint {
        query: &["cursor", "limit"],
        ..get(
            "/v1/learners/{learner_no}/readings",
            Some(ActionName::ReadReadings),
        )
    },
    post(
        "/v1/learners/{learner_no}/consents",
        ActionName::KeepConsents,
    ),
    get(
        "/v1/learners/{learner_no}/consents",
        Some(ActionName::ReadConsents),
    ),
    post(
        "/v1/learners/{learner_no}/consents/{consent_id}/withdrawal",
        ActionName::KeepConsents,
    ),
    post(
        "/v1/learners/{learner_no}/claim-codes",
        ActionName::IssueClaimCodes,
    ),
    post("/v1/account-claims", ActionName::ClaimAccount),
    Endpoint {
        query: &["cursor", "limit"],
        ..get("/v1/duplicate-candidates", Some(ActionName::MergeLearners))
    },
    post(
        "/v1/duplicate-candidates/{candidate_id}/dismissal",
        ActionName::MergeLearners,
    ),
    post("/v1/learner-merges", ActionName::MergeLearners),
    get(
        "/v1/learner-merges/{merge_id}",
        Some(ActionName::MergeLearners),
    ),
    post(
        "/v1/merge-collisions/{collision_id}/settlement",
        ActionName::MergeLearners,
    ),
    post(
        "/v1/learner-merges/{merge_id}/reversal",
        ActionName::MergeLearners,
    ),
    Endpoint {
        query: &["cursor", "limit"],
        ..get("/v1/overdue-entries", Some(ActionName::KeepRegister))
    },
    post("/v1/imports", ActionName::RunImport),
    get("/v1/imports/{import_id}", Some(ActionName::ReadImport)),
    get(
        "/v1/imports/{import_id}/result",
        Some(ActionName::ReadImport),
    ),
    post("/v1/import-jobs", ActionName::RunImport),
    Endpoint {
        query: &["cursor", "limit"],
        ..get("/v1/import-jobs", Some(ActionName::ReadImport))
    },
    get("/v1/import-jobs/{job_id}", Some(ActionName::ReadImport)),
    get(
        "/v1/import-jobs/{job_id}/upload",
        Some(ActionName::RunImport),
    ),
    Endpoint {
        method: "PATCH",
        ..get(
            "/v1/import-jobs/{job_id}/upload",
            Some(ActionName::RunImport),
        )
    },
    post(
        "/v1/import-jobs/{job_id}/cancellation",
        ActionName::RunImport,
    ),
    post(
        "/v1/import-jobs/{job_id}/approval",
        ActionName::ApproveImport,
    ),
    get("/v1/import-settings", Some(ActionName::ReadImport)),
    post("/v1/import-settings", ActionName::KeepImportSettings),
    post("/v1/conversion-requests", ActionName::RequestConversion),
    Endpoint {
        query: &[
            "party",
            "awaiting_answer",
            "marked",
            "overdue",
            "cursor",
            "limit",
        ],
        ..get("/v1/conversion-requests", Some(ActionName::ReadConversion))
    },
    get(
        "/v1/conversion-requests/{request_id}",
        Some(ActionName::ReadConversion),
    ),
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
        Some(ActionName::ReadEvidence),
    ),
    get(
        "/v1/conversion-requests/{request_id}/evidence/{evidence_id}",
        Some(ActionName::ReadEvidence),
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
        Some(ActionName::ReadConversion),
    ),
    post("/v1/conversion-cohorts", ActionName::RequestConversion),
    get(
        "/v1/conversion-cohorts/{cohort_id}/file",
        Some(ActionName::RequestConversion),
    ),
    get(
        "/v1/conversion-cohorts/{cohort_id}/result",
        Some(ActionName::RequestConversion),
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
    Endpoint {
        query: &["cursor", "limit"],
        ..get("/v1/conversion-drafts", Some(ActionName::RequestConversion))
    },
    get(
        "/v1/conversion-drafts/{draft_id}",
        Some(ActionName::RequestConversion),
    ),
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
    Endpoint {
        query: &["cursor", "limit"],
        ..get("/v1/events", Some(ActionName::ReadEvents))
    },
    Endpoint {
        query: &["from", "to"],
        ..get("/v1/totals", Some(ActionName::ReadTotals))
    },
    Endpoint {
        query: &["from", "to"],
        ..get("/v1/conversion-figures", Some(ActionName::ReadTotals))
    },
    post("/v1/webhook-endpoints", ActionName::KeepWebhooks),
    Endpoint {
        query: &["cursor", "limit"],
        ..get("/v1/webhook-endpoints", Some(ActionName::ReadWebhooks))
    },
    get(
        "/v1/webhook-endpoints/{endpoint_id}",
        Some(ActionName::ReadWebhooks),
    ),
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
    Endpoint {
        query: &["cursor", "limit", "state"],
        ..get(
            "/v1/webhook-endpoints/{endpoint_id}/deliveries",
            Some(ActionName::ReadWebhooks),
        )
    },
    post(
        "/v1/webhook-endpoints/{endpoint_id}/deliveries/{delivery_id}/redelivery",
        ActionName::KeepWebhooks,
    ),
    post(
        "/v1/webhook-endpoints/{endpoint_id}/end",
        ActionName::KeepWebhooks,
    ),
    Endpoint {
        query: &["cursor", "limit"],
        ..get("/v1/access-log", Some(ActionName::ReadAccessLog))
    },
    open_post("/v1/demo-logins"),
    open_post("/oauth/token"),
    get("/.well-known/jwks.json", None),
    get("/openapi.json", None),
    get("/docs", None),
    get("/docs/{file}", None),
    get("/errors", None),
    get("/errors/{code}", None),
    get("/health/live", None),
    get("/health/ready", None),
];

/// The operation behind a matched path.
pub(crate) fn endpoint(method: &Method, path: &str) -> Option<&'static Endpoint> {
    ENDPOINTS
        .iter()
        .find(|it| it.path == path && method == it.method)
}

/// Every path once.
pub(crate) fn paths() -> Vec<&'static str> {
    let mut paths: Vec<_> = ENDPOINTS.iter().map(|endpoint| endpoint.path).collect();
    paths.dedup();
    paths
}

/// What a path can do, for the `Allow` header; HEAD wherever GET is.
pub(crate) fn allowed(path: &str) -> String {
    let methods: Vec<_> = ENDPOINTS
        .iter()
        .filter(|endpoint| endpoint.path == path)
        .map(|endpoint| {
            if endpoint.method == "GET" {
                "GET, HEAD"
            } else {
                endpoint.method
            }
        })
        .collect();
    methods.join(", ")
}
