//! `GET /health/live` and `GET /health/ready`

use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use crate::answer;
use crate::dto::health::HealthView;
use crate::problem::{ApiError, BusyProblems, OpenProblems};
use crate::state::ApiState;

/// See that the process answers.
///
/// Says nothing about the database.
#[utoipa::path(
    operation_id = "getHealthLive", tag = "service", security(()),
    responses(
        (status = 200, description = "It answers.", body = HealthView),
        OpenProblems,
    ),
)]
#[get("/health/live")]
pub(crate) async fn get_health_live() -> HttpResponse {
    answer::ok(&HealthView {
        status: "live".to_owned(),
    })
}

/// See that the server can work.
///
/// The database answers and every migration is applied; 503 otherwise, and
/// while the server is about to end.
#[utoipa::path(
    operation_id = "getHealthReady", tag = "service", security(()),
    responses(
        (status = 200, description = "It can work.", body = HealthView),
        BusyProblems,
    ),
)]
#[get("/health/ready")]
pub(crate) async fn get_health_ready(state: Data<ApiState>) -> Result<HttpResponse, ApiError> {
    if state.draining.has_begun() {
        return Err(ApiError::Overloaded {
            retry_after_seconds: 5,
        });
    }
    match state.ledger.unapplied_migrations().await? {
        0 => Ok(answer::ok(&HealthView {
            status: "ready".to_owned(),
        })),
        unapplied => Err(ApiError::NotReady { unapplied }),
    }
}
