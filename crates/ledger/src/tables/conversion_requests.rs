//! `conversion_requests`.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::View;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::ids::{
    ClientId, CohortId, InstitutionId, LearnerId, ProgrammeId, RequestId, RuleSetId,
};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::process::Hand;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::learners::MEMBERS_OF_NUMBER;

/// A request as it is stored, with the words that people know its parts by.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct RequestRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) learner_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) learner_no: String,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) request_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) cohort_id: Uuid,
    /// None where the learner asks.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) requesting_institution_id: Option<Uuid>,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) receiving_institution_id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) requesting_code: Option<String>,
    #[diesel(sql_type = Text)]
    pub(crate) receiving_code: String,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) programme_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) programme_code: String,
    #[diesel(sql_type = Text)]
    pub(crate) programme_title: String,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) rule_set_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) state: String,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) requested_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) requested_by: Option<Uuid>,
    #[diesel(sql_type = Timestamptz)]
    pub(crate) hold_expires_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub(crate) decided_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Date>)]
    pub(crate) judged_on: Option<NaiveDate>,
}

impl RequestRow {
    /// The day for which it is decided: that of the request itself, or of what it appeals against.
    pub(crate) fn judged_on(&self) -> NaiveDate {
        self.judged_on
            .unwrap_or_else(|| bank_day(self.requested_at))
    }

    /// The school that asked, where one did, and the institution that decides.
    pub(crate) fn parties(&self) -> Vec<InstitutionId> {
        let all = [
            self.requesting_institution_id,
            Some(self.receiving_institution_id),
        ];
        all.into_iter()
            .flatten()
            .map(InstitutionId::from_uuid)
            .collect()
    }
}

const SELECT: &str = "select r.learner_id, l.learner_no, r.request_id, r.cohort_id, \
     r.requesting_institution_id, r.receiving_institution_id, q.code as requesting_code, v.code as receiving_code, \
     r.programme_id, p.code as programme_code, p.title as programme_title, r.rule_set_id, \
     r.state, r.requested_at, r.requested_by, r.hold_expires_at, r.decided_at, w.judged_on \
     from conversion_requests r \
     left join request_standings w using (learner_id, request_id) \
     left join learner_aliases a on a.absorbed_id = r.learner_id \
     join learners l on l.learner_id = coalesce(a.survivor_id, r.learner_id) \
     left join institutions q on q.institution_id = r.requesting_institution_id \
     join institutions v on v.institution_id = r.receiving_institution_id \
     join programmes p on p.programme_id = r.programme_id";

/// Which requests are meant.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which<'a> {
    One(RequestId),
    These(&'a [RequestId]),
    Cohort(CohortId),
}

impl Which<'_> {
    fn condition(self) -> (&'static str, Vec<Uuid>) {
        const OF_REQUESTS: &str = "r.request_id = any($1)";
        match self {
            Self::One(id) => (OF_REQUESTS, vec![id.as_uuid()]),
            Self::These(ids) => (OF_REQUESTS, ids.iter().map(|id| id.as_uuid()).collect()),
            Self::Cohort(id) => ("r.cohort_id = any($1)", vec![id.as_uuid()]),
        }
    }
}

/// The requests that the view lets one see: an institution sees what it asked for or receives, a
/// learner her own.
pub(crate) fn list(
    conn: &mut PgConnection,
    which: Which<'_>,
    view: View,
) -> Result<Vec<RequestRow>, LedgerError> {
    let (condition, ids) = which.condition();
    let (scope, institution, learner_no) = match view {
        View::Whole => ("true or $2 = r.learner_id or $3 = ''", None, None),
        View::OnlyOf(institution) => (
            "$2 in (r.requesting_institution_id, r.receiving_institution_id) or $3 = ''",
            Some(institution.as_uuid()),
            None,
        ),
        // Also where the learner's number is one that was merged into another.
        View::OnlyOwn(number) => (
            "l.learner_id = (select coalesce(b.survivor_id, n.learner_id) \
                 from learner_numbers n \
                 left join learner_aliases b on b.absorbed_id = n.learner_id \
                 where n.learner_no = $3) or $2 = r.learner_id",
            None,
            Some(number),
        ),
    };
    let number = learner_no.as_ref().map(LearnerNo::as_str);
    Ok(diesel::sql_query(format!(
        "{SELECT} where {condition} and ({scope}) order by r.request_id"
    ))
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Nullable<SqlUuid>, _>(institution)
    .bind::<Nullable<Text>, _>(number)
    .load(conn)?)
}

