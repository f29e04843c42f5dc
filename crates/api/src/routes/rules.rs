//! Rule sets: one file per action, and what they share.

mod get_rule_changes;
mod get_rule_set;
mod get_rule_sets;
mod post_rule_set;
mod propose_rule_set;
mod retire_rule_set;
mod vote_on_rule_set;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use chrono::{DateTime, Utc};
use creditbank_domain::authz::{Action, Grant};
use creditbank_ledger::{Answered, Ledger, LedgerError, Once};
use creditbank_rulebook::DocumentFault;
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer;
use crate::auth::Permit;
use crate::dto::rule_set::in_content;
use crate::problem::{ApiError, Problem, Words};
use crate::state::ApiState;

pub(super) fn configure(config: &mut ServiceConfig<'_>) {
    config
        .service(get_rule_sets::get_rule_sets)
        .service(get_rule_set::get_rule_set)
        .service(get_rule_changes::get_rule_changes)
        .service(post_rule_set::post_rule_set)
        .service(propose_rule_set::propose_rule_set)
        .service(vote_on_rule_set::vote_on_rule_set)
        .service(retire_rule_set::retire_rule_set);
}

/// Runs a flow that answers once with a `T`, or with everything that is wrong with a rule document.
async fn once_fit<A, T, V>(
    state: &ApiState,
    permit: Permit<A>,
    asked: answer::Asked<'_>,
    status: StatusCode,
    flow: impl FnOnce(
        &Ledger,
        &Grant<A>,
        &Once<'_, Result<T, Vec<DocumentFault>>>,
        DateTime<Utc>,
    ) -> Result<Answered, LedgerError>
    + Send
    + 'static,
) -> Result<HttpResponse, ApiError>
where
    A: Action + Send + 'static,
    V: for<'t> From<&'t T> + Serialize,
{
    let render = move |done: &Result<T, Vec<DocumentFault>>| match done {
        Ok(done) => answer::rendered(status, &V::from(done)),
        Err(faults) => answer::refused(&unfit(faults)),
    };
    answer::once_rendered(state, permit, asked, (render, answer::nowhere), flow).await
}

fn unfit(faults: &[DocumentFault]) -> Problem {
    let title = Words::fixed(
        "规则文件不合要求,请按行列改正",
        "the rule document is not fit; correct it at these lines and columns",
    );
    Problem::new(422, "RULE_DOCUMENT", title).errors(&in_content(faults))
}
