//! `GET /docs`: the document as a page on which every operation can be tried.

use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::{HttpRequest, HttpResponse, get};
use utoipa_swagger_ui::{Config, serve};

use crate::problem::{ApiError, OpenProblems, PathProblems};

/// Everything comes from this server, so that it works in a closed network. Swagger UI sets styles
/// from its script.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/// Read the document as a page.
///
/// Swagger UI over this server's own document, where every operation can be tried.
#[utoipa::path(
    operation_id = "getDocs", tag = "service", security(()),
    responses(
        (status = 200, description = "The page.", body = String, content_type = "text/html",
            example = "<!doctype html><title>Swagger UI</title>"),
        OpenProblems,
    ),
)]
#[get("/docs")]
pub(crate) async fn get_docs() -> Result<HttpResponse, ApiError> {
    let (media, page) = file("index.html")?;
    // Its files are named as if the address ended in a stroke.
    let page = String::from_utf8_lossy(&page)
        .replace("\"./", "\"/docs/")
        .replace("\"index.css\"", "\"/docs/index.css\"");
    Ok(sent(media, page.into_bytes()))
}

/// Get a file of the page of the document.
///
/// Scripts and styles; nothing is loaded from anywhere else.
#[utoipa::path(
    operation_id = "getDocsFile", tag = "service", security(()),
    params(("file" = String, Path, description = "The file.", example = "swagger-ui.css")),
    responses(
        (status = 200, description = "The file.", content(
            (String = "text/css", example = "body { margin: 0 }"),
            (String = "text/javascript", example = "window.ui = 1"),
            (String = "text/html", example = "<!doctype html>"),
            (String = "image/png", example = "PNG"),
        )),
        OpenProblems, PathProblems,
    ),
)]
#[get("/docs/{file}")]
pub(crate) async fn get_docs_file(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let (media, bytes) = file(request.match_info().get("file").unwrap_or_default())?;
    Ok(sent(media, bytes))
}

fn file(name: &str) -> Result<(String, Vec<u8>), ApiError> {
    let config = Arc::new(Config::from("/openapi.json"));
    let file = serve(name, config)
        .map_err(|_| ApiError::Internal("the page of the document is broken"))?
        // Without a name it would give the page.
        .filter(|_| !name.is_empty() && name != "/")
        .ok_or(ApiError::UnknownRoute)?;
    Ok((file.content_type, file.bytes.into_owned()))
}

fn sent(media: String, bytes: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media)
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .body(bytes)
}
