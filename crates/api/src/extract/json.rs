//! JSON bodies: media type, size, arrival, syntax, shape and limits, in this order.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use actix_web::web::{self, Bytes, Data};
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use creditbank_domain::fault::Fault;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;
use validator::{Validate, ValidationError, ValidationErrors, ValidationErrorsKind};

use super::{shape, strict};
use crate::problem::{ApiError, Place, PlacedFault};
use crate::state::{ApiLimits, ApiState};

/// A body that fits its type and keeps to its limits.
pub(crate) struct JsonBody<T> {
    /// What was sent, for the fingerprint.
    pub(crate) raw: Value,
    /// What it says.
    pub(crate) body: T,
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for JsonBody<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limits = request
            .app_data::<Data<ApiState>>()
            .map(|state| state.limits.clone());
        let headers = check_headers(request, limits.as_ref().map_or(0, |it| it.json_bytes_max));
        let payload = web::Payload::from_request(request, payload);
        Box::pin(async move {
            headers?;
            let limits = limits.ok_or(ApiError::Internal("no ApiState"))?;
            let payload = payload.await.map_err(|_| ApiError::BrokenBody)?;
            read(&arrived(payload, &limits).await?)
        })
    }
}

fn check_headers(request: &HttpRequest, bytes_max: usize) -> Result<(), ApiError> {
    let json = request
        .content_type()
        .eq_ignore_ascii_case("application/json");
    let plain = request
        .headers()
        .get(CONTENT_ENCODING)
        .is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if !json || !plain {
        return Err(ApiError::MediaType {
            expected: "application/json",
        });
    }
    let length = request
        .headers()
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let length = length
        .and_then(|text| text.parse::<u64>().ok())
        .unwrap_or(0);
    let bytes_max = to_u64(bytes_max);
    if length > bytes_max {
        Err(ApiError::TooLarge { bytes_max })
    } else {
        Ok(())
    }
}

fn to_u64(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

async fn arrived(payload: web::Payload, limits: &ApiLimits) -> Result<Bytes, ApiError> {
    let arriving = payload.to_bytes_limited(limits.json_bytes_max);
    match timeout(limits.json_arrival_max, arriving).await {
        Ok(Ok(Ok(bytes))) => Ok(bytes),
        Ok(Ok(Err(_))) => Err(ApiError::BrokenBody),
        Ok(Err(_)) => Err(ApiError::TooLarge {
            bytes_max: to_u64(limits.json_bytes_max),
        }),
        Err(_) => Err(ApiError::SlowBody),
    }
}

fn read<T: DeserializeOwned + Validate>(bytes: &[u8]) -> Result<JsonBody<T>, ApiError> {
    let raw = strict::parse(bytes).map_err(|error| ApiError::MalformedJson {
        line: error.line(),
        column: error.column(),
    })?;
    let body: T = shape::read(&raw).map_err(|fault| ApiError::Shape(vec![fault]))?;
    match body.validate() {
        Ok(()) => Ok(JsonBody { raw, body }),
        Err(errors) => Err(ApiError::Shape(limit_faults(&errors, &Place::root()))),
    }
}

/// What `validator` found, as placed faults, in the order of the fields' names.
pub(crate) fn limit_faults(errors: &ValidationErrors, at: &Place) -> Vec<PlacedFault> {
    let mut fields: Vec<_> = errors.errors().iter().collect();
    fields.sort_by_key(|(name, _)| (*name).clone());
    let mut faults = Vec::new();
    for (name, kind) in fields {
        let place = at.child(name);
        match kind {
            ValidationErrorsKind::Struct(inner) => faults.extend(limit_faults(inner, &place)),
            ValidationErrorsKind::List(elements) => {
                for (index, inner) in elements {
                    faults.extend(limit_faults(inner, &place.child(index)));
                }
            }
            ValidationErrorsKind::Field(errors) => {
                faults.extend(
                    errors
                        .iter()
                        .map(|it| PlacedFault::at(&place, limit_fault(it))),
                );
            }
        }
    }
    faults
}

fn limit_fault(error: &ValidationError) -> Fault {
    let limit = |name: &str| error.params.get(name).map(ToString::to_string);
    let (zh, en) = match (limit("min"), limit("max")) {
        (Some(min), Some(max)) => (format!("应有 {min} 到 {max} 个"), format!("{min} to {max}")),
        (Some(min), None) => (format!("至少 {min} 个"), format!("at least {min}")),
        (None, Some(max)) => (format!("最多 {max} 个"), format!("at most {max}")),
        (None, None) => (
            "不符合要求".to_owned(),
            "what the operation allows".to_owned(),
        ),
    };
    Fault::new(
        "SIZE_OUT_OF_RANGE",
        format!("长度或个数超限,{zh}"),
        format!("the size is {en}"),
    )
}
