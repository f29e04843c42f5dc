//! Everything that reads: one file per view, each behind a grant unless it is public.

mod balance;
mod conversions;
mod events;
mod export;
mod identity;
mod imports;
mod movement_rows;
mod movements;
mod register;
mod statement;
mod totals;

pub use balance::{AsOf, BalanceRow, BalanceView, UnitBalance, balance, balance_as_of};
pub use conversions::{
    CohortView, LineView, RejectedLearner, RequestState, RequestView, conversion_cohort,
    conversion_request,
};
pub(crate) use conversions::{cohort_view, request_view};
pub use events::{EventView, events};
pub use export::{ExportSlice, ExportedTransfer, export_transfers};
pub use identity::{IdentityView, identity};
pub use imports::{
    ImportState, ImportView, StoredFault, StoredLineResult, UnfinishedImport, import,
    import_line_results, mapping, unfinished_imports,
};
pub use movements::{MovementView, Sums, movements};
pub use register::{ClientView, client, client_by_name, institution_by_code, unapplied_migrations};
pub use statement::{STATEMENT_MOVEMENTS_MAX, StatementUnit, StatementView, statement};
pub use totals::{TotalFigures, TotalView, TotalsView, totals};

use creditbank_domain::authz::{Grant, ReadLearner, Subject, View};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::tables::learners::{self, Account};

/// The account that a grant is for, and the institution whose part of it may be seen.
///
/// An institution that never recorded anything of the learner finds nothing, as if there were no
/// such account.
fn account_of(
    conn: &mut PgConnection,
    grant: &Grant<ReadLearner>,
) -> Result<(Account, Option<Uuid>), LedgerError> {
    let Subject::Learner(number) = grant.subject() else {
        return Err(LedgerError::NotFound);
    };
    let account = learners::find_by_number(conn, number)?.ok_or(LedgerError::NotFound)?;
    let only = match grant.view() {
        View::Whole => None,
        View::OnlyOwn(own) if own == number => None,
        View::OnlyOwn(_) => return Err(LedgerError::NotFound),
        View::OnlyOf(institution) => Some(institution.as_uuid()),
    };
    Ok((account, only))
}

/// Whether any lot of a learner came from an outcome of an institution.
fn has_part(
    conn: &mut PgConnection,
    learner: Uuid,
    institution: Uuid,
) -> Result<bool, LedgerError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Bool)]
        found: bool,
    }
    let row: Row = diesel::sql_query(
        "select exists ( \
             select from lots l join outcomes o using (learner_id, outcome_id) \
             where l.learner_id = $1 and o.institution_id = $2 \
         ) as found",
    )
    .bind::<SqlUuid, _>(learner)
    .bind::<SqlUuid, _>(institution)
    .get_result(conn)?;
    Ok(row.found)
}
