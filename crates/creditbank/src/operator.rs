//! Grants of whoever has the command line, asked of the one policy like everybody else's.

use chrono::NaiveDate;
use creditbank_domain::authz::{Action, Actor, Grant, ReadLearner, Subject, authorize};
use creditbank_domain::calendar::parse_day;
use creditbank_domain::fault::Fault;
use creditbank_domain::institution::Institution;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::reading::ReadKind;
use creditbank_domain::text::InstitutionCode;
use creditbank_ledger::flows::{self, Reading};
use creditbank_ledger::{Ledger, reads};

use crate::clock;
use crate::problem::Problem;

/// For the bank as a whole.
pub(crate) fn for_bank<A: Action>() -> Result<Grant<A>, Problem> {
    Ok(authorize(&Actor::operator(), Subject::Bank)?)
}

/// In the name of an institution.
pub(crate) fn for_institution<A: Action>(institution: &Institution) -> Result<Grant<A>, Problem> {
    Ok(authorize(
        &Actor::operator(),
        Subject::Institution(institution.id),
    )?)
}

/// On a learner's account.
pub(crate) fn for_learner<A: Action>(learner_no: LearnerNo) -> Result<Grant<A>, Problem> {
    Ok(authorize(&Actor::operator(), Subject::Learner(learner_no))?)
}

/// Writes down, for the learner to see, that somebody at the command line reads an account. Before
/// anything is shown.
pub(crate) fn note_reading(
    ledger: &Ledger,
    grant: &Grant<ReadLearner>,
    learner_no: LearnerNo,
    what: ReadKind,
) -> Result<(), Problem> {
    let reading = Reading::of(grant, learner_no, (what, None), clock::now());
    let readings: Vec<Reading> = reading.into_iter().collect();
    flows::record_readings(ledger, &readings)?;
    Ok(())
}

/// The institution of a code as somebody typed it.
pub(crate) fn institution(ledger: &Ledger, code: &str) -> Result<Institution, Problem> {
    let unknown = || {
        Problem::new(
            "INSTITUTION_UNKNOWN",
            format!("没有代码为 {code} 的机构"),
            format!("there is no institution of code {code}"),
        )
        .todo(
            "请核对代码,或先用 creditbank institutions load 登记",
            "check the code, or register it with creditbank institutions load",
        )
    };
    let typed = InstitutionCode::new(code).map_err(|_| unknown())?;
    reads::institution_by_code(ledger, &typed)?.ok_or_else(unknown)
}

/// A learner number as somebody typed it.
pub(crate) fn learner_no(text: &str) -> Result<LearnerNo, Problem> {
    text.parse::<LearnerNo>().map_err(|wrong| {
        Problem::new(wrong.code(), "学分银行账号有误", wrong.to_string()).todo(
            "请核对账号,例如 ABCD-EFGH-JKLM",
            "check it; it looks like ABCD-EFGH-JKLM",
        )
    })
}

/// A day as somebody typed it.
pub(crate) fn day(text: &str) -> Result<NaiveDate, Problem> {
    parse_day(text).map_err(|wrong| Problem::of_fault(&Fault::from(wrong)))
}
