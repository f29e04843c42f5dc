//! Fills the register: institutions, frameworks of levels, catalogue, programme, and rules that two people approve.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Grant, KeepRegister};
use creditbank_domain::text::{CourseCode, DocumentNumber, InstitutionCode, TextError};
use creditbank_ledger::flows::{RegisterCounts, ReviewOrder};
use creditbank_ledger::reads::RuleSetState;
use creditbank_ledger::{Ledger, flows, reads};
use creditbank_rulebook::{RuleDocument, parse};

use super::files;
use super::teller::{Teller, tell};
use crate::commands::rules::unfit;
use crate::problem::Problem;
use crate::{load, operator};

const PROPOSER: &str = "秘书处经办人";
const APPROVERS: [&str; 2] = ["专家委员会主任", "专家委员会副主任"];
const REVIEWER: &str = "质量保障委员会";

/// Loads everything; what is there already stays.
pub(crate) fn fill(ledger: &Ledger, teller: Teller, now: DateTime<Utc>) -> Result<(), Problem> {
    let grant = operator::for_bank::<KeepRegister>()?;
    teller.chapter("登记", "register");
    let registers: [(&str, &[u8]); 3] = [
        ("联盟高校 alliance", files::INSTITUTIONS),
        ("技工院校 schools", files::TECHNICAL_SCHOOLS),
        ("秘书处 secretariat", files::SECRETARIAT),
    ];
    for (name, bytes) in registers {
        let institutions = load::read_institutions(bytes)?;
        tell_counts(
            teller,
            name,
            flows::register_institutions(ledger, &grant, &institutions, now)?,
        );
    }
    let mut pack = load::FrameworkPack::default();
    for bytes in files::FRAMEWORKS {
        pack.add(load::read_frameworks(bytes)?);
    }
    let (frameworks, mappings) = (&pack.frameworks, &pack.mappings);
    let counts = flows::register_frameworks(ledger, &grant, frameworks, mappings, now)?;
    tell_counts(teller, "等级框架 frameworks", counts);
    let catalogue = load::read_catalogue(files::CATALOGUE)?;
    let counts = flows::publish_catalogue(ledger, &grant, &catalogue, now)?;
    tell_counts(teller, "成果目录 catalogue", counts);
    flows::record_review(ledger, &grant, &review_of_the_guide()?, now)?;
    let programmes = load::read_programmes(files::PROGRAMMES)?;
    let counts = flows::register_programmes(ledger, &grant, &programmes, now)?;
    tell_counts(teller, "专业 programmes", counts);
    let rules = parse(files::RULES).map_err(unfit)?;
    put_in_force(ledger, &grant, &rules, now)?;
    tell!(
        teller,
        "  规则 rules {}: {} 条,依据 {};{PROPOSER}提出,{}批准",
        rules.code,
        rules.rules.len(),
        rules.document.number,
        APPROVERS.join("、"),
    );
    Ok(())
}

/// Drafts, proposes and approves the rules, once.
fn put_in_force(
    ledger: &Ledger,
    grant: &Grant<KeepRegister>,
    rules: &RuleDocument,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let rests_on = [rules.document.clone()];
    flows::register_documents(ledger, grant, &rests_on, now)?;
    let id = flows::draft_rule_set(ledger, grant, rules, PROPOSER, now)?.map_err(unfit)?;
    let listed = reads::list_rule_sets(ledger, grant)?;
    let there = listed.iter().find(|it| it.rule_set_id == id);
    if there.is_some_and(|it| it.state == RuleSetState::Approved) {
        return Ok(());
    }
    flows::propose_rule_set(ledger, grant, id, now)?.map_err(unfit)?;
    for approver in APPROVERS {
        let vote = (approver, flows::Vote::Approve);
        flows::vote_on_rule_set(ledger, grant, id, vote, now)?.map_err(unfit)?;
    }
    Ok(())
}

/// The course that 28 institutions own is reviewed every two years.
fn review_of_the_guide() -> Result<ReviewOrder, Problem> {
    let wrong = |wrong: TextError| Problem::internal(&wrong);
    Ok(ReviewOrder {
        owner: InstitutionCode::new("90001").map_err(wrong)?,
        code: CourseCode::new("GL0001").map_err(wrong)?,
        reviewed_on: operator::day("2025-07-24")?,
        reviewed_by: REVIEWER.to_owned(),
        document: DocumentNumber::new("继教合作联盟〔2025〕7号").map_err(wrong)?,
    })
}

fn tell_counts(teller: Teller, name: &str, counts: RegisterCounts) {
    let RegisterCounts {
        added,
        already_there,
    } = counts;
    let total = added.saturating_add(already_there);
    tell!(teller, "  {name}: {total}(新增 added {added})");
}
