//! `cohort_files`: what the lines of a file of requests have in common.

use creditbank_domain::consent::StatedBasis;
use creditbank_domain::ids::ImportId;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;

#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct CohortFileRow {
    #[diesel(sql_type = Text)]
    pub(crate) receiving_code: String,
    #[diesel(sql_type = Text)]
    pub(crate) programme_code: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) rule_set_code: Option<String>,
    #[diesel(sql_type = Text)]
    pub(crate) reference: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) basis: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) basis_document: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) client_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) person_id: Option<Uuid>,
}

/// What is written down of a file.
pub(crate) struct NewCohortFile<'a> {
    pub(crate) import: ImportId,
    pub(crate) receiving_code: &'a str,
    pub(crate) programme_code: &'a str,
    pub(crate) rule_set_code: Option<&'a str>,
    pub(crate) reference: &'a str,
    pub(crate) basis: Option<&'a StatedBasis>,
    pub(crate) client: Option<Uuid>,
    pub(crate) person: Option<Uuid>,
}

/// Writes a file down; nothing where its unfinished import goes on.
pub(crate) fn insert(tx: &mut Tx<'_>, file: &NewCohortFile<'_>) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into cohort_files (import_id, receiving_code, programme_code, rule_set_code, \
             reference, basis, basis_document, client_id, person_id) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (import_id) do nothing",
    )
    .bind::<SqlUuid, _>(file.import.as_uuid())
    .bind::<Text, _>(file.receiving_code)
    .bind::<Text, _>(file.programme_code)
    .bind::<Nullable<Text>, _>(file.rule_set_code)
    .bind::<Text, _>(file.reference)
    .bind::<Nullable<Text>, _>(file.basis.map(|it| it.basis().as_str()))
    .bind::<Nullable<Text>, _>(file.basis.and_then(StatedBasis::document))
    .bind::<Nullable<SqlUuid>, _>(file.client)
    .bind::<Nullable<SqlUuid>, _>(file.person)
    .execute(tx.conn())?;
    Ok(())
}

/// What an import asks for; nothing where it is none of requests.
pub(crate) fn find(
    conn: &mut PgConnection,
    import: ImportId,
) -> Result<Option<CohortFileRow>, LedgerError> {
    Ok(diesel::sql_query(
        "select receiving_code, programme_code, rule_set_code, reference, basis, basis_document, \
             client_id, person_id \
         from cohort_files where import_id = $1",
    )
    .bind::<SqlUuid, _>(import.as_uuid())
    .get_result(conn)
    .optional()?)
}
