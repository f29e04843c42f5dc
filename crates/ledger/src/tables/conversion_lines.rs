//! `conversion_lines`: proposals and decisions.

use std::collections::HashMap;

use chrono::NaiveDate;
use creditbank_domain::amount::Hundredths;
use creditbank_domain::conversion::{BookedGrade, DecidedLine, Explanation, Verdict};
use creditbank_domain::ids::{
    CorrectionId, EntryId, LearnerId, LotId, OutcomeId, ProgrammeId, RequestId,
};
use creditbank_domain::reason::ReasonCode;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Integer, Nullable, Text, Uuid as SqlUuid};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::store::Tx;
use crate::tables::{hundredths, parsed};

/// The first check's word or the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Proposal,
    Decision,
}

impl Stage {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Proposal => "proposal",
            Self::Decision => "decision",
        }
    }
}

/// A line to be stored.
pub(crate) struct NewLine<'a> {
    pub(crate) learner_id: LearnerId,
    pub(crate) request_id: RequestId,
    pub(crate) line_no: i32,
    pub(crate) line: &'a DecidedLine,
    /// What the request holds of the lot; said once of each lot.
    pub(crate) held: Hundredths,
    /// Whose lot it is: the request's own learner, or one who is shown with that one.
    pub(crate) lot_learner_id: LearnerId,
    pub(crate) grant_outcome_id: Option<OutcomeId>,
    /// What changed the line after it was first written.
    pub(crate) revision: Option<Revision>,
}

/// A line written again, because of a correction.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Revision {
    /// Counts up from 1.
    pub(crate) no: i32,
    pub(crate) correction: CorrectionId,
}

