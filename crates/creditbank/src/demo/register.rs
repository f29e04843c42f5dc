//! Fills the register: institutions, catalogue, programme, and rules that two people approve.

use chrono::{DateTime, Utc};
use creditbank_domain::authz::KeepRegister;
use creditbank_ledger::flows::RegisterCounts;
use creditbank_ledger::{Ledger, flows};

use super::files;
use super::teller::{Teller, tell};
use crate::problem::Problem;
use crate::{load, operator};

const PROPOSER: &str = "秘书处经办人";
const APPROVER: &str = "专家委员会主任";

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
    let catalogue = load::read_catalogue(files::CATALOGUE)?;
    let counts = flows::publish_catalogue(ledger, &grant, &catalogue, now)?;
    tell_counts(teller, "成果目录 catalogue", counts);
    let programmes = load::read_programmes(files::PROGRAMMES)?;
    let counts = flows::register_programmes(ledger, &grant, &programmes, now)?;
    tell_counts(teller, "专业 programmes", counts);
    let proposed = load::read_rules(files::RULES)?;
    let number = proposed.document.number.clone();
    flows::register_documents(ledger, &grant, &[proposed.document], now)?;
    let rules = &proposed.rule_set;
    let id = flows::propose_rule_set(ledger, &grant, rules, PROPOSER, now)?;
    flows::approve_rule_set(ledger, &grant, id, APPROVER, now)?;
    tell!(
        teller,
        "  规则 rules {}: {} 条,依据 {number};{PROPOSER}提出,{APPROVER}批准",
        rules.code,
        rules.rules.len(),
    );
    Ok(())
}

fn tell_counts(teller: Teller, name: &str, counts: RegisterCounts) {
    let RegisterCounts {
        added,
        already_there,
    } = counts;
    let total = added.saturating_add(already_there);
    tell!(teller, "  {name}: {total}(新增 added {added})");
}
