//! Where the things of the matrix are, and whose they are.

use creditbank_domain::authz::Role;
use kit::{RECEIVING, SCHOOL, UNIVERSITY};

use super::duplicates::Duplicates;
use super::{Things, governing};

impl Things {
    pub(super) fn path(&self, pattern: &str, duplicates: &Duplicates) -> String {
        pattern
            .replace("{candidate_id}", &duplicates.candidate)
            .replace("{merge_id}", &duplicates.merge)
            .replace("{collision_id}", &duplicates.collision)
            .replace("{learner_no}", self.learner.as_str())
            .replace("{import_id}", &self.import)
            .replace("{job_id}", &self.job)
            .replace("{request_id}/appeal", &format!("{}/appeal", self.refused))
            .replace(
                "{request_id}/resubmission",
                &format!("{}/resubmission", self.withdrawn),
            )
            .replace("{entry_id}", &self.entry)
            .replace("{request_id}", &self.request)
            .replace("{draft_id}", &self.draft.0)
            .replace("{cohort_id}", self.cohort_of(pattern))
            .replace("{correction_id}", &self.correction)
            .replace("{hold_id}", &self.hold)
            .replace("{consent_id}", &self.consent)
            .replace("{evidence_id}", &self.evidence)
            .replace("{document_number}", &governing::percent(governing::NUMBER))
            .replace("{committee_code}", governing::COMMITTEE)
            .replace("{rule_set_id}", &self.governing.rule_set)
            .replace("{membership_id}", &self.governing.membership)
            .replace("{client_id}", &self.governing.client[0])
            .replace("{secret_id}", &self.governing.client[1])
            .replace("{kid}", &self.governing.client[2])
            .replace("{meeting_id}", &self.governing.meeting)
            .replace("{helper_id}", &self.governing.consent)
            .replace("{endpoint_id}", &self.webhook[0])
            .replace("{delivery_id}", &self.webhook[1])
    }

    /// Whose the thing is that the operation is about, for a role.
    pub(super) fn home(&self, path: &str, role: Role) -> &'static str {
        match path {
            "/v1/outcomes" | "/v1/outcome-batches" | "/v1/corrections" | "/v1/withdrawals" => {
                UNIVERSITY
            }
            path if path.starts_with("/v1/import") => UNIVERSITY,
            path if path.starts_with("/v1/learners") => SCHOOL,
            path if path.starts_with("/v1/rule-sets") || path.starts_with("/v1/review-") => {
                RECEIVING
            }
            path if path.ends_with("/decision") || role == Role::Reviewer => RECEIVING,
            _ => SCHOOL,
        }
    }
}
