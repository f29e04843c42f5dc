//! The register of institutions as a secretariat keeps it in a spreadsheet.

use chrono::NaiveDate;
use creditbank_domain::identifier::UnifiedSocialCreditCode;
use creditbank_domain::institution::{AllianceRole, InstitutionKind, InstitutionLevel};
use creditbank_domain::text::{InstitutionCode, bounded};
use creditbank_ledger::flows::NewInstitution;

use super::table::{CellFault, Record, listed, read_rows, word};
use crate::problem::Problem;

const KINDS: &[(&str, InstitutionKind)] = &[
    ("高等院校", InstitutionKind::University),
    ("技工院校", InstitutionKind::TechnicalSchool),
    ("继续教育基地", InstitutionKind::TrainingBase),
    ("秘书处", InstitutionKind::Secretariat),
    ("主管部门", InstitutionKind::Regulator),
    ("用人单位", InstitutionKind::Employer),
    ("社区学习中心", InstitutionKind::CommunityCentre),
];

const LEVELS: &[(&str, InstitutionLevel)] = &[
    ("国家级", InstitutionLevel::National),
    ("省级", InstitutionLevel::Provincial),
    ("市级", InstitutionLevel::Municipal),
];

const ROLES: &[(&str, AllianceRole)] = &[
    ("理事长单位", AllianceRole::Chair),
    ("副理事长单位", AllianceRole::ViceChair),
    ("常务理事单位", AllianceRole::StandingMember),
    ("成员单位", AllianceRole::Member),
    ("非成员", AllianceRole::None),
];

/// Reads 机构代码, 机构名称, 机构类型, 联盟角色 and what else is there of 英文名称, 层级, 加入日期,
/// 统一社会信用代码, 可开户, 任期起, 任期止.
pub(crate) fn read_institutions(bytes: &[u8]) -> Result<Vec<NewInstitution>, Problem> {
    read_rows(
        bytes,
        &["机构代码", "机构名称", "机构类型", "联盟角色"],
        institution,
    )
}

fn institution(record: &Record) -> Result<NewInstitution, CellFault> {
    Ok(NewInstitution {
        code: record.read("机构代码", InstitutionCode::new)?,
        name_zh: record.read("机构名称", |text| bounded("name", text, 200))?,
        name_en: record.optional("英文名称", |text| bounded("name", text, 200))?,
        uscc: record.optional("统一社会信用代码", str::parse::<UnifiedSocialCreditCode>)?,
        kinds: record.read("机构类型", |text| {
            listed(text, |kind| word(KINDS, kind))
        })?,
        level: record.optional("层级", |text| word(LEVELS, text))?,
        alliance_role: record.read("联盟角色", |text| word(ROLES, text))?,
        joined_on: record.optional("加入日期", str::parse::<NaiveDate>)?,
        term_from: record.optional("任期起", str::parse::<NaiveDate>)?,
        term_to: record.optional("任期止", str::parse::<NaiveDate>)?,
        may_open_accounts: record.flag("可开户")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::files;

    #[test]
    fn the_alliance_has_59_colleges_of_which_52_founded_it() {
        let colleges = read_institutions(files::INSTITUTIONS).unwrap();
        let founded = NaiveDate::from_ymd_opt(2020, 12, 24);
        assert_eq!(colleges.len(), 59);
        assert_eq!(
            colleges.iter().filter(|it| it.joined_on == founded).count(),
            52
        );
        let by_2020 = NaiveDate::from_ymd_opt(2020, 12, 31);
        assert_eq!(
            colleges.iter().filter(|it| it.joined_on <= by_2020).count(),
            52
        );
        let by_2022 = NaiveDate::from_ymd_opt(2022, 9, 5);
        assert_eq!(
            colleges.iter().filter(|it| it.joined_on <= by_2022).count(),
            59
        );
        let chairs = colleges
            .iter()
            .filter(|it| it.alliance_role == AllianceRole::Chair);
        assert_eq!(chairs.count(), 1);
        assert!(colleges.iter().all(|it| it.uscc.is_some()));
    }

    #[test]
    fn schools_and_secretariat_stand_outside_the_alliance() {
        let schools = read_institutions(files::TECHNICAL_SCHOOLS).unwrap();
        let secretariat = read_institutions(files::SECRETARIAT).unwrap();
        assert_eq!((schools.len(), secretariat.len()), (4, 1));
        let all = schools.iter().chain(&secretariat);
        assert!(all.clone().all(|it| it.alliance_role == AllianceRole::None));
        assert!(
            schools
                .iter()
                .all(|it| it.kinds == [InstitutionKind::TechnicalSchool])
        );
    }

    #[test]
    fn a_kind_that_nobody_knows_is_named_with_those_that_are() {
        let text = "机构代码,机构名称,机构类型,联盟角色\n1,甲,补习班,成员单位\n";
        let refusal = read_institutions(text.as_bytes()).unwrap_err().to_string();
        assert!(
            refusal.contains("技工院校") && refusal.contains("line 2"),
            "{refusal}"
        );
    }
}
