//! That every write leaves one event of the audit, and whoever is refused changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use creditbank_api::{ENDPOINTS, Endpoint};
use kit::contract::WRITES_WITH_FILES;
use kit::{Caller, WRITTEN};
use serde_json::json;

use super::Things;
use super::once::Once;

/// Writes that nobody of the matrix gets done, since only people do them or something has to come
/// before: done in `governing/audited.rs`.
pub(crate) const DONE_BY_OTHERS: [&str; 11] = [
    "/v1/account-claims",
    "/v1/notice-marks",
    "/v1/conversion-drafts/{draft_id}/discard",
    "/v1/conversion-requests/{request_id}/answer",
    "/v1/conversion-requests/{request_id}/check",
    "/v1/conversion-requests/{request_id}/evidence",
    "/v1/conversion-requests/{request_id}/evidence/{evidence_id}/withdrawal",
    "/v1/conversion-requests/{request_id}/withdrawal",
    "/v1/rule-sets",
    "/v1/rule-sets/{rule_set_id}/retirement",
    "/v1/rule-sets/{rule_set_id}/votes",
];

/// Every write that the matrix does not get done. Those with files need a desk, which a server has.
fn done_elsewhere() -> BTreeSet<&'static str> {
    DONE_BY_OTHERS
        .into_iter()
        .chain(WRITES_WITH_FILES)
        .collect()
}

/// How many events a write left, by operation.
pub(super) struct Audited<'a> {
    things: &'a Things,
    left: BTreeMap<&'static str, BTreeSet<usize>>,
    once: Once,
}

impl<'a> Audited<'a> {
    pub(super) fn begin(things: &'a Things) -> Self {
        Self {
            things,
            left: BTreeMap::new(),
            once: Once::default(),
        }
    }

    /// What writes write, and last the events of the audit.
    fn counts(&self) -> Vec<(&'static str, usize)> {
        let counted: Vec<_> = WRITTEN.iter().chain(&["audit_events"]).copied().collect();
        self.things.app.counts(&counted)
    }

    /// One cell, and that whoever was refused or only looked changed nothing.
    pub(super) async fn status(&mut self, of: &Endpoint, caller: &Caller, key: &str) -> u16 {
        // Read anew each time: registering a caller leaves events too.
        let before = self.counts();
        let answer = self.things.ask(of, caller, key).await;
        let after = self.counts();
        let what = format!("{} {} {key}", of.method, of.path);
        let (written, events) = after.split_at(WRITTEN.len());
        if of.method == "GET" {
            // Who looked at the names of two accounts is an event too.
            assert_eq!(before[..WRITTEN.len()], *written, "{what}");
        } else if answer.status >= 400 {
            assert_eq!(before, after, "{what}");
        } else {
            let left = events[0].1 - before[WRITTEN.len()].1;
            self.left.entry(of.path).or_default().insert(left);
            if left == 1 {
                self.once
                    .hold(self.things, (of, caller, key), &answer)
                    .await;
            }
            assert_eq!(self.counts(), after, "{what}: once more");
        }
        if let Some(counts) = answer
            .body
            .get("counts")
            .filter(|_| of.path == "/v1/outcome-batches")
        {
            let own = i32::from(key.contains("own"));
            let expected = json!({ "posted": own, "already_posted": 0, "rejected": 1 - own });
            assert_eq!(*counts, expected, "{what}");
        }
        answer.status
    }

    /// Every write that there is was done and left one event where it changed anything, and none
    /// where that was there already.
    pub(super) fn check(self) {
        self.once.check(&done_elsewhere());
        let writes = ENDPOINTS.iter().filter(|it| it.method != "GET");
        let writes = writes.filter(|it| it.action.is_some()).map(|it| it.path);
        let is_done = |path: &str| self.left.get(path).is_some_and(|left| left.contains(&1));
        let undone: BTreeSet<&str> = writes.filter(|it| !is_done(it)).collect();
        assert_eq!(undone, done_elsewhere());
        let most = self.left.values().flatten().max();
        assert_eq!(most, Some(&1), "{:?}", self.left);
    }
}