/// By whom requests are locked: each side finds its own, the bank all.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Side {
    Receiving(InstitutionId),
    Requesting(InstitutionId),
    /// Whose they are, whoever asked.
    Learner(LearnerNo),
    Bank,
}

impl Side {
    fn condition(self) -> (String, Option<InstitutionId>, Option<LearnerNo>) {
        let of = |column: &str| format!("r.{column} = $2 and $3::text is null");
        match self {
            Self::Receiving(id) => (of("receiving_institution_id"), Some(id), None),
            Self::Requesting(id) => (of("requesting_institution_id"), Some(id), None),
            Self::Learner(number) => {
                // Whichever number of the account it is, and whichever account asked.
                let members = MEMBERS_OF_NUMBER.replace("$1", "$3");
                let own = format!("$2::uuid is null and r.learner_id = {members}");
                (own, None, Some(number))
            }
            Self::Bank => (
                "$2::uuid is null and $3::text is null".to_owned(),
                None,
                None,
            ),
        }
    }
}

/// Locks the requests of a side, in key order, and gives them. Against another decision only: a
/// correction writes lines of a request while it holds the lots that a decision waits for, and must
/// not wait for the decision in turn.
pub(crate) fn lock(
    tx: &mut Tx<'_>,
    which: Which<'_>,
    side: Side,
) -> Result<Vec<RequestRow>, LedgerError> {
    let (condition, ids) = which.condition();
    let (of_side, institution, learner) = side.condition();
    let institution = institution.map(InstitutionId::as_uuid);
    let learner = learner.as_ref().map(LearnerNo::as_str);
    diesel::sql_query(format!(
        "select from conversion_requests r where {condition} and {of_side} \
         order by r.learner_id, r.request_id for no key update"
    ))
    .bind::<Array<SqlUuid>, _>(&ids)
    .bind::<Nullable<SqlUuid>, _>(institution)
    .bind::<Nullable<Text>, _>(learner)
    .execute(tx.conn())?;
    Ok(diesel::sql_query(format!(
        "{SELECT} where {condition} and {of_side} order by r.request_id"
    ))
    .bind::<Array<SqlUuid>, _>(&ids)
    .bind::<Nullable<SqlUuid>, _>(institution)
    .bind::<Nullable<Text>, _>(learner)
    .load(tx.conn())?)
}

/// Says until when the holds of some requests stand.
pub(crate) fn hold_until(
    tx: &mut Tx<'_>,
    until: &[((LearnerId, RequestId), DateTime<Utc>)],
) -> Result<(), LedgerError> {
    let learners: Vec<Uuid> = until.iter().map(|((id, _), _)| id.as_uuid()).collect();
    let requests: Vec<Uuid> = until.iter().map(|((_, id), _)| id.as_uuid()).collect();
    let moments: Vec<DateTime<Utc>> = until.iter().map(|(_, moment)| *moment).collect();
    diesel::sql_query(
        "update conversion_requests r set hold_expires_at = u.until \
         from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) \
             as u (learner_id, request_id, until) \
         where r.learner_id = u.learner_id and r.request_id = u.request_id \
             and r.state = 'requested'",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(requests)
    .bind::<Array<Timestamptz>, _>(moments)
    .execute(tx.conn())?;
    Ok(())
}

/// Who closed a request, where a client did.
pub(crate) fn decider(
    conn: &mut PgConnection,
    learner: LearnerId,
    request: RequestId,
) -> Result<Option<Hand>, LedgerError> {
    #[derive(QueryableByName)]
    struct DeciderRow {
        #[diesel(sql_type = Nullable<SqlUuid>)]
        decided_by: Option<Uuid>,
    }
    let row: DeciderRow = diesel::sql_query(
        "select decided_by from conversion_requests where learner_id = $1 and request_id = $2",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<SqlUuid, _>(request.as_uuid())
    .get_result(conn)?;
    Ok(row.decided_by.map(Hand))
}

/// A request to be stored; all of a cohort share what is not here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewRequest {
    pub(crate) learner_id: LearnerId,
    pub(crate) request_id: RequestId,
}

/// What the requests of a cohort share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewCohort {
    pub(crate) cohort_id: CohortId,
    /// None where the learner asks.
    pub(crate) requesting: Option<InstitutionId>,
    pub(crate) receiving: InstitutionId,
    pub(crate) programme_id: ProgrammeId,
    pub(crate) rule_set_id: RuleSetId,
    pub(crate) requested_by: Option<ClientId>,
    pub(crate) hold_expires_at: DateTime<Utc>,
    /// The day for which an appeal is decided; a request is decided for the day it is sent.
    pub(crate) judged_on: Option<NaiveDate>,
}

