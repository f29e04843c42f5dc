//! `import_settings` and `import_approvals`: the second pair of eyes.

use chrono::{DateTime, Utc};
use creditbank_domain::ids::{ImportJobId, InstitutionId};
use creditbank_domain::import_job::ApprovalVerdict;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

/// Whether an institution wants a second person to approve what is posted.
pub(crate) fn approval_required(
    conn: &mut PgConnection,
    institution: InstitutionId,
) -> Result<bool, LedgerError> {
    #[derive(QueryableByName)]
    struct SettingRow {
        #[diesel(sql_type = Bool)]
        approval_required: bool,
    }
    let rows: Vec<SettingRow> = diesel::sql_query(
        "select approval_required from import_settings where institution_id = $1",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .load(conn)?;
    Ok(rows.into_iter().any(|row| row.approval_required))
}

pub(crate) fn save(
    tx: &mut Tx<'_>,
    institution: InstitutionId,
    approval_required: bool,
    hand: Uuid,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into import_settings (institution_id, approval_required, changed_by, changed_at) \
         values ($1, $2, $3, $4) \
         on conflict (institution_id) do update \
             set approval_required = $2, changed_by = $3, changed_at = $4",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Bool, _>(approval_required)
    .bind::<SqlUuid, _>(hand)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// Writes down what the second person said.
pub(crate) fn decide(
    tx: &mut Tx<'_>,
    job: ImportJobId,
    hand: Uuid,
    (verdict, note): (ApprovalVerdict, Option<&str>),
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into import_approvals (job_id, hand, verdict, note, decided_at) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind::<SqlUuid, _>(job.as_uuid())
    .bind::<SqlUuid, _>(hand)
    .bind::<Text, _>(verdict.as_str())
    .bind::<Nullable<Text>, _>(note)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(())
}

/// Whether a job of the institution that is not over may post this file: it was approved, or needed
/// nobody's approval when it was handed in.
pub(crate) fn may_post(
    conn: &mut PgConnection,
    institution: InstitutionId,
    job: ImportJobId,
    file_sha256: &[u8; 32],
) -> Result<bool, LedgerError> {
    #[derive(QueryableByName)]
    struct MayRow {
        #[diesel(sql_type = Bool)]
        may: bool,
    }
    let row: MayRow = diesel::sql_query(
        "select exists (select from import_jobs j join import_files f using (file_id) \
             left join import_approvals a using (job_id) \
             where j.job_id = $1 and j.institution_id = $2 and j.ended_at is null \
                 and coalesce(f.sha256 = $3, not j.approval_needed) \
                 and (a.verdict = 'approve' or not j.approval_needed)) as may",
    )
    .bind::<SqlUuid, _>(job.as_uuid())
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Binary, _>(&file_sha256[..])
    .get_result(conn)?;
    Ok(row.may)
}
