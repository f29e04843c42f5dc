//! `rule_set_programmes`, and by it which approved `rule_sets` decide about a programme, and which
//! of them stand in each other's way.

use chrono::NaiveDate;
use creditbank_domain::conversion::{Programme, RuleSet};
use creditbank_domain::ids::{InstitutionId, RuleSetId};
use creditbank_rulebook::{OtherVersion, Rival};
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Integer, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::cached_sql::cached;
use crate::error::LedgerError;
use crate::store::Tx;

/// Keeps the programmes that a new rule set is for.
pub(crate) fn insert_all(tx: &mut Tx<'_>, rule_set: &RuleSet) -> Result<(), LedgerError> {
    let programmes: Vec<Uuid> = rule_set.programmes.iter().map(|id| id.as_uuid()).collect();
    diesel::sql_query(
        "insert into rule_set_programmes (rule_set_id, programme_id) \
         select $1, programme_id from unnest($2::uuid[]) as p (programme_id)",
    )
    .bind::<SqlUuid, _>(rule_set.id.as_uuid())
    .bind::<Array<SqlUuid>, _>(programmes)
    .execute(tx.conn())?;
    Ok(())
}

/// Of each code the approved version in force on day $2 at institution $1: the latest to begin.
const IN_FORCE: &str = "(select distinct on (code) rule_set_id, code, valid_from, version \
     from rule_sets where institution_id = $1 and state = 'approved' and valid_from <= $2 \
         and (valid_to is null or valid_to >= $2) \
     order by code, valid_from desc, version desc)";

/// The approved rules for a programme on a day: those that name it before those for every
/// programme, or those of a code where one is asked for.
pub(crate) fn find_in_force(
    conn: &mut PgConnection,
    programme: &Programme,
    code: Option<&str>,
    day: NaiveDate,
) -> Result<Option<RuleSetId>, LedgerError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlUuid)]
        rule_set_id: Uuid,
    }
    let row: Option<Row> = cached(format!(
        "select f.rule_set_id from {IN_FORCE} f \
         left join rule_set_programmes n \
             on n.rule_set_id = f.rule_set_id and n.programme_id = $3 \
         where ($4::text is null or f.code = $4) \
             and (n.programme_id is not null or not exists (select from rule_set_programmes o \
                 where o.rule_set_id = f.rule_set_id)) \
         order by n.programme_id is null, f.valid_from desc, f.version desc, f.rule_set_id desc \
         limit 1"
    ))
    .bind::<SqlUuid, _>(programme.institution.as_uuid())
    .bind::<Date, _>(day)
    .bind::<SqlUuid, _>(programme.id.as_uuid())
    .bind::<Nullable<Text>, _>(code)
    .get_result(conn)
    .optional()?;
    Ok(row.map(|row| RuleSetId::from_uuid(row.rule_set_id)))
}

/// The programmes that the rules of a code are for on a day; nothing where none of that code are
/// in force, and no code of a programme where they are for every one.
pub(crate) fn find_scope(
    conn: &mut PgConnection,
    institution: InstitutionId,
    code: &str,
    day: NaiveDate,
) -> Result<Option<Vec<String>>, LedgerError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Array<Text>)]
        programmes: Vec<String>,
    }
    let row: Option<Row> = diesel::sql_query(format!(
        "select array(select p.code from rule_set_programmes n join programmes p using (programme_id) \
             where n.rule_set_id = f.rule_set_id order by p.code) as programmes \
         from {IN_FORCE} f where f.code = $3"
    ))
    .bind::<SqlUuid, _>(institution.as_uuid())
    .bind::<Date, _>(day)
    .bind::<Text, _>(code)
    .get_result(conn)
    .optional()?;
    Ok(row.map(|row| row.programmes))
}

/// The approved sets of other codes that are for a programme of this one, or as general.
pub(crate) fn list_rivals(
    conn: &mut PgConnection,
    rule_set: &RuleSet,
) -> Result<Vec<Rival>, LedgerError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        code: String,
        #[diesel(embed)]
        version: VersionRow,
        #[diesel(sql_type = Nullable<Text>)]
        programme: Option<String>,
    }
    let programmes: Vec<Uuid> = rule_set.programmes.iter().map(|id| id.as_uuid()).collect();
    let rows: Vec<Row> = diesel::sql_query(
        "select r.code, r.version, r.valid_from, r.valid_to, p.code as programme \
         from rule_sets r \
         left join rule_set_programmes n using (rule_set_id) \
         left join programmes p using (programme_id) \
         where r.institution_id = $1 and r.code <> $2 and r.state = 'approved' \
             and case when cardinality($3::uuid[]) = 0 then n.programme_id is null \
                 else n.programme_id = any($3) end \
         order by r.code, r.version, p.code",
    )
    .bind::<SqlUuid, _>(rule_set.receiving.as_uuid())
    .bind::<Text, _>(&rule_set.code)
    .bind::<Array<SqlUuid>, _>(programmes)
    .load(conn)?;
    let rivals = rows.into_iter().map(|row| Rival {
        code: row.code,
        version: row.version.into(),
        programme: row.programme,
    });
    Ok(rivals.collect())
}

#[derive(QueryableByName)]
struct VersionRow {
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Date)]
    valid_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    valid_to: Option<NaiveDate>,
}

impl From<VersionRow> for OtherVersion {
    fn from(row: VersionRow) -> Self {
        Self {
            version: row.version,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        }
    }
}

/// The approved versions of the same code that this one would not come after: a version gives way
/// to one that begins later, so only those that begin on its first day or later are in its way.
pub(crate) fn list_in_the_way(
    conn: &mut PgConnection,
    rule_set: &RuleSet,
) -> Result<Vec<OtherVersion>, LedgerError> {
    let rows: Vec<VersionRow> = diesel::sql_query(
        "select version, valid_from, valid_to from rule_sets \
         where institution_id = $1 and code = $2 and state = 'approved' and rule_set_id <> $3 \
             and valid_from >= $4 \
         order by version",
    )
    .bind::<SqlUuid, _>(rule_set.receiving.as_uuid())
    .bind::<Text, _>(&rule_set.code)
    .bind::<SqlUuid, _>(rule_set.id.as_uuid())
    .bind::<Date, _>(rule_set.valid_from)
    .load(conn)?;
    Ok(rows.into_iter().map(OtherVersion::from).collect())
}
