//! `POST /v1/import-jobs`

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use creditbank_domain::authz::RunImport;
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::reads::ImportJobView;
use creditbank_ledger::{Ledger, Once, flows};
use serde_json::Value;

use crate::answer;
use crate::auth::Permit;
use crate::dto::import_job::{JobBody, JobView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::problem::{ApiError, BodyProblems, CallerProblems, IdempotencyProblems};
use crate::state::ApiState;

/// Hand in a job whose file comes in parts.
///
/// Announces a file and what is to be done with it; then send its bytes by
/// `PATCH /v1/import-jobs/{job_id}/upload`, from `received` on. With the last part the job is
/// queued. Where `sha256` says that the same file was handed in before, to be read the same way,
/// that job is the answer (200, `recognised`), unless `again` asks for another one; where only its
/// bytes are here already, nothing has to be sent.
#[utoipa::path(
    operation_id = "postImportJob", tag = "imports", security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = JobBody,
    responses(
        (status = 201, description = "A new job.", body = JobView,
            headers(("Location" = String, description = "Where to see the job."))),
        (status = 200, description = "The same file was handed in before.", body = JobView,
            headers(("Location" = String, description = "Where to see the job."))),
        CallerProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/import-jobs")]
pub(crate) async fn post_import_job(
    permit: Permit<RunImport>,
    key: IdempotencyKey,
    body: JsonBody<JobBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let now = state.now();
    let new = body.body.read(&*state.imports, bank_day(now));
    let new = new.map_err(ApiError::Meaning)?;
    let work = move |ledger: &Ledger| {
        // What is kept of the request is not keyed, so nobody is in it. Only the ledger knows the
        // other name, so this does not go through `answer::once`.
        let asked = pseudonymous(body.raw, |learner| ledger.pseudonym(learner));
        let claim = key.claim(&permit.grant, "POST /v1/import-jobs", &asked)?;
        let render = |job: &ImportJobView| {
            let status = if job.recognised {
                StatusCode::OK
            } else {
                StatusCode::CREATED
            };
            answer::rendered(status, &JobView::from(job))
        };
        let once = Once {
            claim,
            render: &render,
        };
        let opened = flows::open_import_job_once(ledger, &permit.grant, &new, &once, now);
        opened.map_err(ApiError::from)
    };
    answer::send(state.ledger.run(work).await?, place)
}

/// What was asked, with another name for the learner.
pub(super) fn pseudonymous(mut asked: Value, pseudonym: impl FnOnce(&str) -> String) -> Value {
    if let Some(learner) = asked.get_mut("learner").filter(|said| !said.is_null()) {
        *learner = Value::String(pseudonym(&learner.to_string()));
    }
    asked
}

fn place(body: &Value) -> Option<String> {
    let id = body.get("job_id").and_then(Value::as_str)?;
    Some(format!("/v1/import-jobs/{id}"))
}
