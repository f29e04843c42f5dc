//! The stages of an institution's conversion requests (审核环节), as a JSON document.

use creditbank_domain::calendar::parse_day;
use creditbank_domain::process::{Hand, Party, Stage};
use creditbank_domain::text::{InstitutionCode, bounded};
use creditbank_ledger::flows::NewChain;
use serde::Deserialize;
use uuid::Uuid;

use super::pack::{DocumentFile, at, read_json};
use crate::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChainFile {
    institution: String,
    valid_from: String,
    document: DocumentFile,
    /// Working days that an applicant has for an answer.
    answer_days: u32,
    stages: Vec<StageFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StageFile {
    name_zh: String,
    name_en: String,
    party: String,
    #[serde(default = "one")]
    approvals: u16,
    working_days: u32,
    /// The clients or people whose stage it is; nobody for everybody of the role.
    #[serde(default)]
    reviewers: Vec<Uuid>,
}

const fn one() -> u16 {
    1
}

/// Reads the shape of every value; the ledger checks the chain as a whole.
pub(crate) fn read_chain(bytes: &[u8]) -> Result<NewChain, Problem> {
    let file: ChainFile = read_json(bytes)?;
    let mut stages = Vec::with_capacity(file.stages.len());
    for (position, read) in file.stages.into_iter().enumerate() {
        let place = |field: &str| format!("/stages/{position}/{field}");
        let stage = Stage {
            name_zh: at(&place("name_zh"), bounded("name_zh", &read.name_zh, 80))?,
            name_en: at(&place("name_en"), bounded("name_en", &read.name_en, 80))?,
            party: at(&place("party"), read.party.parse::<Party>())?,
            approvals: read.approvals,
            working_days: read.working_days,
        };
        let mut reviewers: Vec<Hand> = read.reviewers.into_iter().map(Hand).collect();
        reviewers.sort_unstable();
        reviewers.dedup();
        stages.push((stage, reviewers));
    }
    Ok(NewChain {
        institution: at("/institution", InstitutionCode::new(&file.institution))?,
        valid_from: at("/valid_from", parse_day(&file.valid_from))?,
        document: file.document.read()?,
        stages,
        answer_days: file.answer_days,
    })
}
