//! `documents` with `document_facts`: the register of what is cited.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::governance::DocumentKind;
use diesel::prelude::*;
use diesel::sql_types::{
    BigInt, Binary, Date, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::reads::{DocumentFacts, DocumentView};
use crate::store::Tx;
use crate::tables::parsed;

#[derive(QueryableByName)]
struct DocumentRow {
    #[diesel(sql_type = Text)]
    document_number: String,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Nullable<SmallInt>)]
    revision_no: Option<i16>,
    #[diesel(sql_type = Nullable<Text>)]
    title_en: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    kind: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    issued_by: Option<String>,
    #[diesel(sql_type = Nullable<Date>)]
    issued_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    in_force_from: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    in_force_until: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    supersedes: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    superseded_by: Option<String>,
    #[diesel(sql_type = Nullable<Binary>)]
    text_sha256: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<Text>)]
    source: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
}

impl TryFrom<DocumentRow> for DocumentView {
    type Error = LedgerError;

    fn try_from(row: DocumentRow) -> Result<Self, LedgerError> {
        let corrupt = |_| LedgerError::Corrupt("document_facts.text_sha256");
        let kind = row.kind.as_deref();
        let kind: Option<DocumentKind> = kind
            .map(|kind| parsed(kind, "document_facts.kind"))
            .transpose()?;
        let facts = kind.map(|kind| {
            Ok::<_, LedgerError>(DocumentFacts {
                title_en: row.title_en,
                kind,
                issued_by: row.issued_by,
                issued_on: row.issued_on,
                in_force_from: row.in_force_from,
                in_force_until: row.in_force_until,
                supersedes: row.supersedes,
                text_sha256: { row.text_sha256.map(<[u8; 32]>::try_from) }
                    .transpose()
                    .map_err(corrupt)?,
                source: row.source,
            })
        });
        Ok(Self {
            number: row.document_number,
            title: row.title,
            revision: row.revision_no.unwrap_or(0),
            facts: facts.transpose()?,
            superseded_by: row.superseded_by,
            recorded_at: row.recorded_at,
        })
    }
}

/// The last of a document's facts counts.
const SELECT: &str = "select d.document_number, d.title, f.revision_no, f.title_en, f.kind, \
         f.issued_by, f.issued_on, f.in_force_from, f.in_force_until, f.supersedes, \
         s.document_number as superseded_by, f.text_sha256, f.source, \
         coalesce(f.recorded_at, d.created_at) as recorded_at \
     from documents d \
     left join lateral (select * from document_facts l \
         where l.document_number = d.document_number \
         order by l.revision_no desc limit 1) f on true \
     left join lateral (select l.document_number from document_facts l \
         where l.supersedes = d.document_number and not exists (select from document_facts x \
             where x.document_number = l.document_number and x.revision_no > l.revision_no) \
         order by l.document_number limit 1) s on true";

pub(crate) fn find(
    conn: &mut PgConnection,
    number: &str,
) -> Result<Option<DocumentView>, LedgerError> {
    let row: Option<DocumentRow> =
        diesel::sql_query(format!("{SELECT} where d.document_number = $1"))
            .bind::<Text, _>(number)
            .get_result(conn)
            .optional()?;
    row.map(DocumentView::try_from).transpose()
}

/// A page in the order of the numbers.
pub(crate) fn list(
    conn: &mut PgConnection,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<DocumentView>, LedgerError> {
    let rows: Vec<DocumentRow> = diesel::sql_query(format!(
        "{SELECT} where $1 is null or d.document_number > $1 order by d.document_number limit $2"
    ))
    .bind::<Nullable<Text>, _>(after)
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?;
    rows.into_iter().map(DocumentView::try_from).collect()
}

/// Keeps a further revision of a document's facts.
pub(crate) fn insert(
    tx: &mut Tx<'_>,
    (number, revision): (&str, i16),
    facts: &DocumentFacts,
    (recorded_by, now): (Option<Uuid>, DateTime<Utc>),
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into document_facts (document_number, revision_no, title_en, kind, issued_by, \
             issued_on, in_force_from, in_force_until, supersedes, text_sha256, source, \
             recorded_at, recorded_by) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind::<Text, _>(number)
    .bind::<SmallInt, _>(revision)
    .bind::<Nullable<Text>, _>(&facts.title_en)
    .bind::<Text, _>(facts.kind.as_str())
    .bind::<Nullable<Text>, _>(&facts.issued_by)
    .bind::<Nullable<Date>, _>(facts.issued_on)
    .bind::<Nullable<Date>, _>(facts.in_force_from)
    .bind::<Nullable<Date>, _>(facts.in_force_until)
    .bind::<Nullable<Text>, _>(&facts.supersedes)
    .bind::<Nullable<Binary>, _>(facts.text_sha256.as_ref().map(<[u8; 32]>::as_slice))
    .bind::<Nullable<Text>, _>(&facts.source)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(recorded_by)
    .execute(tx.conn())?;
    Ok(())
}
