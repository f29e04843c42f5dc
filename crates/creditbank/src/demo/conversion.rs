//! The technical school asks for 40 learners, the university decides as its rules say.

use chrono::{DateTime, Utc};
use creditbank_domain::amount::Hundredths;
use creditbank_domain::authz::{
    Action, DecideConversion, Grant, ReadConversion, RequestConversion, Subject, authorize,
};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::identifier::Identifier;
use creditbank_domain::ids::CohortId;
use creditbank_domain::outcome::LearnerRef;
use creditbank_domain::text::{InstitutionCode, PersonName};
use creditbank_ledger::flows::{self, ConversionOrder, DecisionOrder, OrderedLearner};
use creditbank_ledger::reads::{self, ClientView, CohortView, RequestState, RequestView};
use creditbank_ledger::{IdempotencyClaim, Ledger, Once, StoredAnswer};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::clients;
use super::files::{COHORT, PROGRAMME, UNIVERSITY};
use super::teller::{Teller, tell};
use crate::clock;
use crate::output::{left, right};
use crate::problem::Problem;

/// The keys under which the demo's two requests are answered once, however often it runs.
const REQUEST_KEY: &str = "demo-cohort-1";
const DECISION_KEY: &str = "demo-cohort-1-decision";

/// Asks, decides and gives the cohort as it stands in the ledger afterwards.
pub(crate) fn run(
    ledger: &Ledger,
    teller: Teller,
    now: DateTime<Utc>,
) -> Result<CohortView, Problem> {
    teller.chapter("转换", "conversion");
    let (officer, reviewer) = (
        clients::officer(ledger, now)?,
        clients::reviewer(ledger, now)?,
    );
    let order = order(now)?;
    let count = order.learners.len();
    tell!(
        teller,
        "  技工院校为 {count} 名学习者申请转换 / the school asks for {count} learners"
    );
    let request = Once {
        claim: claim(&officer, "demo.request_conversion", REQUEST_KEY),
        render: &answer,
    };
    let grant = grant::<RequestConversion>(&officer)?;
    let asked = flows::request_conversion_once(ledger, &grant, &order, &request, now)?;
    let cohort_id = cohort_id(&asked.answer)?;
    let decision = Once {
        claim: claim(&reviewer, "demo.decide_conversion", DECISION_KEY),
        render: &answer,
    };
    let decides = DecisionOrder::AsTheRulesSay;
    let deciding = self::grant::<DecideConversion>(&reviewer)?;
    flows::decide_cohort_once(ledger, &deciding, cohort_id, &decides, &decision, now)?;
    if asked.replayed {
        tell!(
            teller,
            "  先前已办理,沿用原结果 / done before; this is the same answer"
        );
    }
    let reading = self::grant::<ReadConversion>(&officer)?;
    Ok(reads::conversion_cohort(
        ledger,
        &reading,
        cohort_id,
        reads::Inquiry::at(clock::now()),
    )?)
}

fn grant<A: Action>(client: &ClientView) -> Result<Grant<A>, Problem> {
    let none = || {
        Problem::new(
            "CLIENT_UNKNOWN",
            "客户端没有机构",
            "the client has no institution",
        )
    };
    let institution = client.institution.ok_or_else(none)?;
    Ok(authorize(
        &clients::actor(client),
        Subject::Institution(institution),
    )?)
}

fn claim(client: &ClientView, route: &'static str, key: &str) -> IdempotencyClaim {
    IdempotencyClaim {
        client: client.client_id,
        route,
        key: key.to_owned(),
        fingerprint: Sha256::digest([COHORT, PROGRAMME.as_bytes()].concat()).into(),
    }
}

fn answer(cohort: &CohortView) -> StoredAnswer {
    let status = if cohort.rejected.is_empty() { 200 } else { 422 };
    StoredAnswer {
        status,
        body: json!({ "cohort_id": cohort.cohort_id }),
    }
}

fn cohort_id(answer: &StoredAnswer) -> Result<CohortId, Problem> {
    let id = answer
        .body
        .get("cohort_id")
        .and_then(serde_json::Value::as_str);
    let id = id
        .filter(|_| answer.status == 200)
        .and_then(|text| text.parse::<Uuid>().ok());
    id.map(CohortId::from_uuid).ok_or_else(|| {
        Problem::new(
            "DEMO_COHORT",
            "演示学员未能全部申请转换",
            "not every learner of the demo's cohort could be asked for",
        )
        .todo(
            "请清空演示数据后重试",
            "start again with an empty --data-dir or database",
        )
    })
}

