//! `GET /errors` and `GET /errors/{code}`: where the `type` of a refusal leads.

use actix_web::{HttpRequest, HttpResponse, get};

use crate::conditional::{ASK_AGAIN, IfNoneMatchHeader, unless_seen};
use crate::problem::{
    ApiError, CodeEntry, OpenProblems, PathProblems, code_entry, codes, shown_statuses,
};

/// List every error code.
///
/// A page with cause and cure of each code, in both languages.
#[utoipa::path(
    operation_id = "getErrors", tag = "service", security(()), params(IfNoneMatchHeader),
    responses(
        (status = 200, description = "The codes.", body = String, content_type = "text/html",
            example = "<!doctype html><title>Error codes</title>"),
        (status = 304, description = "It is still what `If-None-Match` names."),
        OpenProblems,
    ),
)]
#[get("/errors")]
pub(crate) async fn get_errors(request: HttpRequest) -> HttpResponse {
    let sections: String = codes().iter().map(section).collect();
    page(&request, "Error codes 错误代码", &sections)
}

/// Explain one error code.
///
/// A page with its cause and cure, in both languages: what the `type` of a refusal leads to.
#[utoipa::path(
    operation_id = "getError", tag = "service", security(()),
    params(("code" = String, Path, description = "The code in kebab case.",
        example = "not-found"), IfNoneMatchHeader),
    responses(
        (status = 200, description = "The code.", body = String, content_type = "text/html",
            example = "<!doctype html><title>NOT_FOUND</title>"),
        (status = 304, description = "It is still what `If-None-Match` names."),
        OpenProblems, PathProblems,
    ),
)]
#[get("/errors/{code}")]
pub(crate) async fn get_error(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let wanted = request.match_info().get("code").unwrap_or_default();
    let entry = code_entry(wanted).ok_or(ApiError::UnknownRoute)?;
    Ok(page(&request, entry.code, &section(entry)))
}

/// Nothing of it comes from a request, and the table has no markup.
fn page(request: &HttpRequest, title: &str, sections: &str) -> HttpResponse {
    let page = format!(
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>{title}</title>\
         <h1>{title}</h1>{sections}</html>"
    );
    unless_seen(
        request,
        "text/html; charset=utf-8",
        ASK_AGAIN,
        page.into_bytes(),
    )
}

fn section(entry: &CodeEntry) -> String {
    let CodeEntry {
        code, cause, cure, ..
    } = entry;
    let (id, status) = (entry.slug(), shown_statuses(entry));
    format!(
        "<section id=\"{id}\"><h2><a href=\"/errors/{id}\">{code}</a> ({status})</h2>\
         <p>{}{}</p><p lang=\"en\">{} {}</p></section>",
        cause.zh, cure.zh, cause.en, cure.en
    )
}
