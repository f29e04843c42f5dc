//! `GET /v1/published-figures`

use actix_web::http::header::{CACHE_CONTROL, ETAG, HeaderValue, IF_NONE_MATCH};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, get};
use creditbank_domain::calendar::bank_day;
use creditbank_ledger::reads;
use sha2::{Digest as _, Sha256};

use crate::dto::figures::FiguresView;
use crate::extract::{MonthParameters, MonthQuery};
use crate::problem::{ApiError, BusyProblems};
use crate::state::ApiState;

/// Whoever stands between may keep it for an hour: decisions still change a month that is over.
const KEPT: &str = "public, max-age=3600";

/// See a month's conversion figures, as they are published.
///
/// Without a token, for anybody: of each receiving institution, and nothing that is of fewer than
/// five. Ask with `If-None-Match` for what you have; it may be kept for an hour.
#[utoipa::path(
    operation_id = "getPublishedFigures", tag = "conversions",
    params(MonthParameters,
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of what you have.")),
    responses(
        (status = 200, description = "The figures.", body = FiguresView),
        (status = 304, description = "They are what you have."),
        BusyProblems,
    ),
)]
#[get("/v1/published-figures")]
pub(crate) async fn get_published_figures(
    request: HttpRequest,
    month: MonthQuery,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let period = month.days(bank_day(state.now()))?;
    let work = move |ledger: &_| reads::published_figures(ledger, period);
    let view = FiguresView::from(&state.ledger.run(work).await?);
    Ok(unless_known(&request, &view))
}

/// 304 where the caller has just this.
fn unless_known(request: &HttpRequest, view: &FiguresView) -> HttpResponse {
    let body = serde_json::to_vec(view).unwrap_or_default();
    let digest = hex::encode(Sha256::digest(&body));
    let tag = format!("\"{}\"", digest.get(..16).unwrap_or_default());
    let known = request.headers().get_all(IF_NONE_MATCH);
    let known = known.filter_map(|it| HeaderValue::to_str(it).ok());
    let is_known = known
        .flat_map(|it| it.split(','))
        .any(|it| it.trim() == tag);
    let mut response = match is_known {
        true => HttpResponse::NotModified(),
        false => HttpResponse::Ok(),
    };
    response.insert_header((ETAG, tag));
    response.insert_header((CACHE_CONTROL, KEPT));
    match is_known {
        true => response.finish(),
        false => response.content_type("application/json").body(body),
    }
}
