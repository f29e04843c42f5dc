//! `creditbank jobs`: files that the server imports in its own time.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use clap::Subcommand;
use creditbank_api::DeskError;
use creditbank_domain::authz::{ApproveImport, Grant, KeepImportSettings, ReadImport, RunImport};
use creditbank_domain::ids::ImportJobId;
use creditbank_domain::import_job::{
    ApprovalVerdict, ImportJobState, LinesTogether, QuestionsWanted,
};
use creditbank_domain::institution::Institution;
use creditbank_ledger::flows::{
    ApprovalOrder, ImportAnswer, ImportMode, NewImportJob, approve_import, cancel_import_job,
    keep_import_settings,
};
use creditbank_ledger::reads::{self, ImportJobView};
use creditbank_ledger::{Ledger, LedgerError};
use serde_json::json;
use uuid::Uuid;

mod layouts;

use super::file_bytes;
use super::learner::LearnerArguments;
use crate::desk::Desk;
use crate::importing::JobBar;
use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, operator};

/// How many are printed.
const PRINTED_MAX: u32 = 200;

/// How often a watched job is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What can be done with them.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Hand a file in; the server imports it / 提交文件
    Submit {
        /// As the institution's system exports it
        file: PathBuf,
        /// The code of the institution
        #[arg(long)]
        institution: String,
        /// Say what would happen and post nothing
        #[arg(long)]
        dry_run: bool,
        /// Post every line or none
        #[arg(long)]
        all_or_nothing: bool,
        /// What to ask where nobody has said it: all, columns or none
        #[arg(long, default_value = "all", value_parser = str::parse::<QuestionsWanted>)]
        questions: QuestionsWanted,
        /// A column mapping: a JSON file
        #[arg(long)]
        mapping: Option<PathBuf>,
        #[command(flatten)]
        learner: LearnerArguments,
        /// Stay until it has ended
        #[arg(long)]
        watch: bool,
    },
    /// Print an institution's newest jobs / 列出任务
    List {
        /// The code of the institution
        #[arg(long)]
        institution: String,
    },
    /// Watch a job until it ends; leaving it does not stop it / 查看进度
    Watch {
        /// The job's id
        job: Uuid,
        /// The code of the institution
        #[arg(long)]
        institution: String,
    },
    /// Approve or decline a job that was tried, as somebody else than who handed it in / 审核
    Decide {
        /// The job's id
        job: Uuid,
        /// The code of the institution
        #[arg(long)]
        institution: String,
        /// approve or decline
        #[arg(long, value_parser = str::parse::<ApprovalVerdict>)]
        verdict: ApprovalVerdict,
        /// Why
        #[arg(long)]
        note: Option<String>,
    },
    /// Print what a job asks about its file / 质询
    Questions {
        /// The job's id
        job: Uuid,
        /// The code of the institution
        #[arg(long)]
        institution: String,
    },
    /// Answer it with a part of a column mapping, which is kept for the layout / 答复质询
    Answer {
        /// The job's id
        job: Uuid,
        /// The code of the institution
        #[arg(long)]
        institution: String,
        /// A column mapping: a JSON file
        #[arg(long, required_unless_present = "learner_student_no")]
        mapping: Option<PathBuf>,
        #[command(flatten)]
        learner: LearnerArguments,
        /// What to go on to ask; with none the lines of what is still unknown are rejected
        #[arg(long, value_parser = str::parse::<QuestionsWanted>)]
        questions: Option<QuestionsWanted>,
    },
    /// Print how an institution's files are read / 列映射
    Mappings {
        /// The code of the institution
        #[arg(long)]
        institution: String,
    },
    /// Say whether a second person has to approve what an institution's files post / 审核设置
    Approval {
        /// The code of the institution
        #[arg(long)]
        institution: String,
        /// true or false
        #[arg(long, action = clap::ArgAction::Set)]
        required: bool,
    },
    /// Ask for the end of a job / 取消任务
    Cancel {
        /// The job's id
        job: Uuid,
        /// The code of the institution
        #[arg(long)]
        institution: String,
    },
}

