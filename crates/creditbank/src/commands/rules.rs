//! `creditbank rules`: rule sets from their documents to their end.

mod told;

pub(crate) use told::unfit;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Subcommand;
use creditbank_domain::authz::{Grant, KeepRegister, ReadConversion};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::ids::{RequestId, RuleSetId};
use creditbank_ledger::{Ledger, flows, reads};
use creditbank_rulebook::{
    LintContext, RuleDocument, Severity, diff, export, lint, parse, run_tests, schema,
};
use uuid::Uuid;

use super::file_bytes;
use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, load, operator};

/// What can be done with rule sets.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read a rule document, lint it and run its tests; exit 1 where it may not be approved / 检查规则文件
    Check {
        /// YAML or JSON
        file: PathBuf,
    },
    /// Keep a rule document as a draft / 起草规则
    Draft {
        /// YAML or JSON, with the document it rests on
        file: PathBuf,
        /// Who drafts and proposes it
        #[arg(long)]
        by: String,
    },
    /// Put a draft to the vote / 提交审批
    Propose {
        /// The id that `draft` printed
        id: Uuid,
    },
    /// Approve a proposed rule set; others than who proposed it / 审批规则
    Approve {
        /// Its id
        id: Uuid,
        /// Who approves it
        #[arg(long)]
        by: String,
    },
    /// Reject a proposed rule set; kept, and counts for nothing / 反对
    Reject {
        /// Its id
        id: Uuid,
        /// Who rejects it
        #[arg(long)]
        by: String,
    },
    /// End an approved rule set / 停用规则
    Retire {
        /// Its id
        id: Uuid,
        /// Who retires it
        #[arg(long)]
        by: String,
    },
    /// List all versions / 规则一览
    List,
    /// Print a rule set as a document / 导出规则
    Show {
        /// Its id
        id: Uuid,
    },
    /// Say what changed from one rule set or file to another; exit 1 where something did / 比较规则
    Diff {
        /// An id or a file
        old: String,
        /// An id or a file
        new: String,
    },
    /// Decide past requests by a draft and say what would change / 用草案试算以往申请
    Rehearse {
        /// Its id
        id: Uuid,
        /// Only requests sent since this day
        #[arg(long)]
        since: Option<NaiveDate>,
    },
    /// Make decisions again; exit 1 where one comes out otherwise / 重放决定
    Replay {
        /// One request; every decision of the bank where absent
        request: Option<Uuid>,
    },
    /// Register a committee and its members from a JSON file / 登记委员会
    Committee {
        /// {"code", "title", "members": [{"member", "institution", "since"}]}
        file: PathBuf,
    },
    /// Print the JSON Schema of rule documents / 规则文件的 JSON Schema
    Schema,
}

/// Does it and prints the answer.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Check { file } => return Ok(check(&read(file)?)),
        Command::Schema => {
            say!("{:#}", schema());
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
    }
    let keeper = Keeper {
        ledger: settings.ledger()?,
        grant: operator::for_bank::<KeepRegister>()?,
    };
    Ok(keeper.run(command)?)
}

struct Keeper {
    ledger: Ledger,
    grant: Grant<KeepRegister>,
}