pub(crate) fn insert_all(
    tx: &mut Tx<'_>,
    stage: Stage,
    lines: &[NewLine<'_>],
) -> Result<(), LedgerError> {
    let learners: Vec<Uuid> = lines.iter().map(|l| l.learner_id.as_uuid()).collect();
    let requests: Vec<Uuid> = lines.iter().map(|l| l.request_id.as_uuid()).collect();
    let numbers: Vec<i32> = lines.iter().map(|l| l.line_no).collect();
    let lots: Vec<Uuid> = lines.iter().map(|l| l.line.lot_id.as_uuid()).collect();
    let outcomes: Vec<Uuid> = lines.iter().map(|l| l.line.outcome_id.as_uuid()).collect();
    let rules: Vec<Option<&str>> = lines.iter().map(|l| l.line.rule_code.as_deref()).collect();
    let targets: Vec<Option<Uuid>> = lines
        .iter()
        .map(|l| l.line.target.map(|id| id.as_uuid()))
        .collect();
    let requested: Vec<i64> = lines.iter().map(|l| l.line.requested.get()).collect();
    let granted: Vec<i64> = lines.iter().map(|l| l.line.granted.get()).collect();
    let verdicts: Vec<&str> = lines.iter().map(|l| l.line.verdict.as_str()).collect();
    let reasons: Vec<Option<&str>> = lines
        .iter()
        .map(|l| l.line.verdict.reason().map(ReasonCode::as_str))
        .collect();
    let zh: Vec<&str> = lines
        .iter()
        .map(|l| l.line.explanation.zh.as_str())
        .collect();
    let en: Vec<&str> = lines
        .iter()
        .map(|l| l.line.explanation.en.as_str())
        .collect();
    let grants: Vec<Option<Uuid>> = lines
        .iter()
        .map(|l| l.grant_outcome_id.map(OutcomeId::as_uuid))
        .collect();
    let held: Vec<i64> = lines.iter().map(|l| l.held.get()).collect();
    let used: Vec<i64> = lines.iter().map(|l| l.line.used.get()).collect();
    let books: Vec<&str> = lines.iter().map(|l| l.line.books.as_str()).collect();
    let remedy = |of: fn(&Explanation) -> &str| -> Vec<Option<&str>> {
        let remedies = lines.iter().map(|l| l.line.remedy.as_ref());
        remedies.map(|remedy| remedy.map(of)).collect()
    };
    let (remedies_zh, remedies_en) = (remedy(|r| &r.zh), remedy(|r| &r.en));
    let owners: Vec<Option<Uuid>> = lines
        .iter()
        .map(|l| (l.lot_learner_id != l.learner_id).then_some(l.lot_learner_id.as_uuid()))
        .collect();
    let revisions: Vec<i32> = lines
        .iter()
        .map(|l| l.revision.map_or(0, |revision| revision.no))
        .collect();
    let corrections: Vec<Option<Uuid>> = lines
        .iter()
        .map(|l| l.revision.map(|revision| revision.correction.as_uuid()))
        .collect();
    diesel::sql_query(
        "insert into conversion_lines (learner_id, request_id, line_no, stage, lot_id, \
             outcome_id, rule_code, target_entry_id, requested, granted, verdict, reason, \
             explanation_zh, explanation_en, grant_outcome_id, revision_no, correction_id, \
             lot_learner_id, held, used, books, remedy_zh, remedy_en) \
         select learner_id, request_id, line_no, $1, lot_id, outcome_id, rule_code, target, \
             requested, granted, verdict, reason, zh, en, granted_outcome, revision, correction, \
             lot_owner, held, used, books, remedy_zh, remedy_en \
         from unnest($2::uuid[], $3::uuid[], $4::int[], $5::uuid[], $6::uuid[], $7::text[], \
             $8::uuid[], $9::bigint[], $10::bigint[], $11::text[], $12::text[], $13::text[], \
             $14::text[], $15::uuid[], $16::int[], $17::uuid[], $18::uuid[], $19::bigint[], \
             $20::bigint[], $21::text[], $22::text[], $23::text[]) \
             as l (learner_id, request_id, line_no, lot_id, outcome_id, rule_code, target, \
                 requested, granted, verdict, reason, zh, en, granted_outcome, revision, \
                 correction, lot_owner, held, used, books, remedy_zh, remedy_en)",
    )
    .bind::<Text, _>(stage.as_str())
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(requests)
    .bind::<Array<Integer>, _>(numbers)
    .bind::<Array<SqlUuid>, _>(lots)
    .bind::<Array<SqlUuid>, _>(outcomes)
    .bind::<Array<Nullable<Text>>, _>(rules)
    .bind::<Array<Nullable<SqlUuid>>, _>(targets)
    .bind::<Array<BigInt>, _>(requested)
    .bind::<Array<BigInt>, _>(granted)
    .bind::<Array<Text>, _>(verdicts)
    .bind::<Array<Nullable<Text>>, _>(reasons)
    .bind::<Array<Text>, _>(zh)
    .bind::<Array<Text>, _>(en)
    .bind::<Array<Nullable<SqlUuid>>, _>(grants)
    .bind::<Array<Integer>, _>(revisions)
    .bind::<Array<Nullable<SqlUuid>>, _>(corrections)
    .bind::<Array<Nullable<SqlUuid>>, _>(owners)
    .bind::<Array<BigInt>, _>(held)
    .bind::<Array<BigInt>, _>(used)
    .bind::<Array<Text>, _>(books)
    .bind::<Array<Nullable<Text>>, _>(remedies_zh)
    .bind::<Array<Nullable<Text>>, _>(remedies_en)
    .execute(tx.conn())?;
    Ok(())
}

/// A line as it stands: the decision where there is one, else the proposal.
#[derive(QueryableByName, Debug, Clone)]
pub(crate) struct LineRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) request_id: Uuid,
    #[diesel(sql_type = Integer)]
    pub(crate) line_no: i32,
    #[diesel(sql_type = Text)]
    pub(crate) stage: String,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) lot_learner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) lot_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) outcome_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) entry_title: String,
    #[diesel(sql_type = Integer)]
    pub(crate) revision_no: i32,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) rule_code: Option<String>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) target_entry_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) target_title: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub(crate) requested: i64,
    #[diesel(sql_type = BigInt)]
    pub(crate) granted: i64,
    #[diesel(sql_type = Text)]
    pub(crate) verdict: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) reason: Option<String>,
    #[diesel(sql_type = Text)]
    pub(crate) explanation_zh: String,
    #[diesel(sql_type = Text)]
    pub(crate) explanation_en: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub(crate) grant_outcome_id: Option<Uuid>,
    #[diesel(sql_type = BigInt)]
    pub(crate) used: i64,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) books: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) remedy_zh: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub(crate) remedy_en: Option<String>,
}