/// Does it.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let ledger = settings.ledger()?;
    match command {
        Command::Submit {
            file,
            institution,
            dry_run,
            all_or_nothing,
            questions,
            mapping,
            learner,
            watch,
        } => {
            let institution = operator::institution(&ledger, institution)?;
            let lines = if *all_or_nothing {
                LinesTogether::AllOrNothing
            } else {
                LinesTogether::Each
            };
            let new = NewImportJob {
                learner: learner.read()?,
                ..new_job(file, *dry_run, (lines, *questions), mapping.as_deref())?
            };
            let job = submit(settings, &ledger, &institution, file, new)?;
            say_job(&job);
            if *watch {
                return watched(&ledger, &institution, job.job_id);
            }
        }
        Command::List { institution } => {
            let institution = operator::institution(&ledger, institution)?;
            let grant = operator::for_institution::<ReadImport>(&institution)?;
            let jobs = reads::import_jobs(&ledger, &grant, None, PRINTED_MAX);
            jobs.map_err(Problem::from)?.iter().for_each(say_job);
        }
        Command::Watch { job, institution } => {
            let institution = operator::institution(&ledger, institution)?;
            return watched(&ledger, &institution, ImportJobId::from_uuid(*job));
        }
        Command::Decide {
            job,
            institution,
            verdict,
            note,
        } => {
            let institution = operator::institution(&ledger, institution)?;
            let grant = operator::for_institution::<ApproveImport>(&institution)?;
            let order = ApprovalOrder {
                verdict: *verdict,
                note: note.clone(),
            };
            let job = ImportJobId::from_uuid(*job);
            let job = approve_import(&ledger, &grant, job, &order, clock::now());
            say_job(&job.map_err(unknown_or)?);
        }
        Command::Questions { job, institution } => {
            let institution = operator::institution(&ledger, institution)?;
            layouts::say_questions(&ledger, &institution, *job)?;
        }
        Command::Answer {
            job,
            institution,
            mapping,
            questions,
            learner,
        } => {
            let institution = operator::institution(&ledger, institution)?;
            let answer = ImportAnswer {
                mapping: read_mapping(mapping.as_deref())?.unwrap_or_else(|| json!({})),
                questions: *questions,
                learner: learner.read()?,
            };
            say_job(&layouts::answer(&ledger, &institution, *job, &answer)?);
        }
        Command::Mappings { institution } => {
            let institution = operator::institution(&ledger, institution)?;
            layouts::say_mappings(&ledger, &institution)?;
        }
        Command::Approval {
            institution,
            required,
        } => {
            let institution = operator::institution(&ledger, institution)?;
            let grant = operator::for_institution::<KeepImportSettings>(&institution)?;
            let kept = keep_import_settings(&ledger, &grant, *required, clock::now());
            let required = kept.map_err(Problem::from)?.approval_required;
            say!("须他人审核 / approval required: {required}");
        }
        Command::Cancel { job, institution } => {
            let institution = operator::institution(&ledger, institution)?;
            let grant = operator::for_institution::<RunImport>(&institution)?;
            let job = ImportJobId::from_uuid(*job);
            let job = cancel_import_job(&ledger, &grant, job, clock::now());
            say_job(&job.map_err(unknown_or)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn read_mapping(file: Option<&Path>) -> Result<Option<serde_json::Value>, Problem> {
    let mapping = file.map(file_bytes).transpose()?;
    let mapping = mapping.map(|bytes| serde_json::from_slice(&bytes));
    mapping.transpose().map_err(|error: serde_json::Error| {
        Problem::new(
            "MAPPING_INVALID",
            format!("列映射格式有误({error})"),
            format!("the column mapping is malformed ({error})"),
        )
    })
}

fn new_job(
    file: &Path,
    dry_run: bool,
    (lines, questions): (LinesTogether, QuestionsWanted),
    mapping: Option<&Path>,
) -> Result<NewImportJob, Problem> {
    let mapping = read_mapping(mapping)?;
    let file_name = file.file_name().unwrap_or_default().to_string_lossy();
    Ok(NewImportJob {
        file_name: file_name.into_owned(),
        byte_count: std::fs::metadata(file).map_or(0, |about| about.len()),
        sha256: None,
        mode: if dry_run {
            ImportMode::DryRun
        } else {
            ImportMode::Post
        },
        mapping,
        learner: None,
        lines,
        questions,
        again: true,
    })
}

fn submit(
    settings: &Settings,
    ledger: &Ledger,
    institution: &Institution,
    file: &Path,
    new: NewImportJob,
) -> Result<ImportJobView, Problem> {
    let grant = operator::for_institution::<RunImport>(institution)?;
    let shared = settings.evidence.bucket()?;
    let desk = Desk::open(ledger.clone(), &settings.storage_dir, shared.as_ref())?;
    let job = desk.submit(&grant, file, new, clock::now());
    job.map_err(desk_refused)
}

pub(super) fn desk_refused(error: DeskError) -> Problem {
    match error {
        DeskError::Refused(fault) => Problem::of_fault(&fault),
        DeskError::Ledger(error) => Problem::from(error),
        other => Problem::internal(&other),
    }
}

/// Shows how far a job comes until it ends.
pub(super) fn watched(
    ledger: &Ledger,
    institution: &Institution,
    job: ImportJobId,
) -> anyhow::Result<ExitCode> {
    let grant: Grant<ReadImport> = operator::for_institution(institution)?;
    let bar = JobBar::new();
    // Nothing is ever sent: its time-out is the pause.
    let (_keep, pause) = channel::<()>();
    loop {
        let seen = reads::import_job(ledger, &grant, job).map_err(unknown_or)?;
        bar.show(&seen);
        let waits = [
            ImportJobState::AwaitingApproval,
            ImportJobState::AwaitingAnswers,
        ];
        if seen.state.is_over() || waits.contains(&seen.state) {
            bar.end();
            say_job(&seen);
            if let Some(import) = seen.import_id.or(seen.trial_import_id) {
                let import = reads::import(ledger, &grant, import).map_err(Problem::from)?;
                crate::importing::say_counts(&import);
            }
            return Ok(if seen.failure.is_some() {
                ExitCode::FAILURE
            } else {
                ExitCode::SUCCESS
            });
        }
        if pause.recv_timeout(LOOK_EVERY) != Err(RecvTimeoutError::Timeout) {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

fn unknown_or(error: LedgerError) -> Problem {
    match error {
        LedgerError::NotFound => Problem::new(
            "IMPORT_JOB_UNKNOWN",
            "该机构没有此任务",
            "the institution has no such job",
        )
        .todo("可用 creditbank jobs list 查看", "see creditbank jobs list"),
        other => Problem::from(other),
    }
}

pub(super) fn say_job(job: &ImportJobView) {
    let (id, state, name) = (job.job_id, job.state, &job.file_name);
    let (read, all) = (job.pace.bytes_read, job.byte_count);
    let lines = job.pace.lines_read;
    say!("{id} {state} {lines} 行 lines {read}/{all} B {name}");
    if let Some(until) = job.waits_until {
        say!("  等待至 / waits until {until}");
    }
    if let Some(failure) = &job.failure {
        say!("  {} {} / {}", failure.code, failure.zh, failure.en);
    }
}
