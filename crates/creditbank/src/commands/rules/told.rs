//! What people read about rule sets.

use chrono::NaiveDate;
use creditbank_ledger::flows::{RehearsalView, ReplayView};
use creditbank_ledger::reads::{RuleDocumentView, RuleSetView};
use creditbank_rulebook::{
    Change, DocumentFault, Finding, LintContext, OVERLAPPING_SETS, Severity, Trial, lint,
};

use crate::output::say;
use crate::problem::Problem;

/// Everything that is wrong with a document, each with its place.
pub(crate) fn unfit(faults: Vec<DocumentFault>) -> Problem {
    let lines = |of: fn(&DocumentFault) -> &str| {
        let lines = faults.iter().map(|fault| {
            let DocumentFault { line, column, .. } = fault;
            format!("\n  {line}:{column} {} {}", fault.fault.code, of(fault))
        });
        lines.collect::<String>()
    };
    let (zh, en) = (lines(|it| &it.fault.zh), lines(|it| &it.fault.en));
    Problem::new(
        "RULE_DOCUMENT",
        format!("规则文件不合要求:{zh}"),
        format!("the rule document is not fit:{en}"),
    )
    .todo(
        "请按行列改正,再用 creditbank rules check 检查",
        "correct it at these lines and columns, then run creditbank rules check",
    )
}

pub(super) fn findings(findings: &[Finding]) {
    for finding in findings {
        let severity = match finding.severity {
            Severity::Error => "错误 error",
            Severity::Warning => "提示 warning",
        };
        let fault = &finding.fault;
        say!(
            "{}:{} {severity} {}",
            fault.line,
            fault.column,
            fault.fault.code
        );
        say!("  {}", fault.fault.zh);
        say!("  {}", fault.fault.en);
    }
}

/// True where a test fails.
pub(super) fn trials(trials: Result<Vec<Trial>, Vec<DocumentFault>>) -> bool {
    let trials = match trials {
        Ok(trials) => trials,
        Err(faults) => {
            say!("{}", unfit(faults));
            return true;
        }
    };
    let failed = trials.iter().filter(|trial| !trial.passed());
    for trial in failed.clone() {
        say!("测试未通过 test failed: {}", trial.name);
        for fault in &trial.faults {
            say!("  {}:{} {}", fault.line, fault.column, fault.fault.zh);
            say!("  {}:{} {}", fault.line, fault.column, fault.fault.en);
        }
    }
    let (all, failed) = (trials.len(), failed.count());
    say!("测试 {all} 个,未通过 {failed} / {all} tests, {failed} failed");
    failed > 0
}

pub(super) fn list(rule_sets: &[RuleSetView]) {
    for it in rule_sets {
        let to = it
            .valid_to
            .map_or_else(|| "…".to_owned(), |d| d.to_string());
        let programmes = match it.programmes.as_slice() {
            [] => "所有专业 every programme".to_owned(),
            programmes => programmes.join(", "),
        };
        say!(
            "{}  {} {} v{}  {}  {} – {}  {}  {programmes}",
            it.rule_set_id,
            it.receiving,
            it.code,
            it.version,
            it.state.as_str(),
            it.valid_from,
            to,
            it.document_number,
        );
    }
}

/// Says as a comment behind the document which approved sets it cannot stand beside.
pub(super) fn in_the_way(shown: &RuleDocumentView, today: NaiveDate) {
    let context = LintContext {
        today,
        others: Vec::new(),
        rivals: shown.rivals.clone(),
    };
    let findings = lint(&shown.document, &context).into_iter();
    for Finding { fault, .. } in findings.filter(|it| it.fault.fault.code == OVERLAPPING_SETS) {
        say!("# {}", fault.fault.zh);
        say!("# {}", fault.fault.en);
    }
}

pub(super) fn changes(changes: &[Change]) {
    if changes.is_empty() {
        say!("没有差别 / no difference");
    }
    for change in changes {
        say!("{}", change.text.zh);
        say!("  {}", change.text.en);
    }
}

pub(super) fn rehearsal(view: &RehearsalView) {
    let RehearsalView {
        requests,
        changed,
        granted_before,
        granted_now,
        told,
    } = view;
    say!(
        "以往申请 {requests} 件,其中 {changed} 件结果不同 / {changed} of {requests} past requests"
    );
    say!("授予学分 {granted_before} → {granted_now} / credits granted");
    for one in told {
        let changes = &one.changes;
        say!(
            "  {}  {}  {} → {}",
            one.request_id,
            one.learner,
            changes.total_before,
            changes.total_now
        );
    }
}

pub(super) fn replayed(count: u64, differing: &[ReplayView]) {
    for replay in differing {
        say!(
            "{} 与原决定不同 / comes out otherwise (engine {} → {})",
            replay.request_id,
            replay.engine,
            replay.engine_now
        );
        for (line, again) in replay.decided.iter().zip(&replay.again) {
            if line != again {
                say!("  - {}", line.explanation.en);
                say!("  + {}", again.explanation.en);
            }
        }
    }
    let same = count.saturating_sub(u64::try_from(differing.len()).unwrap_or(u64::MAX));
    say!("重放 {count} 件,一致 {same} / {count} decisions made again, {same} identical");
}