impl LineRow {
    /// What would change the answer.
    pub(crate) fn remedy(&self) -> Option<Explanation> {
        let (zh, en) = self.remedy_zh.clone().zip(self.remedy_en.clone())?;
        Some(Explanation { zh, en })
    }

    /// The line as `domain` knows it.
    pub(crate) fn decided(&self) -> Result<DecidedLine, LedgerError> {
        let reason = || -> Result<ReasonCode, LedgerError> {
            let code = self.reason.as_deref().unwrap_or_default();
            parsed(code, "conversion_lines.reason")
        };
        let verdict = match self.verdict.as_str() {
            "granted" => Verdict::Granted,
            "cut" => Verdict::Cut(reason()?),
            "refused" => Verdict::Refused(reason()?),
            _ => return Err(LedgerError::Corrupt("conversion_lines.verdict")),
        };
        Ok(DecidedLine {
            lot_id: LotId::from_uuid(self.lot_id),
            outcome_id: OutcomeId::from_uuid(self.outcome_id),
            rule_code: self.rule_code.clone(),
            target: self.target_entry_id.map(EntryId::from_uuid),
            requested: hundredths(self.requested, "conversion_lines.requested")?,
            used: hundredths(self.used, "conversion_lines.used")?,
            granted: hundredths(self.granted, "conversion_lines.granted")?,
            books: match self.books.as_deref() {
                None => BookedGrade::AsEarned,
                Some(books) => parsed(books, "conversion_lines.books")?,
            },
            verdict,
            explanation: Explanation {
                zh: self.explanation_zh.clone(),
                en: self.explanation_en.clone(),
            },
            remedy: self.remedy(),
        })
    }
}

/// How the standing lines of a request look, all of them together.
#[derive(QueryableByName, Debug, Clone, Copy)]
pub(crate) struct LinesStanding {
    /// None was decided again.
    #[diesel(sql_type = Bool)]
    pub(crate) as_decided: bool,
    #[diesel(sql_type = Bool)]
    pub(crate) nothing: bool,
    #[diesel(sql_type = Bool)]
    pub(crate) everything: bool,
}

impl LinesStanding {
    pub(crate) fn of(lines: &[LineRow]) -> Self {
        Self {
            as_decided: lines.iter().all(|line| line.revision_no == 0),
            nothing: lines.iter().all(|line| line.granted == 0),
            everything: lines.iter().all(|line| line.granted == line.requested),
        }
    }
}

/// Those of requests, without loading a line. A request without lines is not among them.
pub(crate) fn list_all_standing(
    conn: &mut PgConnection,
    (learners, requests): (Vec<Uuid>, Vec<Uuid>),
) -> Result<HashMap<Uuid, LinesStanding>, LedgerError> {
    #[derive(QueryableByName)]
    struct TogetherRow {
        #[diesel(sql_type = SqlUuid)]
        request_id: Uuid,
        #[diesel(embed)]
        lines: LinesStanding,
    }
    let query = concat!(
        include_str!("../sql/standing_lines.sql"),
        include_str!("../sql/standing_together.sql"),
    );
    let rows: Vec<TogetherRow> = diesel::sql_query(query)
        .bind::<Array<SqlUuid>, _>(learners)
        .bind::<Array<SqlUuid>, _>(requests)
        .bind::<Bool, _>(false)
        .load(conn)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.request_id, row.lines))
        .collect())
}

pub(crate) fn list_standing(
    conn: &mut PgConnection,
    requests: &[(LearnerId, RequestId)],
) -> Result<Vec<LineRow>, LedgerError> {
    let (learners, ids) = side_by_side(requests);
    list(conn, learners, ids, false)
}

