//! What is said beside the lines of a file of requests.

use creditbank_domain::amount::Hundredths;
use creditbank_domain::conversion::{Decision, RuleSet};
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::RequestId;
use serde_json::Value;

use crate::error::LedgerError;
use crate::flows::open_import::ImportMode;
use crate::flows::prepare_requests::no_outcomes;

/// Not known and nothing of this school's is one and the same answer.
pub(super) fn of_nobody() -> Fault {
    no_outcomes()
}

/// What a line became, with what the rules propose.
pub(super) fn asked(
    request: RequestId,
    proposed: &Decision,
    mode: ImportMode,
) -> Result<Fault, LedgerError> {
    let lines = proposed.lines.iter().map(|line| line.requested);
    let requested = Hundredths::sum(lines).map_err(|_| LedgerError::Corrupt("a sum of credits"))?;
    let granted = proposed.total;
    let zh = format!("申请 {requested},按规则拟授 {granted}");
    let en = format!("asks for {requested}, by the rules {granted} would be granted");
    Ok(match mode {
        // The request is gone again, and so is its id.
        ImportMode::DryRun => Fault::new("REQUESTED", zh, en),
        ImportMode::Post => Fault::new(
            "REQUESTED",
            format!("申请编号 {request};{zh}"),
            format!("request {request} {en}"),
        ),
    })
}

/// The line was asked for before.
pub(super) fn again(request: RequestId, state: &str) -> Fault {
    let zh = match state {
        "requested" => "办理中",
        "granted" => "已授予",
        "partly" => "已部分授予",
        "refused" => "已拒绝,可申诉",
        _ => "已撤回,可重新提交该申请",
    };
    Fault::new(
        "REQUESTED_ALREADY",
        format!("此前已申请:{request},{zh}"),
        format!("asked for before: request {request}, {state}"),
    )
}

/// In what a line is another one than the one of the same reference.
pub(super) fn of_what_differs(
    before: &Value,
    now: &Value,
    same_learner: bool,
) -> Vec<&'static str> {
    let mut differences = Vec::new();
    if !same_learner {
        differences.push("learner");
    }
    for name in ["receiving", "programme", "rule_set", "courses", "basis"] {
        if before.get(name) != now.get(name) {
            differences.push(name);
        }
    }
    differences
}

/// The same reference with something else.
pub(super) fn differs(differences: &[&str]) -> Fault {
    let zh: Vec<&str> = { differences.iter() }
        .map(|name| match *name {
            "learner" => "学习者",
            "receiving" => "接收机构",
            "programme" => "专业",
            "rule_set" => "规则集",
            "courses" => "目标课程",
            _ => "法律依据",
        })
        .collect();
    Fault::new(
        "APPLICATION_DIFFERS",
        format!(
            "同一申请编号(或同批次同一学习者)此前申请的内容不同:{};请改用新的申请编号或批次",
            zh.join("、")
        ),
        format!(
            "the same application was asked for with another {}; give it a number of its own, or \
             name another cohort",
            differences.join(", ")
        ),
    )
}

/// No rule gives such a course.
pub(super) fn course_unknown(code: &str, rule_set: &RuleSet) -> Fault {
    let (set, version) = (&rule_set.code, rule_set.version);
    Fault::new(
        "TARGET_COURSE_UNKNOWN",
        format!("规则集 {set} 第 {version} 版不授予课程 {code},请核对目标课程代码"),
        format!("rule set {set}, version {version}, gives no course {code}; check its code"),
    )
}
