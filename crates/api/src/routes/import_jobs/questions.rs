//! `GET /v1/import-jobs/{job_id}/questions` and `POST /v1/import-jobs/{job_id}/answers`

use std::sync::Arc;

use actix_web::web::Data;
use actix_web::{HttpResponse, get, post};
use creditbank_domain::authz::{ReadImport, RunImport};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::ids::ImportJobId;
use creditbank_ledger::flows::MappingCheck;
use creditbank_ledger::reads::{self, ImportJobView};
use creditbank_ledger::{Ledger, Once, flows};

use crate::answer::{self, DONE};
use crate::auth::Permit;
use crate::dto::import_job::JobView;
use crate::dto::import_mapping::{LayoutAnswerBody, QuestionsView};
use crate::extract::{IdempotencyHeader, IdempotencyKey, JsonBody, PathId};
use crate::problem::{
    ApiError, BodyProblems, CallerProblems, IdempotencyProblems, PathProblems, ReadProblems,
};
use crate::state::ApiState;

use super::post_job::pseudonymous;

const ROUTE: &str = "POST /v1/import-jobs/{job_id}/answers";

/// See what an import job asks.
///
/// Where nobody has said what a column, a grade or level word or a course code means, nothing is guessed:
/// the job is `awaiting_answers`, and this is what it asks, each column with three of its values.
/// A job that asked nothing is 404.
#[utoipa::path(
    operation_id = "getImportQuestions", tag = "imports", security(("bearer" = [])),
    params(("job_id" = uuid::Uuid, Path, description = "The job.")),
    responses(
        (status = 200, description = "What it asked last.", body = QuestionsView),
        CallerProblems, ReadProblems,
    ),
)]
#[get("/v1/import-jobs/{job_id}/questions")]
pub(crate) async fn get_import_questions(
    permit: Permit<ReadImport>,
    id: PathId<ImportJobId>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let work = move |ledger: &_| reads::import_questions(ledger, &permit.grant, id.0);
    let asked = state.ledger.run(work).await?;
    let view = QuestionsView::try_from(asked);
    let view = view.map_err(|_| ApiError::Internal("stored questions cannot be read"))?;
    Ok(answer::ok(&view))
}

/// Answer what an import job asks.
///
/// The answer is kept as your institution's mapping of this layout, so that its next file asks
/// nothing, and the job goes on; it may ask again. Where it asks whose transcript the file is, `learner`
/// says so, as it could have with the file. A job that asks nothing is 409
/// `IMPORT_NOT_ASKING`.
#[utoipa::path(
    operation_id = "answerImportQuestions", tag = "imports", security(("bearer" = [])),
    params(("job_id" = uuid::Uuid, Path, description = "The job."), IdempotencyHeader),
    request_body = LayoutAnswerBody,
    responses(
        (status = 200, description = "The job.", body = JobView),
        CallerProblems, PathProblems, BodyProblems, IdempotencyProblems,
    ),
)]
#[post("/v1/import-jobs/{job_id}/answers")]
pub(crate) async fn answer_import_questions(
    permit: Permit<RunImport>,
    id: PathId<ImportJobId>,
    key: IdempotencyKey,
    body: JsonBody<LayoutAnswerBody>,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let desk = Arc::clone(&state.imports);
    let now = state.now();
    let said = body.body.read(&*desk, bank_day(now));
    let said = said.map_err(ApiError::Meaning)?;
    let work = move |ledger: &Ledger| {
        // As where a job is handed in: nobody is in what is kept of the request.
        let asked = pseudonymous(body.raw, |learner| ledger.pseudonym(learner));
        let claim = key.claim(&permit.grant, ROUTE, &asked)?;
        let render = |job: &ImportJobView| answer::rendered(DONE.status, &JobView::from(job));
        let once = Once {
            claim,
            render: &render,
        };
        let check: &MappingCheck<'_> = &|mapping| desk.check_mapping(mapping);
        let said = (&said, check);
        let taken = flows::answer_import_once(ledger, &permit.grant, id.0, said, &once, now);
        taken.map_err(ApiError::from)
    };
    answer::send(state.ledger.run(work).await?, DONE.location)
}
