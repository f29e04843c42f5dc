//! A cohort page by page: a file may have made thousands of requests.

use creditbank_domain::authz::{Grant, ReadConversion};
use creditbank_domain::ids::CohortId;
use uuid::Uuid;

use crate::error::LedgerError;
use crate::reads::consents::{Inquiry, disclosed};
use crate::reads::conversions::{CohortView, counted_cohort, request_views, standing};
use crate::store::Ledger;
use crate::tables::conversion_lines::{self, LinesStanding};
use crate::tables::conversion_requests::{self, RequestRow, Which};
use crate::tables::parsed;

/// As [`super::conversion_cohort`], with so many requests behind one of them; the counts are those
/// of the whole cohort, and no line of it is loaded but the page's.
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
        let keys = rows
            .iter()
            .map(|row| (row.learner_id, row.request_id))
            .unzip();
        let standing_of = conversion_lines::list_all_standing(conn, keys)?;
        let mut states = Vec::with_capacity(rows.len());
        for row in &rows {
            let decided = parsed(&row.state, "conversion_requests.state")?;
            let lines = standing_of.get(&row.request_id).copied();
            let lines = lines.unwrap_or_else(|| LinesStanding::of(&[]));
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
