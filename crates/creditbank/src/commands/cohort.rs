//! `creditbank cohort`: a file that asks for the conversion of a cohort.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use creditbank_domain::authz::{Grant, ReadImport, RequestConversion};
use creditbank_domain::consent::{LegalBasis, StatedBasis};
use creditbank_domain::fault::Fault;
use creditbank_domain::text::{InstitutionCode, bounded};
use creditbank_ledger::flows::{CohortOrder, ImportMode};
use creditbank_ledger::reads;

use super::jobs::{desk_refused, read_mapping, say_job, watched};
use crate::desk::{Desk, Said};
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, operator};

/// What is asked for, and for whom.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// One learner a line, at most 10,000
    file: PathBuf,
    /// The code of the school that asks
    #[arg(long)]
    institution: String,
    /// The code of the institution that should grant
    #[arg(long)]
    receiving: String,
    /// Its code of the programme
    #[arg(long)]
    programme: String,
    /// The rule set that is to decide, where several are for the programme
    #[arg(long)]
    rule_set: Option<String>,
    /// What the school calls the cohort: under it each learner is asked for once
    #[arg(long)]
    reference: String,
    /// By what right: consent, contract, `statutory_duty` or `other_law`
    #[arg(long)]
    basis: Option<LegalBasis>,
    /// The number of the document that a basis rests on
    #[arg(long, requires = "basis")]
    basis_document: Option<String>,
    /// Say what each line would come to and ask for nothing
    #[arg(long)]
    dry_run: bool,
    /// A column mapping: a JSON file
    #[arg(long)]
    mapping: Option<PathBuf>,
    /// Stay until it has ended
    #[arg(long)]
    watch: bool,
}

/// Hands the file in; the server works at it.
pub(crate) fn run(settings: &Settings, arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let ledger = settings.ledger()?;
    let school = operator::institution(&ledger, &arguments.institution)?;
    let order = arguments.order()?;
    let said = arguments.said()?;
    let grant: Grant<RequestConversion> = operator::for_institution(&school)?;
    let shared = settings.evidence.bucket()?;
    let desk = Desk::open(ledger.clone(), &settings.storage_dir, shared.as_ref())?;
    let now = clock::now();
    let file = desk.submit_cohort(&grant, &arguments.file, (&said, &order), now);
    let file = file.map_err(desk_refused)?;
    let reading: Grant<ReadImport> = operator::for_institution(&school)?;
    let job = reads::job_of_import(&ledger, &reading, file.import.import_id)?;
    say_job(&job);
    if arguments.watch {
        return watched(&ledger, &school, job.job_id);
    }
    Ok(ExitCode::SUCCESS)
}

impl Arguments {
    fn said(&self) -> Result<Said, Problem> {
        let file_name = self.file.file_name().unwrap_or_default();
        Ok(Said {
            file_name: file_name.to_string_lossy().into_owned(),
            mode: if self.dry_run {
                ImportMode::DryRun
            } else {
                ImportMode::Post
            },
            mapping: read_mapping(self.mapping.as_deref())?,
        })
    }

    fn order(&self) -> Result<CohortOrder, Problem> {
        let refused = |fault: Fault| Problem::of_fault(&fault);
        let text =
            |name, text: &str| bounded(name, text, 80).map_err(|wrong| refused(wrong.into()));
        let document = self.basis_document.as_deref();
        let basis = self.basis.map(|basis| StatedBasis::new(basis, document));
        let receiving = InstitutionCode::new(&self.receiving);
        Ok(CohortOrder {
            receiving: receiving.map_err(|wrong| refused(wrong.into()))?,
            programme: text("programme", &self.programme)?,
            rule_set: match &self.rule_set {
                Some(code) => Some(text("rule set", code)?),
                None => None,
            },
            reference: text("reference", &self.reference)?,
            basis: basis.transpose().map_err(refused)?,
        })
    }
}
