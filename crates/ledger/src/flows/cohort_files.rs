//! A file that asks for the conversion of a cohort is handed in: an import like any other one, with
//! what its lines have in common beside it.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Actor, Grant, RequestConversion, RunImport};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::consent::StatedBasis;
use creditbank_domain::ids::{ClientId, CohortId, ImportId, ImportJobId, PersonId};
use creditbank_domain::text::InstitutionCode;
use diesel::pg::PgConnection;
use serde_json::{Value, json};

use crate::error::LedgerError;
use crate::flows::applicant::Applicant;
use crate::flows::cancel_import::cancel;
use crate::flows::import_jobs::{KeptFile, SaidBeside, submit};
use crate::flows::open_import::{NewImport, OpenedImport};
use crate::flows::request_rules::{Target, rules_for};
use crate::reads::{CohortFileView, ImportView};
use crate::store::Ledger;
use crate::tables::cohort_files::{self, CohortFileRow, NewCohortFile};
use crate::tables::idempotency_keys::{Answered, Once, once};
use crate::tables::{count, import_jobs, imports, stated_basis};

/// What the lines of a file of requests have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CohortOrder {
    /// Who is to grant.
    pub receiving: InstitutionCode,
    /// The code of its programme.
    pub programme: String,
    /// The code of the rule set that is to decide; the one for the programme where none is named.
    pub rule_set: Option<String>,
    /// What the school calls the cohort: under it a learner is asked for once, in however many
    /// files.
    pub reference: String,
    /// By what right the receiving institution is to see it, where no line says otherwise.
    pub basis: Option<StatedBasis>,
}

impl CohortOrder {
    pub(super) fn target(&self) -> Target {
        Target {
            receiving: self.receiving.clone(),
            programme: self.programme.clone(),
            rule_set: self.rule_set.clone(),
        }
    }

    /// All of it in one way of writing: a file goes on only under the same.
    #[must_use]
    pub fn said(&self) -> Value {
        json!([
            self.receiving.as_str(),
            self.programme,
            self.rule_set,
            self.reference,
            said_basis(self.basis.as_ref()),
        ])
    }
}

/// A basis in one way of writing.
pub(super) fn said_basis(basis: Option<&StatedBasis>) -> Value {
    json!(basis.map(|it| (it.basis().as_str(), it.document())))
}

/// A file of requests that is worked at: what it asks for, and who does.
pub(crate) struct CohortFile {
    pub(crate) order: CohortOrder,
    /// Who sends its requests, for four eyes.
    pub(super) sender: Actor,
}

impl TryFrom<CohortFileRow> for CohortFile {
    type Error = LedgerError;

    fn try_from(row: CohortFileRow) -> Result<Self, LedgerError> {
        let basis = (row.basis.as_deref(), row.basis_document.as_deref());
        Ok(Self {
            order: CohortOrder {
                receiving: InstitutionCode::new(&row.receiving_code)
                    .map_err(|_| LedgerError::Corrupt("cohort_files.receiving_code"))?,
                programme: row.programme_code,
                rule_set: row.rule_set_code,
                reference: row.reference,
                basis: stated_basis(basis, "cohort_files.basis")?,
            },
            sender: Actor {
                client: row.client_id.map(ClientId::from_uuid),
                person: row.person_id.map(PersonId::from_uuid),
                ..Actor::default()
            },
        })
    }
}

/// What an import of requests asks for, and in whose name.
pub(crate) fn file_of(
    conn: &mut PgConnection,
    import: ImportId,
) -> Result<CohortFile, LedgerError> {
    cohort_files::find(conn, import)?
        .ok_or(LedgerError::NotFound)?
        .try_into()
}

/// A file of requests that goes on.
#[derive(Debug, Clone)]
pub struct OpenCohort {
    /// What it asks for.
    pub order: CohortOrder,
    /// Its import.
    pub opened: OpenedImport,
}

/// What an import asks for and where it stands; nothing where it is none of requests.
///
/// # Errors
/// [`LedgerError::NotFound`] where the institution has no such import.
pub fn open_cohort(
    ledger: &Ledger,
    grant: &Grant<RunImport>,
    import_id: ImportId,
) -> Result<Option<OpenCohort>, LedgerError> {
    let school = grant.institution()?;
    ledger.read(grant, |conn| {
        let import = imports::find(conn, school, import_id)?;
        let Some(row) = cohort_files::find(conn, import_id)? else {
            return Ok(None);
        };
        Ok(Some(OpenCohort {
            order: CohortFile::try_from(row)?.order,
            opened: OpenedImport {
                import_id,
                resume_after_line: count(import.cursor_line, "imports.cursor_line")?,
            },
        }))
    })
}

/// Hands a whole file in that is stored, and queues the job that works at it. The cohort of its
/// requests has the import's id. False where a job is at the same bytes already, and this file is
/// not needed.
///
/// # Errors
/// [`LedgerError::Refused`] where the school, the receiving institution, its programme or its rules
/// allow no request, [`LedgerError::Conflict`] where too many jobs are open.
pub fn submit_cohort_file(
    ledger: &Ledger,
    grant: &Grant<RequestConversion>,
    order: &CohortOrder,
    (new, mapping): (&NewImport, Option<&Value>),
    kept: &KeptFile,
    now: DateTime<Utc>,
) -> Result<(ImportId, bool), LedgerError> {
    let applicant = Applicant::of(grant)?;
    ledger.write(grant, |tx| {
        applicant.refuse_unless_active(tx)?;
        rules_for(tx.conn(), &order.target(), bank_day(now))?;
        let kept = (kept, ledger.import_bytes_kept_max());
        let said = SaidBeside {
            mapping,
            learner: None,
        };
        let submitted = submit(tx, grant, (new, &said), kept, now)?;
        let actor = grant.actor();
        let file = NewCohortFile {
            import: submitted.0,
            receiving_code: order.receiving.as_str(),
            programme_code: &order.programme,
            rule_set_code: order.rule_set.as_deref(),
            reference: &order.reference,
            basis: order.basis.as_ref(),
            client: actor.client.map(ClientId::as_uuid),
            person: actor.person.map(PersonId::as_uuid),
        };
        cohort_files::insert(tx, &file)?;
        Ok(submitted)
    })
}

/// Asks for the end of the job that works at a file, once for an idempotency key. What was asked for
/// stays asked for; the file again goes on.
///
/// # Errors
/// [`LedgerError::NotFound`], [`LedgerError::Conflict`] where the job has ended otherwise.
pub fn cancel_cohort_file_once(
    ledger: &Ledger,
    grant: &Grant<RequestConversion>,
    cohort_id: CohortId,
    request: &Once<'_, CohortFileView>,
    now: DateTime<Utc>,
) -> Result<Answered, LedgerError> {
    let school = grant.institution()?;
    let import = ImportId::from_uuid(cohort_id.as_uuid());
    once(ledger, grant, request, now, |tx| {
        let order = file_of(tx.conn(), import)?.order;
        let job = import_jobs::find_of_import(tx.conn(), school, import)?;
        let job = ImportJobId::from_uuid(job.ok_or(LedgerError::NotFound)?.job_id);
        cancel(tx, grant, job, now)?;
        Ok(CohortFileView {
            cohort_id,
            order,
            import: ImportView::of(&imports::find(tx.conn(), school, import)?, tx.keys())?,
        })
    })
}
