//! Everything that reads: one file per view, each behind a grant unless it is public.

mod balance;
mod conversions;
mod events;
mod identity;
mod imports;
mod movements;
mod register;
mod totals;

pub use balance::{BalanceRow, BalanceView, UnitBalance, balance};
pub use conversions::{
    CohortView, LineView, RejectedLearner, RequestState, RequestView, conversion_cohort,
    conversion_request,
};
pub(crate) use conversions::{cohort_view, request_view};
pub use events::{EventView, events};
pub use identity::{IdentityView, identity};
pub use imports::{
    ImportState, ImportView, StoredFault, StoredLineResult, UnfinishedImport, import,
    import_line_results, mapping, unfinished_imports,
};
pub use movements::{MovementView, movements};
pub use register::{ClientView, client, client_by_name, institution_by_code, unapplied_migrations};
pub use totals::{TotalFigures, TotalView, TotalsView, totals};

use creditbank_domain::authz::{Grant, ReadLearner, Subject, View};
use diesel::pg::PgConnection;
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
