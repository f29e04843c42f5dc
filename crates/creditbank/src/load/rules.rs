//! A rule set (转换规则) as one JSON document.

use chrono::NaiveDate;
use creditbank_domain::amount::Hundredths;
use creditbank_domain::catalogue::Level;
use creditbank_domain::conversion::Document;
use creditbank_domain::grade::MinimumGrade;
use creditbank_domain::text::{CourseCode, InstitutionCode, bounded};
use creditbank_ledger::flows::{NewRule, NewRuleSet};
use serde::Deserialize;

use crate::problem::Problem;

/// A rule set and the document it rests on, ready to be proposed.
pub(crate) struct ProposedRules {
    pub(crate) document: Document,
    pub(crate) rule_set: NewRuleSet,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    receiving: String,
    code: String,
    document: DocumentFile,
    programme_share_percent: String,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    rules: Vec<RuleFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentFile {
    number: String,
    title: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    code: String,
    source_owner: String,
    source: String,
    target: String,
    target_credits: String,
    minimum_grade: String,
    level_floor: Option<LevelFile>,
    earned_within_months: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LevelFile {
    framework: String,
    value: i16,
}

/// Reads and checks the shape of every value; the ledger checks the set as a whole.
pub(crate) fn read_rules(bytes: &[u8]) -> Result<ProposedRules, Problem> {
    let file: RulesFile = serde_json::from_slice(bytes).map_err(|error| {
        Problem::new(
            "RULES_FILE",
            format!("规则文件格式有误({error})"),
            format!("the rules file is malformed ({error})"),
        )
    })?;
    let number = at(
        "/document/number",
        bounded("number", &file.document.number, 80),
    )?;
    let title = at(
        "/document/title",
        bounded("title", &file.document.title, 200),
    )?;
    let mut rules = Vec::with_capacity(file.rules.len());
    for (position, rule) in file.rules.iter().enumerate() {
        rules.push(read_rule(position, rule)?);
    }
    let rule_set = NewRuleSet {
        receiving: at("/receiving", InstitutionCode::new(&file.receiving))?,
        code: at("/code", bounded("code", &file.code, 80))?,
        document_number: number.clone(),
        programme_share: at(
            "/programme_share_percent",
            file.programme_share_percent.parse(),
        )?,
        valid_from: file.valid_from,
        valid_to: file.valid_to,
        rules,
    };
    Ok(ProposedRules {
        document: Document { number, title },
        rule_set,
    })
}

fn read_rule(position: usize, rule: &RuleFile) -> Result<NewRule, Problem> {
    let place = |field: &str| format!("/rules/{position}/{field}");
    let target_credits = rule.target_credits.parse::<Hundredths>();
    Ok(NewRule {
        code: at(&place("code"), bounded("code", &rule.code, 40))?,
        source_owner: at(
            &place("source_owner"),
            InstitutionCode::new(&rule.source_owner),
        )?,
        source: at(&place("source"), CourseCode::new(&rule.source))?,
        target: at(&place("target"), CourseCode::new(&rule.target))?,
        target_credits: at(&place("target_credits"), target_credits)?,
        minimum_grade: at(
            &place("minimum_grade"),
            rule.minimum_grade.parse::<MinimumGrade>(),
        )?,
        level_floor: rule.level_floor.as_ref().map(|floor| Level {
            framework: floor.framework.clone(),
            value: floor.value,
        }),
        earned_within_months: rule.earned_within_months,
    })
}

fn at<T, E: std::fmt::Display>(pointer: &str, read: Result<T, E>) -> Result<T, Problem> {
    read.map_err(|wrong| {
        Problem::new(
            "RULES_FILE",
            format!("规则文件 {pointer} 有误"),
            format!("the rules file at {pointer}: {wrong}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::files;

    #[test]
    fn the_demos_rules_cite_their_document() {
        let proposed = read_rules(files::RULES).unwrap();
        assert_eq!(proposed.document.number, "继教合作联盟〔2021〕12号");
        assert_eq!(proposed.rule_set.programme_share.to_string(), "35.00");
        let codes: Vec<_> = proposed
            .rule_set
            .rules
            .iter()
            .map(|rule| &rule.code)
            .collect();
        assert_eq!(codes.first().map(|code| code.as_str()), Some("R-DE-01"));
    }

    #[test]
    fn a_wrong_value_is_named_by_its_place() {
        let text = String::from_utf8(files::RULES.to_vec()).unwrap();
        let wrong = text.replacen(
            "\"target_credits\": \"6.00\"",
            "\"target_credits\": \"6.005\"",
            1,
        );
        let refusal = read_rules(wrong.as_bytes()).err().unwrap().to_string();
        assert!(refusal.contains("/rules/0/target_credits"), "{refusal}");
        assert!(read_rules(b"{}").is_err());
    }
}