fn side_by_side(requests: &[(LearnerId, RequestId)]) -> (Vec<Uuid>, Vec<Uuid>) {
    let ids = |(learner, request): &(LearnerId, RequestId)| (learner.as_uuid(), request.as_uuid());
    requests.iter().map(ids).unzip()
}

/// The lines of one request as they were first decided, whatever a correction made of them.
pub(crate) fn list_as_decided(
    conn: &mut PgConnection,
    (learner, request): (LearnerId, RequestId),
) -> Result<Vec<LineRow>, LedgerError> {
    list(conn, vec![learner.as_uuid()], vec![request.as_uuid()], true)
}

fn list(
    conn: &mut PgConnection,
    learners: Vec<Uuid>,
    requests: Vec<Uuid>,
    first: bool,
) -> Result<Vec<LineRow>, LedgerError> {
    let query = concat!(
        include_str!("../sql/standing_lines.sql"),
        include_str!("../sql/each_standing_line.sql"),
    );
    Ok(diesel::sql_query(query)
        .bind::<Array<SqlUuid>, _>(learners)
        .bind::<Array<SqlUuid>, _>(requests)
        .bind::<Bool, _>(first)
        .load(conn)?)
}

/// Whose lots these requests are about, beside their own learners'.
pub(crate) fn list_other_owners(
    conn: &mut PgConnection,
    requests: &[(LearnerId, RequestId)],
) -> Result<Vec<LearnerId>, LedgerError> {
    #[derive(QueryableByName)]
    struct OwnerRow {
        #[diesel(sql_type = SqlUuid)]
        lot_learner_id: Uuid,
    }
    let (learners, ids) = side_by_side(requests);
    let rows: Vec<OwnerRow> = diesel::sql_query(
        "select distinct l.lot_learner_id \
         from unnest($1::uuid[], $2::uuid[]) as w (learner_id, request_id) \
         join conversion_lines l using (learner_id, request_id) \
         where l.lot_learner_id is not null",
    )
    .bind::<Array<SqlUuid>, _>(learners)
    .bind::<Array<SqlUuid>, _>(ids)
    .load(conn)?;
    let owners = rows.into_iter();
    Ok(owners
        .map(|row| LearnerId::from_uuid(row.lot_learner_id))
        .collect())
}

/// A line that stands granted in a programme, with the outcome that it rests on.
#[derive(QueryableByName, Debug)]
pub(crate) struct GrantedRow {
    #[diesel(sql_type = SqlUuid)]
    pub(crate) learner_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) target_entry_id: Uuid,
    #[diesel(sql_type = BigInt)]
    pub(crate) granted: i64,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) outcome_id: Uuid,
    #[diesel(sql_type = Text)]
    pub(crate) category: String,
    #[diesel(sql_type = SqlUuid)]
    pub(crate) institution_id: Uuid,
    #[diesel(sql_type = Date)]
    pub(crate) awarded_on: NaiveDate,
}

/// What stands granted to learners in a programme, line by line.
pub(crate) fn list_granted_in(
    conn: &mut PgConnection,
    learners: &[LearnerId],
    programme: ProgrammeId,
) -> Result<Vec<GrantedRow>, LedgerError> {
    let ids: Vec<Uuid> = learners.iter().map(|id| id.as_uuid()).collect();
    Ok(diesel::sql_query(
        "select r.learner_id, l.target_entry_id, l.granted, l.outcome_id, v.category, \
             o.institution_id, o.awarded_on \
         from conversion_requests r \
         join standing_decisions l using (learner_id, request_id) \
         join outcomes o on o.learner_id = coalesce(l.lot_learner_id, l.learner_id) \
             and o.outcome_id = l.outcome_id \
         join catalogue_versions v on v.version_id = o.version_id \
         where r.learner_id = any($1) and r.programme_id = $2 \
             and l.target_entry_id is not null and coalesce(l.used, l.granted) > 0 \
         order by r.learner_id, r.request_id, l.line_no",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<SqlUuid, _>(programme.as_uuid())
    .load(conn)?)
}
