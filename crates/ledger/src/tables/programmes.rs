//! `programmes` and the `documents` that rules cite.

use chrono::{DateTime, Utc};
use creditbank_domain::conversion::{Document, Programme};
use creditbank_domain::ids::{InstitutionId, ProgrammeId};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::hundredths;

#[derive(QueryableByName)]
struct ProgrammeRow {
    #[diesel(sql_type = SqlUuid)]
    programme_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    institution_id: Uuid,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = BigInt)]
    total_hundredths: i64,
}

impl TryFrom<ProgrammeRow> for Programme {
    type Error = LedgerError;

    fn try_from(row: ProgrammeRow) -> Result<Self, LedgerError> {
        Ok(Self {
            id: ProgrammeId::from_uuid(row.programme_id),
            institution: InstitutionId::from_uuid(row.institution_id),
            title: row.title,
            total_credits: hundredths(row.total_hundredths, "programmes.total_hundredths")?,
        })
    }
}

fn first(rows: Vec<ProgrammeRow>) -> Result<Option<Programme>, LedgerError> {
    rows.into_iter().next().map(Programme::try_from).transpose()
}

pub(crate) fn find_by_code(
    conn: &mut PgConnection,
    institution: InstitutionId,
    code: &str,
) -> Result<Option<Programme>, LedgerError> {
    first(
        diesel::sql_query(
            "select programme_id, institution_id, title, total_hundredths from programmes \
             where institution_id = $1 and code = $2",
        )
        .bind::<SqlUuid, _>(institution.as_uuid())
        .bind::<Text, _>(code)
        .load(conn)?,
    )
}

pub(crate) fn find(
    conn: &mut PgConnection,
    id: ProgrammeId,
) -> Result<Option<Programme>, LedgerError> {
    first(
        diesel::sql_query(
            "select programme_id, institution_id, title, total_hundredths from programmes \
             where programme_id = $1",
        )
        .bind::<SqlUuid, _>(id.as_uuid())
        .load(conn)?,
    )
}

/// A programme with the codes that people know it by.
pub(crate) struct ListedProgramme {
    pub(crate) programme: Programme,
    pub(crate) code: String,
    pub(crate) institution_code: String,
}

#[derive(QueryableByName)]
struct ListedRow {
    #[diesel(embed)]
    programme: ProgrammeRow,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    institution_code: String,
}

/// The programmes of an institution or of all, of a code or of every one.
pub(crate) fn list(
    conn: &mut PgConnection,
    institution: Option<&str>,
    code: Option<&str>,
) -> Result<Vec<ListedProgramme>, LedgerError> {
    let rows: Vec<ListedRow> = diesel::sql_query(
        "select p.programme_id, p.institution_id, p.title, p.total_hundredths, p.code, \
             i.code as institution_code \
         from programmes p join institutions i using (institution_id) \
         where ($1 is null or i.code = $1) and ($2 is null or p.code = $2) \
         order by i.code, p.code",
    )
    .bind::<Nullable<Text>, _>(institution)
    .bind::<Nullable<Text>, _>(code)
    .load(conn)?;
    rows.into_iter()
        .map(|row| {
            Ok(ListedProgramme {
                programme: row.programme.try_into()?,
                code: row.code,
                institution_code: row.institution_code,
            })
        })
        .collect()
}

/// False where the institution has a programme of that code.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    programme: &Programme,
    code: &str,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into programmes \
             (programme_id, institution_id, code, title, total_hundredths, created_at) \
         values ($1, $2, $3, $4, $5, $6) on conflict (institution_id, code) do nothing",
    )
    .bind::<SqlUuid, _>(programme.id.as_uuid())
    .bind::<SqlUuid, _>(programme.institution.as_uuid())
    .bind::<Text, _>(code)
    .bind::<Text, _>(&programme.title)
    .bind::<BigInt, _>(programme.total_credits.get())
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

/// False where the number is registered.
pub(crate) fn insert_document(
    tx: &mut Tx<'_>,
    document: &Document,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let inserted = diesel::sql_query(
        "insert into documents (document_number, title, created_at) values ($1, $2, $3) \
         on conflict (document_number) do nothing",
    )
    .bind::<Text, _>(&document.number)
    .bind::<Text, _>(&document.title)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

pub(crate) fn find_document(
    conn: &mut PgConnection,
    number: &str,
) -> Result<Option<Document>, LedgerError> {
    #[derive(QueryableByName)]
    struct DocumentRow {
        #[diesel(sql_type = Text)]
        title: String,
    }
    let rows: Vec<DocumentRow> =
        diesel::sql_query("select title from documents where document_number = $1")
            .bind::<Text, _>(number)
            .load(conn)?;
    let first = rows.into_iter().next();
    Ok(first.map(|row| Document {
        number: number.to_owned(),
        title: row.title,
    }))
}
