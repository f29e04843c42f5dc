//! How each operation of the matrix is asked.

use actix_web::test::TestRequest;
use creditbank_api::Endpoint;
use kit::{Answer, Caller, RECEIVING, evidence_form, pdf};
use serde_json::{Value, json};

use super::Things;
use super::bodies::{about_imports, account, asking, because, cohort, part, report, upload};
use crate::api::as_the_rules_say;

/// A request without its sender.
#[expect(clippy::large_enum_variant, reason = "one at a time, in a test")]
pub(super) enum Asked {
    /// A body that goes under an idempotency key.
    Json(String, Value),
    /// Anything else.
    Other(TestRequest),
}

impl Things {
    /// Sends a request that the right caller succeeds with.
    pub(super) async fn ask(&self, endpoint: &Endpoint, caller: &Caller, key: &str) -> Answer {
        match self.asked(endpoint, key) {
            Asked::Json(path, body) => caller.post(&path, key, &body).await,
            Asked::Other(request) => caller.send(request).await,
        }
    }

    /// That request.
    pub(super) fn asked(&self, endpoint: &Endpoint, key: &str) -> Asked {
        let get = |path: String| Asked::Other(TestRequest::get().uri(&path));
        let duplicates = &self.duplicates[usize::from(key.contains("own"))];
        let path = self.path(endpoint.path, duplicates);
        let body = match (endpoint.method, endpoint.path) {
            ("GET", pattern) if pattern.ends_with("/statement") => {
                let period = "from=2026-01-01&to=2026-12-31";
                return get(format!("{path}?{period}"));
            }
            ("GET", pattern) if pattern.ends_with("/changes") => {
                let since = format!("since={}", self.governing.rule_set);
                return get(format!("{path}?{since}"));
            }
            ("GET", _) => return get(path),
            ("PATCH", _) => return Asked::Other(part(&path)),
            (_, pattern) if self.governing.body(pattern, key).is_some() => {
                self.governing.body(pattern, key).unwrap()
            }
            (_, path) if path.starts_with("/v1/import-") => about_imports(path, key),
            (_, "/v1/imports") => return Asked::Other(upload(&path)),
            (_, path) if path.ends_with("/cancellation") => json!({}),
            (_, "/v1/conversion-cohorts") => return Asked::Other(cohort(&path)),
            (_, pattern) if pattern.ends_with("/evidence") => {
                return Asked::Other(evidence_form(&path, "other", "b.pdf", &pdf("y")));
            }
            (_, "/v1/outcomes") => report(key),
            (_, "/v1/outcome-batches") => json!({ "outcomes": [report(key)] }),
            (_, path @ ("/v1/conversion-requests" | "/v1/conversion-drafts")) => {
                // What a learner asked for would be held from those who come after.
                let own = key.contains("learner-own") && path.ends_with("drafts");
                asking(if own { self.learner } else { self.convertible })
            }
            (_, path) if path.ends_with("/revision") => asking(self.draft.1),
            (_, path) if path.ends_with("/submission") || path.ends_with("/discard") => json!({}),
            (_, "/v1/conversion-decisions") => as_the_rules_say(),
            (_, "/v1/learners/{learner_no}/consents") => json!({
                "institution": RECEIVING,
                "purpose": "conversion",
                "document_number": (!key.contains("learner")).then_some("同意书〔2026〕1号"),
            }),
            (_, path) if path.ends_with("/claim-codes") => json!({}),
            // Only a person claims: a program signs nobody in, also a learner's.
            (_, "/v1/account-claims") => json!({ "code": "ABCD-EFGH-JKLM-NPQR" }),
            (_, "/v1/learners") => account(key),
            (_, "/v1/learner-batches") => json!({ "accounts": [account(key)] }),
            (_, "/v1/learner-merges") => json!({
                "survivor": duplicates.apart[0].as_str(),
                "absorbed": duplicates.apart[1].as_str(),
                "reason": "OPENED_TWICE",
                "document_number": "合〔2026〕1号",
            }),
            (_, path) if path.ends_with("{merge_id}/reversal") => json!({
                "reason": "WRONG_ACCOUNT",
                "document_number": "合〔2026〕2号",
            }),
            (_, path)
                if path.ends_with("{collision_id}/settlement") || path.ends_with("/dismissal") =>
            {
                json!({ "document_number": "合〔2026〕3号" })
            }
            (_, path) if path.ends_with("/decision") => as_the_rules_say(),
            (_, path) if path.ends_with("/check") => json!({ "decision": "pass" }),
            (_, "/v1/conversion-requests/{request_id}/answer")
            | (_, "/v1/conversion-requests/{request_id}/evidence/{evidence_id}/withdrawal")
            | (_, "/v1/conversion-requests/{request_id}/withdrawal")
            | (_, "/v1/conversion-requests/{request_id}/appeal")
            | (_, "/v1/conversion-requests/{request_id}/resubmission") => json!({ "text": "说明" }),
            (_, "/v1/corrections") => json!({
                "source_ref": "0-registrar-own", "because": because(), "grade": "61",
            }),
            (_, "/v1/withdrawals") => {
                json!({ "source_ref": "0-registrar-own", "because": because() })
            }
            (_, path) if path.ends_with("/reversal") => json!({ "because": because() }),
            (_, path) if path.ends_with("/holds") => json!({
                "lot_id": self.lot,
                "amount": { "unit": "credit", "amount": "0.01" },
                "purpose": "community",
                "expires_at": "2027-01-01T00:00:00Z",
            }),
            (_, path) if path.ends_with("/settlement") => json!({ "amount": "0.01" }),
            (_, path) if path.ends_with("/release") => json!({}),
            (_, path) if path.ends_with("{consent_id}/withdrawal") => json!({}),
            (_, "/v1/webhook-endpoints") => json!({ "url": "https://hooks.example.edu.cn/" }),
            (_, path) if path.starts_with("/v1/webhook-endpoints/") => json!({}),
            (_, path) => panic!("{path} is new: say here how it is asked, and add its row above"),
        };
        Asked::Json(path, body)
    }
}
