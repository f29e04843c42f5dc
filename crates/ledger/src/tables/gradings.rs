//! `grading_schemes`, `grading_tables` with their rows, `catalogue_gradings` and
//! `institution_gradings`: how grades are written and compared.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::grading::{ComparisonRow, ComparisonTable, GradingScheme, Steps};
use creditbank_domain::ids::{InstitutionId, VersionId};
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::hundredths;

/// The columns of a scheme that is joined as `gs`, or of none.
pub(crate) const COLUMNS: &str = "gs.code as scheme_code, gs.steps as scheme_steps, \
     gs.worst_hundredths as scheme_worst, gs.best_hundredths as scheme_best, \
     gs.pass as scheme_pass, gs.source as scheme_source";

/// Joins the scheme `gs` of a version `v`, if it has one.
pub(crate) const OF_VERSION: &str = "left join catalogue_gradings cg on cg.version_id = \
     v.version_id left join grading_schemes gs on gs.code = cg.scheme";

/// A scheme, or none, in a row of something else.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct SchemeColumns {
    #[diesel(sql_type = Nullable<Text>)]
    scheme_code: Option<String>,
    #[diesel(sql_type = Nullable<Array<Text>>)]
    scheme_steps: Option<Vec<String>>,
    #[diesel(sql_type = Nullable<Integer>)]
    scheme_worst: Option<i32>,
    #[diesel(sql_type = Nullable<Integer>)]
    scheme_best: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    scheme_pass: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    scheme_source: Option<String>,
}

impl SchemeColumns {
    pub(crate) fn scheme(self) -> Result<Option<GradingScheme>, LedgerError> {
        let Some(code) = self.scheme_code else {
            return Ok(None);
        };
        let corrupt = LedgerError::Corrupt("grading_schemes");
        let number = |value: i32| hundredths(value.into(), "grading_schemes.worst_hundredths");
        let steps = match (self.scheme_steps, self.scheme_worst, self.scheme_best) {
            (Some(steps), None, None) => Steps::Named(steps),
            (None, Some(worst), Some(best)) => Steps::Numbers {
                worst: number(worst)?,
                best: number(best)?,
            },
            _ => return Err(corrupt),
        };
        let (Some(pass), Some(source)) = (self.scheme_pass, self.scheme_source) else {
            return Err(corrupt);
        };
        Ok(Some(GradingScheme {
            code,
            steps,
            pass,
            source,
        }))
    }
}

/// Every scheme.
pub(crate) fn list_schemes(conn: &mut PgConnection) -> Result<Vec<GradingScheme>, LedgerError> {
    let rows: Vec<SchemeColumns> = diesel::sql_query(format!(
        "select {COLUMNS} from grading_schemes gs order by gs.code"
    ))
    .load(conn)?;
    let schemes = rows.into_iter().filter_map(|row| row.scheme().transpose());
    schemes.collect()
}

/// Adds a scheme; false where its code is there.
pub(crate) fn insert_scheme(
    tx: &mut Tx<'_>,
    scheme: &GradingScheme,
    now: DateTime<Utc>,
) -> Result<bool, LedgerError> {
    let corrupt = |_| LedgerError::Corrupt("grading_schemes.worst_hundredths");
    let (steps, worst, best) = match &scheme.steps {
        Steps::Named(steps) => (Some(steps), None, None),
        Steps::Numbers { worst, best } => (
            None,
            Some(i32::try_from(worst.get()).map_err(corrupt)?),
            Some(i32::try_from(best.get()).map_err(corrupt)?),
        ),
    };
    let inserted = diesel::sql_query(
        "insert into grading_schemes (code, steps, worst_hundredths, best_hundredths, pass, \
             source, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (code) do nothing",
    )
    .bind::<Text, _>(&scheme.code)
    .bind::<Nullable<Array<Text>>, _>(steps)
    .bind::<Nullable<Integer>, _>(worst)
    .bind::<Nullable<Integer>, _>(best)
    .bind::<Text, _>(&scheme.pass)
    .bind::<Text, _>(&scheme.source)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    Ok(inserted == 1)
}

#[derive(QueryableByName)]
struct TableRow {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    from_scheme: String,
    #[diesel(sql_type = Text)]
    to_scheme: String,
    #[diesel(sql_type = Text)]
    document_number: String,
    #[diesel(sql_type = Date)]
    valid_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    valid_to: Option<NaiveDate>,
    #[diesel(sql_type = Array<Text>)]
    from_grades: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    to_grades: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    equals: Vec<String>,
}

impl From<TableRow> for ComparisonTable {
    fn from(row: TableRow) -> Self {
        let runs = row.from_grades.into_iter().zip(row.to_grades);
        let rows = runs
            .zip(row.equals)
            .map(|((from, to), equals)| ComparisonRow { from, to, equals });
        Self {
            code: row.code,
            from: row.from_scheme,
            to: row.to_scheme,
            document_number: row.document_number,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            rows: rows.collect(),
        }
    }
}

