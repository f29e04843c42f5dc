//! The demo's figures, computed from its files by the rules alone.

use std::collections::HashMap;

use chrono::NaiveDate;
use creditbank_domain::amount::{Hundredths, Unit};
use creditbank_domain::conversion::{
    Candidate, Decision, History, LotState, Programme, RequestResult, RuleSet, decide,
};
use creditbank_domain::grade::{GradeReading, read_grade};
use creditbank_domain::ids::{EntryId, InstitutionId, LotId, OutcomeId, ProgrammeId, RuleSetId};
use creditbank_domain::reason::ReasonCode;
use creditbank_ledger::flows::NewCatalogueVersion;
use creditbank_rulebook::{Resolved, ResolvedEntry, RuleSetIdentity, parse};
use uuid::Uuid;

use crate::demo::files;
use crate::load;

struct Bank {
    catalogue: Vec<NewCatalogueVersion>,
    rule_set: RuleSet,
    programme: Programme,
}

impl Bank {
    fn open() -> Self {
        let catalogue = load::read_catalogue(files::CATALOGUE).unwrap();
        let document = parse(files::RULES).unwrap();
        let programme = load::read_programmes(files::PROGRAMMES).unwrap().remove(0);
        let receiving = InstitutionId::from_uuid(Uuid::from_u128(90_002));
        let references = document.references();
        let resolved = Resolved {
            programmes: std::collections::BTreeMap::new(),
            institutions: references
                .institutions
                .into_iter()
                .map(|code| (code, receiving))
                .collect(),
            entries: references
                .entries
                .into_iter()
                .map(|it| {
                    let id = entry(&catalogue, it.owner.as_str(), it.code.as_str());
                    let title = it.to_string();
                    (it, ResolvedEntry { id, title })
                })
                .collect(),
        };
        let identity = RuleSetIdentity {
            id: RuleSetId::from_uuid(Uuid::nil()),
            version: 1,
            receiving,
        };
        let rule_set = document.compile(&resolved, identity).unwrap();
        let programme = Programme {
            id: ProgrammeId::from_uuid(Uuid::nil()),
            institution: receiving,
            title: programme.title,
            total_credits: programme.total_credits,
        };
        Self {
            catalogue,
            rule_set,
            programme,
        }
    }

    /// The school's lines of one learner as they are in the ledger after the import.
    fn candidates(&self, lines: &[csv::StringRecord]) -> Vec<Candidate> {
        let candidates = (0_u128..).zip(lines).map(|(position, line)| {
            let of_code = |it: &&NewCatalogueVersion| it.code.as_str() == &line[3];
            let version = self.catalogue.iter().find(of_code).unwrap();
            let Ok(GradeReading::Achieved(grade)) = read_grade(&line[6], &[]) else {
                panic!()
            };
            let credit = version
                .amounts
                .iter()
                .find(|rule| rule.unit() == Unit::Credit)
                .unwrap();
            assert_eq!(
                line[5].parse(),
                Ok(credit.most()),
                "the catalogue's credits"
            );
            Candidate {
                lot_id: LotId::from_uuid(Uuid::from_u128(position)),
                outcome_id: OutcomeId::from_uuid(Uuid::from_u128(position)),
                entry_id: entry(&self.catalogue, "95001", &line[3]),
                title: version.title.clone(),
                category: version.category,
                issuer: InstitutionId::from_uuid(Uuid::from_u128(95_001)),
                unit: Unit::Credit,
                level: version.level.clone(),
                grade,
                counts_as: Vec::new(),
                graded: None,
                awarded_on: line[7].parse().unwrap(),
                issued: credit.most(),
                state: LotState::Usable(credit.most()),
            }
        });
        candidates.collect()
    }

    fn decide(&self, lines: &[csv::StringRecord], today: NaiveDate) -> Decision {
        let (candidates, history) = (self.candidates(lines), History::default());
        decide(
            &candidates,
            &self.rule_set,
            &self.programme,
            &history,
            today,
        )
        .unwrap()
    }
}

fn entry(catalogue: &[NewCatalogueVersion], owner: &str, code: &str) -> EntryId {
    let of_code = |it: &NewCatalogueVersion| it.code.as_str() == code && it.owner.as_str() == owner;
    let position = catalogue.iter().position(of_code).unwrap();
    EntryId::from_uuid(Uuid::from_u128(u128::try_from(position).unwrap()))
}

/// The cohort's lines of the school's file, learner by learner in the order of the list.
fn cohort_lines() -> Vec<Vec<csv::StringRecord>> {
    let school = files::TRANSCRIPTS
        .iter()
        .find(|file| file.institution == files::SCHOOL)
        .unwrap();
    let bytes = school.bytes.strip_prefix("\u{FEFF}".as_bytes()).unwrap();
    let mut by_number: HashMap<String, Vec<csv::StringRecord>> = HashMap::new();
    for line in csv::Reader::from_reader(bytes).records() {
        let line = line.unwrap();
        by_number.entry(line[1].to_owned()).or_default().push(line);
    }
    let cohort = csv::Reader::from_reader(files::COHORT).into_records();
    cohort
        .map(|line| by_number.remove(&line.unwrap()[0]).unwrap())
        .collect()
}

fn decisions(today: &str) -> Vec<Decision> {
    let (bank, today) = (Bank::open(), today.parse().unwrap());
    cohort_lines()
        .iter()
        .map(|lines| bank.decide(lines, today))
        .collect()
}

/// Whenever the demo runs in the next years, the same learners get the same answer.
#[test]
fn thirty_one_are_granted_five_partly_four_refused() {
    for today in ["2026-11-22", "2029-02-28", "2034-06-01"] {
        let decisions = decisions(today);
        let count = |wanted| decisions.iter().filter(|it| it.result == wanted).count();
        let counts = [
            RequestResult::Granted,
            RequestResult::Partly,
            RequestResult::Refused,
        ];
        assert_eq!(counts.map(count), [31, 5, 4], "{today}");
    }
}

#[test]
fn the_cap_leaves_3_70_of_the_fourth_course() {
    let cut = decisions("2026-11-22")
        .into_iter()
        .filter(|it| it.result == RequestResult::Partly);
    for decision in cut {
        let sum = |of: fn(&creditbank_domain::conversion::DecidedLine) -> Hundredths| {
            Hundredths::sum(decision.lines.iter().map(of))
                .unwrap()
                .to_string()
        };
        assert_eq!(sum(|line| line.requested), "24.00");
        assert_eq!(sum(|line| line.granted), "21.70");
        let last = decision
            .lines
            .iter()
            .find_map(|line| line.verdict.reason().map(|it| (it, line)));
        let (reason, line) = last.unwrap();
        assert_eq!(reason, ReasonCode::CapProgramme);
        assert_eq!(line.granted.to_string(), "3.70");
    }
}

#[test]
fn the_four_refusals_have_four_reasons() {
    let refused = decisions("2026-11-22")
        .into_iter()
        .filter(|it| it.result == RequestResult::Refused);
    let reasons: Vec<_> = refused
        .map(|it| {
            it.lines
                .iter()
                .find_map(|line| line.verdict.reason())
                .unwrap()
        })
        .collect();
    let expected = [
        ReasonCode::GradeTooLow,
        ReasonCode::LevelTooLow,
        ReasonCode::NotInList,
        ReasonCode::Expired,
    ];
    assert_eq!(reasons, expected);
}
