//! The pack of the sample bank says what the bank's first rule file says.

use std::collections::BTreeMap;

use crate::{EntryRef, References, Resolved, ResolvedEntry, RuleSetIdentity, parse};
use creditbank_domain::amount::Unit;
use creditbank_domain::catalogue::Level;
use creditbank_domain::conversion::{
    ArticulationRule, BookedGrade, Cap, CapShape, Condition, Document, Effect, Gives, Most,
    RuleSet, Source,
};
use creditbank_domain::ids::{EntryId, InstitutionId, RuleSetId};
use creditbank_domain::text::{CourseCode, InstitutionCode};
use serde_json::Value;
use uuid::Uuid;

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

/// Ids in the order of the codes, and titles that say which entry they are of.
fn resolved(found: &References) -> Resolved {
    let institutions = found.institutions.iter().zip(1_u128..);
    let entries = found.entries.iter().zip(1_000_u128..);
    Resolved {
        institutions: institutions
            .map(|(code, id)| (code.clone(), InstitutionId::from_uuid(Uuid::from_u128(id))))
            .collect(),
        entries: entries
            .map(|(entry, id)| {
                let id = EntryId::from_uuid(Uuid::from_u128(id));
                let title = entry.to_string();
                (entry.clone(), ResolvedEntry { id, title })
            })
            .collect(),
    }
}

fn share_of_the_programme(percent: &str) -> Cap {
    Cap {
        code: "P-35".to_owned(),
        shape: CapShape::Programme,
        part: None,
        categories: Vec::new(),
        institutions: Vec::new(),
        most: Most::Share(percent.parse().unwrap()),
    }
}

/// The first form of rules in the model of today: one source gives one course, as long as there
/// are as many credits as the course has (docs/decisions/0005).
fn first_form(file: &Value, resolved: &Resolved, titles: &BTreeMap<&str, &str>) -> RuleSet {
    let entry = |owner: &str, code: &str| {
        let found = &resolved.entries[&EntryRef {
            owner: InstitutionCode::new(owner).unwrap(),
            code: CourseCode::new(code).unwrap(),
        }];
        (found.id, found.title.clone())
    };
    let receiving = text(file, "receiving");
    let rules: Vec<&Value> = file["rules"].as_array().unwrap().iter().collect();
    let source = |rule: &Value| entry(text(rule, "source_owner"), text(rule, "source"));
    let of_rule = |rule: &Value| {
        let credits = text(rule, "target_credits").parse().unwrap();
        let floor = rule.get("level_floor");
        let months = rule.get("earned_within_months").and_then(Value::as_u64);
        ArticulationRule {
            code: text(rule, "code").to_owned(),
            condition: Condition::Source(Source {
                entries: vec![source(rule).0],
                categories: Vec::new(),
                issuers: Vec::new(),
                unit: Unit::Credit,
                minimum_grade: text(rule, "minimum_grade").parse().unwrap(),
                level_floor: floor.map(|floor| Level {
                    framework: text(floor, "framework").to_owned(),
                    value: floor["value"].as_i64().unwrap().try_into().unwrap(),
                }),
                earned_within_months: months.map(|months| months.try_into().unwrap()),
                at_least: Some(credits),
            }),
            effects: vec![Effect {
                course: entry(receiving, text(rule, "target")).0,
                title: titles[text(rule, "target")].to_owned(),
                credits,
                gives: Gives::Course,
                books: BookedGrade::AsEarned,
            }],
        }
    };
    RuleSet {
        id: RuleSetId::from_uuid(Uuid::from_u128(7)),
        code: text(file, "code").to_owned(),
        version: 1,
        receiving: resolved.institutions[&InstitutionCode::new(receiving).unwrap()],
        document: Document {
            number: text(&file["document"], "number").to_owned(),
            title: text(&file["document"], "title").to_owned(),
        },
        valid_from: text(file, "valid_from").parse().unwrap(),
        valid_to: None,
        parts: Vec::new(),
        caps: vec![share_of_the_programme(text(
            file,
            "programme_share_percent",
        ))],
        titles: rules.iter().map(|rule| source(rule)).collect(),
        rules: rules.into_iter().map(of_rule).collect(),
    }
}

#[test]
fn the_technical_school_pack_is_the_sample_banks_rule_set() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let pack = std::fs::read(format!("{root}/packs/rules/technical-school.yaml")).unwrap();
    let pack = parse(&pack).unwrap();
    let file = std::fs::read(format!("{root}/crates/creditbank/demo/rules.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    let resolved = resolved(&pack.references());
    let identity = RuleSetIdentity {
        id: RuleSetId::from_uuid(Uuid::from_u128(7)),
        version: 1,
        receiving: resolved.institutions[&pack.receiving],
    };
    let courses = pack.courses.iter();
    let titles = courses.map(|it| (it.code.as_str(), it.title.as_str()));
    let first = first_form(&file, &resolved, &titles.collect());
    assert_eq!(pack.compile(&resolved, identity), Ok(first));
}