impl Keeper {
    fn run(&self, command: &Command) -> Result<ExitCode, Problem> {
        let (ledger, grant) = (&self.ledger, &self.grant);
        match command {
            Command::Check { .. } | Command::Schema => {}
            Command::Draft { file, by } => self.draft(file, by)?,
            Command::Propose { id } => {
                let id = RuleSetId::from_uuid(*id);
                let now = clock::now();
                flows::propose_rule_set(ledger, grant, id, now)?.map_err(told::unfit)?;
                say!("{id} 已提交审批 / proposed");
                say!("  creditbank rules approve {id} --by NAME");
            }
            Command::Approve { id, by } => self.vote(*id, by, flows::Vote::Approve)?,
            Command::Reject { id, by } => self.vote(*id, by, flows::Vote::Reject)?,
            Command::Retire { id, by } => {
                let id = RuleSetId::from_uuid(*id);
                flows::retire_rule_set(ledger, grant, id, by, clock::now())?;
                say!("{id} 已停用 / retired");
            }
            Command::List => told::list(&reads::list_rule_sets(ledger, grant)?),
            Command::Show { id } => {
                let id = RuleSetId::from_uuid(*id);
                let shown = reads::rule_document(ledger, grant, id)?;
                say!("{}", export(&shown.document).trim_end());
                told::in_the_way(&shown, bank_day(clock::now()));
            }
            Command::Diff { old, new } => {
                let changes = diff(&self.named(old)?, &self.named(new)?);
                told::changes(&changes);
                return Ok(exit(changes.is_empty()));
            }
            Command::Rehearse { id, since } => {
                let id = RuleSetId::from_uuid(*id);
                let rehearsal = flows::rehearse_rule_set(ledger, grant, id, *since)?;
                told::rehearsal(&rehearsal);
            }
            Command::Replay { request } => return self.replay(*request),
            Command::Committee { file } => {
                let committee = load::read_committee(&file_bytes(file)?)?;
                let seated = flows::register_committee(ledger, grant, &committee, clock::now())?;
                say!(
                    "{}: 新增成员 {seated} / {seated} new members",
                    committee.code
                );
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn draft(&self, file: &Path, by: &str) -> Result<(), Problem> {
        let (ledger, grant, now) = (&self.ledger, &self.grant, clock::now());
        let document = read(file)?;
        let rests_on = [document.document.clone()];
        flows::register_documents(ledger, grant, &rests_on, now)?;
        let id = flows::draft_rule_set(ledger, grant, &document, by, now)?.map_err(told::unfit)?;
        say!("{id}");
        say!("已起草 / drafted; then:");
        say!("  creditbank rules propose {id}");
        Ok(())
    }

    fn vote(&self, id: Uuid, by: &str, vote: flows::Vote) -> Result<(), Problem> {
        let id = RuleSetId::from_uuid(id);
        let (ledger, grant, now) = (&self.ledger, &self.grant, clock::now());
        let count = flows::vote_on_rule_set(ledger, grant, id, (by, vote), now)?;
        let flows::VoteCount {
            approvals,
            needed,
            approved,
        } = count.map_err(told::unfit)?;
        say!("{id} 赞成 {approvals},需 {needed} / approvals {approvals} of {needed}");
        if approved {
            say!("已批准 / approved");
        }
        Ok(())
    }

    /// A document by its id, or from a file.
    fn named(&self, name: &str) -> Result<RuleDocument, Problem> {
        match Uuid::parse_str(name) {
            Ok(id) => {
                let id = RuleSetId::from_uuid(id);
                let shown = reads::rule_document(&self.ledger, &self.grant, id)?;
                Ok(shown.document)
            }
            Err(_) => read(Path::new(name)),
        }
    }

    fn replay(&self, request: Option<Uuid>) -> Result<ExitCode, Problem> {
        let grant = operator::for_bank::<ReadConversion>()?;
        let (count, differing) = match request {
            None => flows::replay_all(&self.ledger, &grant)?,
            Some(request) => {
                let request = RequestId::from_uuid(request);
                let replay = flows::replay_decision(&self.ledger, &grant, request)?;
                let differing = (!replay.is_identical()).then_some(replay);
                (1, differing.into_iter().collect())
            }
        };
        told::replayed(count, &differing);
        Ok(exit(differing.is_empty()))
    }
}

fn read(file: &Path) -> Result<RuleDocument, Problem> {
    parse(&file_bytes(file)?).map_err(told::unfit)
}

/// Says everything that lint and tests find.
fn check(document: &RuleDocument) -> ExitCode {
    let context = LintContext {
        today: bank_day(clock::now()),
        others: Vec::new(),
        rivals: Vec::new(),
    };
    let findings = lint(document, &context);
    let errors = findings.iter().any(|it| it.severity == Severity::Error);
    told::findings(&findings);
    let failed = told::trials(run_tests(document));
    if !errors && !failed {
        say!("可以提交 / fit to be proposed");
    }
    exit(!errors && !failed)
}

fn exit(success: bool) -> ExitCode {
    if success {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
