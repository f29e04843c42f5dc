//! A small world for tests: a university, a technical school and a receiving university with a
//! programme and approved rules.

use chrono::{DateTime, Utc};
use creditbank_domain::amount::{Amount, Unit};
use creditbank_domain::catalogue::{AmountRule, Category, Level};
use creditbank_domain::conversion::Document;
use creditbank_domain::grade::MinimumGrade;
use creditbank_domain::institution::{AllianceRole, InstitutionKind};
use creditbank_domain::level::LevelFramework;
use creditbank_domain::text::{CourseCode, InstitutionCode};
use creditbank_ledger::Ledger;
use creditbank_ledger::flows::{
    NewCatalogueVersion, NewInstitution, NewProgramme, VersionDetails, publish_catalogue,
    register_documents, register_frameworks, register_institutions, register_programmes,
};

use crate::build::{day, hundredths};
use crate::rules::{PlainRule, PlainRules, keeper, put_in_force};

/// A member university that posts.
pub const UNIVERSITY: &str = "90001";
/// The university that receives conversions.
pub const RECEIVING: &str = "90002";
/// A technical school that posts and requests.
pub const SCHOOL: &str = "95001";
/// The receiving university's programme: 62.00 credits, of which 35 % may be converted.
pub const PROGRAMME: &str = "P1";

pub(crate) fn code(text: &str) -> InstitutionCode {
    InstitutionCode::new(text).unwrap()
}

pub(crate) fn institution(number: &str, kind: InstitutionKind) -> NewInstitution {
    NewInstitution {
        code: code(number),
        name_zh: format!("测试机构{number}"),
        name_en: None,
        uscc: None,
        kinds: vec![kind],
        level: None,
        alliance_role: AllianceRole::Member,
        joined_on: Some(day("2020-12-24")),
        term_from: None,
        term_to: None,
        may_open_accounts: true,
    }
}

fn entry(owner: &str, number: &str, credits: &str, level: i16) -> NewCatalogueVersion {
    let amount = Amount::new(Unit::Credit, hundredths(credits)).unwrap();
    NewCatalogueVersion {
        owner: code(owner),
        code: CourseCode::new(number).unwrap(),
        co_owners: Vec::new(),
        title: format!("课程{number}"),
        category: Category::Course,
        level: Some(Level {
            framework: "CN10".to_owned(),
            value: level,
        }),
        minimum_grade: MinimumGrade::Pass,
        amounts: vec![AmountRule::Fixed(amount)],
        valid_from: day("2010-01-01"),
        valid_to: None,
        usable_months: None,
        repeatable: false,
        details: VersionDetails::default(),
    }
}

/// The frameworks of the packs, without what is stated between them.
#[must_use]
pub fn frameworks() -> Vec<LevelFramework> {
    let all = [
        ("CN10", 10),
        ("GD7", 7),
        ("HK7", 7),
        ("EQF8", 8),
        ("SCQF12", 12),
    ];
    let framework = |(code, highest): (&str, i16)| LevelFramework {
        code: code.to_owned(),
        name_zh: format!("测试框架{code}"),
        name_en: format!("test framework {code}"),
        lowest: 1,
        highest,
        source: "test".to_owned(),
    };
    all.map(framework).to_vec()
}

/// Registers the world: the frameworks of levels; MATH101 (4.00) and PE102 (1.50) of the university; CERT-A … CERT-D
/// (6.00, level 5) and CERT-LOW (6.00, level 3) of the school; COURSE-A … COURSE-D (6.00) of the
/// receiving university, which rules R-A … R-D give for the school's certificates at 70.00 or more.
///
/// # Panics
/// Where the ledger refuses it.
pub fn register_world(ledger: &Ledger, now: DateTime<Utc>) {
    let keeper = keeper();
    let institutions = [
        institution(UNIVERSITY, InstitutionKind::University),
        institution(RECEIVING, InstitutionKind::University),
        institution(SCHOOL, InstitutionKind::TechnicalSchool),
    ];
    register_institutions(ledger, &keeper, &institutions, now).unwrap();
    register_frameworks(ledger, &keeper, &frameworks(), &[], now).unwrap();
    let mut catalogue = vec![
        entry(UNIVERSITY, "MATH101", "4.00", 6),
        entry(UNIVERSITY, "PE102", "1.50", 6),
    ];
    for letter in ["A", "B", "C", "D"] {
        catalogue.push(entry(SCHOOL, &format!("CERT-{letter}"), "6.00", 5));
        catalogue.push(entry(RECEIVING, &format!("COURSE-{letter}"), "6.00", 6));
    }
    catalogue.push(entry(SCHOOL, "CERT-LOW", "6.00", 3));
    publish_catalogue(ledger, &keeper, &catalogue, now).unwrap();
    let programme = NewProgramme {
        institution: code(RECEIVING),
        code: PROGRAMME.to_owned(),
        title: "测试专业".to_owned(),
        total_credits: hundredths("62.00"),
    };
    register_programmes(ledger, &keeper, &[programme], now).unwrap();
    let document = Document {
        number: "继教合作联盟〔2021〕12号".to_owned(),
        title: "关于成立学分银行专门委员会的通知".to_owned(),
    };
    register_documents(ledger, &keeper, &[document], now).unwrap();
    put_in_force(ledger, &rule_set_of_the_world().document(), now);
}

/// The rules of the world, to be changed and proposed again.
#[must_use]
pub fn rule_set_of_the_world() -> PlainRules {
    let rule = |letter: &str| PlainRule {
        code: format!("R-{letter}"),
        source_owner: code(SCHOOL),
        source: CourseCode::new(&format!("CERT-{letter}")).unwrap(),
        target: CourseCode::new(&format!("COURSE-{letter}")).unwrap(),
        target_credits: hundredths("6.00"),
        minimum_grade: "70.00".parse().unwrap(),
        level_floor: Some(Level {
            framework: "CN10".to_owned(),
            value: 5,
        }),
        earned_within_months: None,
    };
    PlainRules {
        receiving: code(RECEIVING),
        code: "RS-1".to_owned(),
        document_number: "继教合作联盟〔2021〕12号".to_owned(),
        programme_share: hundredths("35.00"),
        valid_from: day("2021-06-18"),
        rules: ["A", "B", "C", "D"].into_iter().map(rule).collect(),
    }
}
