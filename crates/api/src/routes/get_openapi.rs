//! `GET /openapi.json`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};

use crate::conditional::{ASK_AGAIN, IfNoneMatchHeader, unless_seen};
use crate::problem::OpenProblems;

/// The document, made once.
pub(crate) struct Document(pub(crate) String);

/// Get this document.
///
/// The same that stands in the repository.
#[utoipa::path(
    operation_id = "getOpenapi", tag = "service", security(()), params(IfNoneMatchHeader),
    responses(
        (status = 200, description = "The OpenAPI document.", body = Object,
            content_type = "application/json", example = json!({"openapi": "3.1.0"})),
        (status = 304, description = "It is still what `If-None-Match` names."),
        OpenProblems,
    ),
)]
#[get("/openapi.json")]
pub(crate) async fn get_openapi(request: HttpRequest, document: Data<Document>) -> HttpResponse {
    let document = document.0.clone().into_bytes();
    unless_seen(&request, "application/json", ASK_AGAIN, document)
}