pub(crate) fn insert_all(
    tx: &mut Tx<'_>,
    cohort: &NewCohort,
    requests: &[NewRequest],
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let learners: Vec<Uuid> = requests.iter().map(|r| r.learner_id.as_uuid()).collect();
    let ids: Vec<Uuid> = requests.iter().map(|r| r.request_id.as_uuid()).collect();
    diesel::sql_query(
        "insert into conversion_requests (learner_id, request_id, cohort_id, \
             requesting_institution_id, receiving_institution_id, programme_id, rule_set_id, \
             state, requested_at, requested_by, hold_expires_at) \
         select learner_id, request_id, $3, $4, $5, $6, $7, 'requested', $8, $9, $10 \
         from unnest($1::uuid[], $2::uuid[]) as r (learner_id, request_id)",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<SqlUuid, _>(cohort.cohort_id.as_uuid())
    .bind::<Nullable<SqlUuid>, _>(cohort.requesting.map(InstitutionId::as_uuid))
    .bind::<SqlUuid, _>(cohort.receiving.as_uuid())
    .bind::<SqlUuid, _>(cohort.programme_id.as_uuid())
    .bind::<SqlUuid, _>(cohort.rule_set_id.as_uuid())
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(cohort.requested_by.map(ClientId::as_uuid))
    .bind::<Timestamptz, _>(cohort.hold_expires_at)
    .execute(tx.conn())?;
    Ok(())
}

/// Closes a request. The database lets nobody close it twice.
pub(crate) fn close(
    tx: &mut Tx<'_>,
    learner: LearnerId,
    request: RequestId,
    state: &str,
    decided_by: Option<ClientId>,
    text: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    diesel::sql_query(
        "update conversion_requests set state = $3, decided_at = $4, decided_by = $5, \
             decision_text = $6 \
         where learner_id = $1 and request_id = $2",
    )
    .bind::<SqlUuid, _>(learner.as_uuid())
    .bind::<SqlUuid, _>(request.as_uuid())
    .bind::<Text, _>(state)
    .bind::<Timestamptz, _>(now)
    .bind::<Nullable<SqlUuid>, _>(decided_by.map(ClientId::as_uuid))
    .bind::<Nullable<Text>, _>(text)
    .execute(tx.conn())?;
    Ok(())
}

/// Open requests whose holds have timed out, and who receives them.
pub(crate) fn list_overdue(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<(RequestId, InstitutionId)>, LedgerError> {
    #[derive(QueryableByName)]
    struct OverdueRow {
        #[diesel(sql_type = SqlUuid)]
        request_id: Uuid,
        #[diesel(sql_type = SqlUuid)]
        receiving_institution_id: Uuid,
    }
    let rows: Vec<OverdueRow> = diesel::sql_query(
        "select request_id, receiving_institution_id from conversion_requests \
         where state = 'requested' and hold_expires_at < $1 order by hold_expires_at limit $2",
    )
    .bind::<Timestamptz, _>(now)
    .bind::<BigInt, _>(i64::from(limit))
    .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| {
            (
                RequestId::from_uuid(row.request_id),
                InstitutionId::from_uuid(row.receiving_institution_id),
            )
        })
        .collect())
}