/// The cohort's list as the school keeps it: 身份证号 and 姓名.
pub(crate) fn order(now: DateTime<Utc>) -> Result<ConversionOrder, Problem> {
    let malformed = |en: String| Problem::new("DEMO_COHORT", "演示学员名单有误", en);
    let text = String::from_utf8_lossy(COHORT);
    let mut learners = Vec::new();
    for line in text.lines().skip(1) {
        let (number, name) = line.split_once(',').unwrap_or((line, ""));
        let identifier = Identifier::recognise_national(number, bank_day(now))
            .map_err(|wrong| malformed(wrong.to_string()))?;
        let name = PersonName::new(name).ok();
        let learner = LearnerRef::Identified {
            identifiers: identifier.into(),
            name,
        };
        learners.push(OrderedLearner {
            learner,
            outcomes: Vec::new(),
        });
    }
    let receiving =
        InstitutionCode::new(UNIVERSITY).map_err(|wrong| malformed(wrong.to_string()))?;
    Ok(ConversionOrder {
        receiving,
        programme: PROGRAMME.to_owned(),
        rule_set: None,
        learners,
        basis: None,
    })
}

/// Prints every request in a line and those that were cut or refused in full.
pub(crate) fn tell_cohort(teller: Teller, cohort: &CohortView) -> Result<(), Problem> {
    let CohortView {
        granted,
        partly,
        refused,
        ..
    } = cohort;
    tell!(
        teller,
        "  授予 {granted},部分授予 {partly},未授予 {refused}"
    );
    tell!(
        teller,
        "  {granted} granted, {partly} partly, {refused} refused\n"
    );
    let titles = [("账号 learner", 16), ("结果 result", 18)];
    let head: String = titles
        .iter()
        .map(|(title, columns)| left(title, *columns))
        .collect();
    tell!(
        teller,
        "  {head}{}{}  规则与代码 rules, codes",
        right("申请", 8),
        right("授予", 8)
    );
    let mut exceptions = Vec::new();
    for request in &cohort.requests {
        tell_request(teller, request)?;
        if request.state != RequestState::Granted {
            exceptions.push(request);
        }
    }
    for request in exceptions {
        tell_in_full(teller, request);
    }
    Ok(())
}

fn tell_request(teller: Teller, request: &RequestView) -> Result<(), Problem> {
    let sum = |amounts: Vec<Hundredths>| {
        Hundredths::sum(amounts).map_err(|error| Problem::internal(&error))
    };
    let requested = sum(request.lines.iter().map(|line| line.requested).collect())?;
    let granted = sum(request.lines.iter().map(|line| line.granted).collect())?;
    let marks: Vec<String> = request
        .lines
        .iter()
        .map(|line| {
            let rule = line.rule_code.as_deref().unwrap_or("–");
            let code = line
                .reason
                .map(|reason| format!(" {reason}"))
                .unwrap_or_default();
            format!("{rule}{code}")
        })
        .collect();
    tell!(
        teller,
        "  {}{}{}{}  {}",
        left(&request.learner_no.printed(), 16),
        left(state(request.state), 18),
        right(&requested.to_string(), 8),
        right(&granted.to_string(), 8),
        marks.join(", "),
    );
    Ok(())
}

fn tell_in_full(teller: Teller, request: &RequestView) {
    tell!(
        teller,
        "\n  {} — {};{} 第{}版,{}",
        request.learner_no.printed(),
        state(request.state),
        request.rule_set_code,
        request.rule_set_version,
        request.document_number,
    );
    for line in &request.lines {
        let code = line.reason.map_or("–", |reason| reason.as_str());
        tell!(teller, "    {} [{code}]", line.entry_title);
        tell!(teller, "      {}", line.explanation_zh);
        tell!(teller, "      {}", line.explanation_en);
    }
}

const fn state(state: RequestState) -> &'static str {
    match state {
        RequestState::Requested => "待审 open",
        RequestState::Granted => "授予 granted",
        RequestState::Partly => "部分 partly",
        RequestState::Refused => "未授予 refused",
        RequestState::Withdrawn => "已撤回 withdrawn",
    }
}

#[cfg(test)]
mod tests;
