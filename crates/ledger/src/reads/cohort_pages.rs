//! A cohort page by page: a file may have made thousands of requests.

use std::collections::HashMap;

use creditbank_domain::authz::{Grant, ReadConversion};
use creditbank_domain::ids::{CohortId, LearnerId, RequestId};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::reads::consents::{Inquiry, disclosed};
use crate::reads::conversions::{CohortView, counted_cohort, request_views, standing};
use crate::store::Ledger;
use crate::tables::conversion_lines::{self, LineRow};
use crate::tables::conversion_requests::{self, RequestRow, Which};
use crate::tables::parsed;

/// As [`super::conversion_cohort`], with so many requests behind one of them; the counts are those
/// of the whole cohort.
///
/// # Errors
/// As there.
pub fn conversion_cohort_page(
    ledger: &Ledger,
    grant: &Grant<ReadConversion>,
    cohort_id: CohortId,
    asked: Inquiry,
    (after, limit): (Option<Uuid>, u32),
) -> Result<CohortView, LedgerError> {
    ledger.read_snapshot(grant, |conn| {
        let rows = conversion_requests::list(conn, Which::Cohort(cohort_id), grant.view())?;
        if rows.is_empty() {
            return Err(LedgerError::NotFound);
        }
        let rows = disclosed(conn, rows, grant.view(), asked)?;
        let keys: Vec<_> = rows.iter().map(key).collect();
        let mut lines: HashMap<Uuid, Vec<LineRow>> = HashMap::new();
        for line in conversion_lines::list_standing(conn, &keys)? {
            lines.entry(line.request_id).or_default().push(line);
        }
        let mut states = Vec::with_capacity(rows.len());
        for row in &rows {
            let decided = parsed(&row.state, "conversion_requests.state")?;
            let lines = lines.get(&row.request_id).map_or(&[][..], Vec::as_slice);
            states.push(standing(decided, lines));
        }
        // In the order of their ids.
        let behind = rows
            .into_iter()
            .filter(|row| after.is_none_or(|after| row.request_id > after));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let page: Vec<RequestRow> = behind.take(limit).collect();
        counted_cohort(cohort_id, &states, request_views(conn, page)?)
    })
}

fn key(row: &RequestRow) -> (LearnerId, RequestId) {
    (
        LearnerId::from_uuid(row.learner_id),
        RequestId::from_uuid(row.request_id),
    )
}
