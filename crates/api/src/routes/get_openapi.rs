//! `GET /openapi.json`

use actix_web::http::header::ContentType;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};

use crate::problem::OpenProblems;

/// The document, made once.
pub(crate) struct Document(pub(crate) String);

/// Get this document.
///
/// The same that stands in the repository.
#[utoipa::path(
    operation_id = "getOpenapi", tag = "service", security(()),
    responses(
        (status = 200, description = "The OpenAPI document.", body = Object,
            content_type = "application/json", example = json!({"openapi": "3.1.0"})),
        OpenProblems,
    ),
)]
#[get("/openapi.json")]
pub(crate) async fn get_openapi(document: Data<Document>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(ContentType::json())
        .body(document.0.clone())
}
