//! By which rules a request for a programme is decided.

use chrono::NaiveDate;
use creditbank_domain::conversion::{Programme, RuleSet};
use creditbank_domain::fault::Fault;
use creditbank_domain::institution::Institution;
use creditbank_domain::text::InstitutionCode;
use diesel::pg::PgConnection;

use crate::error::LedgerError;
use crate::flows::open_import::refuse_unless_active;
use crate::flows::register::institution_unknown;
use crate::tables::{institutions, programmes, rule_set_programmes, rule_sets};

/// Which rules are asked: whose, for what, and by which set where one is named.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) receiving: InstitutionCode,
    pub(super) programme: String,
    pub(super) rule_set: Option<String>,
}

/// The programme, and the rules that decide about it.
pub(super) struct Basis {
    pub(super) programme: Programme,
    pub(super) rule_set: RuleSet,
}

/// The rules that decide what is asked on a day.
///
/// # Errors
/// [`LedgerError::Refused`] where the institution, its programme or its rules allow no request.
pub(super) fn rules_for(
    conn: &mut PgConnection,
    order: &Target,
    today: NaiveDate,
) -> Result<Basis, LedgerError> {
    let row = institutions::find_by_code(conn, &order.receiving)?;
    let row = row.ok_or_else(|| institution_unknown(&order.receiving))?;
    let institution: Institution = row.try_into()?;
    refuse_unless_active(&institution)?;
    let receiving = institution.id;
    let programme = programmes::find_by_code(conn, receiving, &order.programme)?;
    let programme = programme.ok_or_else(|| {
        LedgerError::Refused(Fault::new(
            "PROGRAMME_UNKNOWN",
            format!("接收机构没有专业 {},请核对专业代码", order.programme),
            format!(
                "the receiving institution has no programme {}; check it",
                order.programme
            ),
        ))
    })?;
    let code = order.rule_set.as_deref();
    match rule_set_programmes::find_in_force(conn, &programme, code, today)? {
        Some(id) => {
            let stored = rule_sets::find(conn, id)?;
            let missing = LedgerError::Corrupt("rule_sets.rule_set_id");
            Ok(Basis {
                programme,
                rule_set: stored.ok_or(missing)?.rule_set,
            })
        }
        None => Err(LedgerError::Refused(match code {
            None => no_rules(&order.programme),
            Some(code) => match rule_set_programmes::find_scope(conn, receiving, code, today)? {
                None => not_in_force(code),
                Some(programmes) => for_others(code, &order.programme, &programmes),
            },
        })),
    }
}

fn no_rules(programme: &str) -> Fault {
    Fault::new(
        "NO_RULES_IN_FORCE",
        format!("接收机构目前没有适用于专业 {programme} 的已批准且有效的转换规则"),
        format!(
            "the receiving institution has no approved rules in force today for programme \
             {programme}"
        ),
    )
}

fn not_in_force(code: &str) -> Fault {
    Fault::new(
        "RULE_SET_NOT_IN_FORCE",
        format!("接收机构没有代码为 {code} 且今日有效的转换规则;不写代码即按该专业的规则"),
        format!(
            "the receiving institution has no rule set {code} in force today; name none to be \
             decided by the programme's"
        ),
    )
}

fn for_others(code: &str, programme: &str, programmes: &[String]) -> Fault {
    Fault::new(
        "RULE_SET_OTHER_PROGRAMME",
        format!(
            "规则集 {code} 只适用于专业 {},不适用于 {programme}",
            programmes.join("、")
        ),
        format!(
            "rule set {code} is for {} only, not for {programme}",
            programmes.join(", ")
        ),
    )
}
