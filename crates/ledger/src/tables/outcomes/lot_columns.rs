//! The lots of outcomes that are about to be posted, as columns of arrays.

use chrono::NaiveDate;
use creditbank_domain::ids::{LotId, RequestId, SameCourseGroupId};
use creditbank_domain::recognition::NewLot;
use diesel::prelude::*;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use uuid::Uuid;

use super::{IdRow, PlannedOutcome};
use crate::error::LedgerError;
use crate::new_id::new_id;

/// The lots of many outcomes, a column each.
#[derive(Default)]
pub(super) struct LotColumns {
    pub(super) learners: Vec<Uuid>,
    pub(super) lots: Vec<Uuid>,
    pub(super) outcomes: Vec<Uuid>,
    pub(super) versions: Vec<Uuid>,
    pub(super) transfers: Vec<Uuid>,
    pub(super) units: Vec<&'static str>,
    pub(super) amounts: Vec<i64>,
    pub(super) earned_on: Vec<NaiveDate>,
    pub(super) expiries: Vec<Option<NaiveDate>>,
    pub(super) credits_entries: Vec<Option<Uuid>>,
    pub(super) requests: Vec<Option<Uuid>>,
    same_course_groups: Vec<Option<Uuid>>,
}

impl LotColumns {
    /// In the order of what is unique among them, so that two writers never wait for one another
    /// in a circle.
    pub(super) fn of(planned: &[&PlannedOutcome]) -> Self {
        let mut rows: Vec<(&PlannedOutcome, LotId, &NewLot)> = planned
            .iter()
            .flat_map(|outcome| outcome.lots.iter().map(|(id, lot)| (*outcome, *id, lot)))
            .collect();
        rows.sort_by_key(|(outcome, id, lot)| {
            let unit = lot.amount.unit().as_str();
            (outcome.learner_id, outcome.entry_id, unit, *id)
        });
        let mut columns = Self::default();
        for (outcome, lot_id, lot) in rows {
            columns.learners.push(outcome.learner_id.as_uuid());
            columns.lots.push(lot_id.as_uuid());
            columns.outcomes.push(outcome.outcome_id.as_uuid());
            columns.versions.push(outcome.version_id.as_uuid());
            columns.transfers.push(new_id());
            columns.units.push(lot.amount.unit().as_str());
            columns.amounts.push(lot.amount.hundredths().get());
            columns.earned_on.push(outcome.awarded_on);
            columns.expiries.push(lot.expires_on);
            let once = (!outcome.repeatable).then_some(outcome.entry_id.as_uuid());
            columns.credits_entries.push(once);
            let request = outcome.request_id.map(RequestId::as_uuid);
            columns.requests.push(request);
            let group = outcome.same_course_group.filter(|_| !outcome.repeatable);
            columns
                .same_course_groups
                .push(group.map(SameCourseGroupId::as_uuid));
        }
        columns
    }

    pub(super) fn in_groups(&self) -> bool {
        self.same_course_groups.iter().any(Option::is_some)
    }

    /// Nothing where no lot is in a group: the statement does not look at it then.
    pub(super) fn groups(&self) -> &[Option<Uuid>] {
        if self.in_groups() {
            &self.same_course_groups
        } else {
            &[]
        }
    }

    /// Which of them are in the ledger.
    pub(super) fn issued(self, conn: &mut PgConnection) -> Result<Vec<LotId>, LedgerError> {
        let rows: Vec<IdRow> = diesel::sql_query(
            "select l.lot_id as id from unnest($1::uuid[], $2::uuid[]) as w (learner_id, lot_id) \
             join lots l using (learner_id, lot_id)",
        )
        .bind::<Array<SqlUuid>, _>(self.learners)
        .bind::<Array<SqlUuid>, _>(self.lots)
        .load(conn)?;
        Ok(rows
            .into_iter()
            .map(|row| LotId::from_uuid(row.id))
            .collect())
    }
}