/// Every table, of whatever days.
pub(crate) fn list_tables(conn: &mut PgConnection) -> Result<Vec<ComparisonTable>, LedgerError> {
    let rows: Vec<TableRow> = diesel::sql_query(
        "select t.code, t.from_scheme, t.to_scheme, t.document_number, t.valid_from, t.valid_to, \
             array(select r.from_grade from grading_table_rows r \
                   where r.code = t.code order by r.position) as from_grades, \
             array(select r.to_grade from grading_table_rows r \
                   where r.code = t.code order by r.position) as to_grades, \
             array(select r.equals from grading_table_rows r \
                   where r.code = t.code order by r.position) as equals \
         from grading_tables t order by t.code",
    )
    .load(conn)?;
    Ok(rows.into_iter().map(ComparisonTable::from).collect())
}

/// Adds a table with its rows.
pub(crate) fn insert_table(
    tx: &mut Tx<'_>,
    table: &ComparisonTable,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "insert into grading_tables (code, from_scheme, to_scheme, document_number, valid_from, \
             valid_to, created_at) \
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind::<Text, _>(&table.code)
    .bind::<Text, _>(&table.from)
    .bind::<Text, _>(&table.to)
    .bind::<Text, _>(&table.document_number)
    .bind::<Date, _>(table.valid_from)
    .bind::<Nullable<Date>, _>(table.valid_to)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    let texts = |of: fn(&ComparisonRow) -> &str| table.rows.iter().map(of).collect::<Vec<&str>>();
    diesel::sql_query(
        "insert into grading_table_rows (code, position, from_grade, to_grade, equals) \
         select $1, position, from_grade, to_grade, equals \
         from unnest($2::text[], $3::text[], $4::text[]) with ordinality \
             as r (from_grade, to_grade, equals, position)",
    )
    .bind::<Text, _>(&table.code)
    .bind::<Array<Text>, _>(texts(|row| &row.from))
    .bind::<Array<Text>, _>(texts(|row| &row.to))
    .bind::<Array<Text>, _>(texts(|row| &row.equals))
    .execute(tx.conn())?;
    Ok(())
}

/// Says the last day of an open table.
pub(crate) fn end_table(tx: &mut Tx<'_>, code: &str, last: NaiveDate) -> Result<(), LedgerError> {
    diesel::sql_query("update grading_tables set valid_to = $2 where code = $1")
        .bind::<Text, _>(code)
        .bind::<Date, _>(last)
        .execute(tx.conn())?;
    Ok(())
}

/// The scheme of an institution's versions that begin on a day and name none.
pub(crate) fn find_default(
    conn: &mut PgConnection,
    institution: InstitutionId,
    day: NaiveDate,
) -> Result<Option<GradingScheme>, LedgerError> {
    let row: Option<SchemeColumns> = diesel::sql_query(format!(
        "select {COLUMNS} from institution_gradings g join grading_schemes gs on gs.code = g.scheme \
         where g.institution_id = $1 and g.valid_from <= $2 order by g.valid_from desc limit 1"
    ))
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Date, _>(day)
    .get_result(conn)
    .optional()?;
    row.map_or(Ok(None), SchemeColumns::scheme)
}

/// Says the scheme of an institution from a day on; the one that was said of that day, if any.
pub(crate) fn insert_default(
    tx: &mut Tx<'_>,
    institution: InstitutionId,
    (valid_from, scheme): (NaiveDate, &str),
    now: DateTime<Utc>,
) -> Result<Option<String>, LedgerError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        scheme: String,
    }
    let inserted = diesel::sql_query(
        "insert into institution_gradings (institution_id, valid_from, scheme, created_at) \
         values ($1, $2, $3, $4) on conflict (institution_id, valid_from) do nothing",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Date, _>(valid_from)
    .bind::<Text, _>(scheme)
    .bind::<Timestamptz, _>(now)
    .execute(tx.conn())?;
    if inserted == 1 {
        return Ok(None);
    }
    let there: Row = diesel::sql_query(
        "select scheme from institution_gradings where institution_id = $1 and valid_from = $2",
    )
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Date, _>(valid_from)
    .get_result(tx.conn())?;
    Ok(Some(there.scheme))
}

/// Says by which scheme a new version grades.
pub(crate) fn attach(
    tx: &mut Tx<'_>,
    version: VersionId,
    scheme: &GradingScheme,
) -> Result<(), LedgerError> {
    diesel::sql_query("insert into catalogue_gradings (version_id, scheme) values ($1, $2)")
        .bind::<SqlUuid, _>(version.as_uuid())
        .bind::<Text, _>(&scheme.code)
        .execute(tx.conn())?;
    Ok(())
}
