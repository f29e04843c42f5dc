//! The upload of a transcript file: `multipart/form-data`, the file streamed to disk.

use std::future::Future;
use std::pin::Pin;

use actix_multipart::MultipartError;
use actix_multipart::form::json::{Json, JsonConfig};
use actix_multipart::form::tempfile::{TempFile, TempFileConfig};
use actix_multipart::form::text::{Text, TextConfig};
use actix_multipart::form::{MultipartCollect, MultipartForm, MultipartFormConfig};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::StatusCode;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{FromRequest, HttpRequest};
use chrono::NaiveDate;
use creditbank_domain::calendar::bank_day;
use creditbank_domain::fault::Fault;
use creditbank_domain::text::bounded;
use creditbank_ledger::flows::ImportMode;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::timeout;
use utoipa::ToSchema;

use crate::desk::Upload;
use crate::dto::person::LearnerBody;
use crate::problem::{ApiError, Place, PlacedFault};
use crate::state::{ApiLimits, ApiState};

/// Room for the fields beside the file.
const OTHER_FIELDS_BYTES_MAX: usize = 1024 * 1024;
const FILE_NAME_CHARACTERS_MAX: usize = 200;

/// A transcript file and how to take it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::import_form()))]
#[expect(dead_code, reason = "describes the form that ImportUpload reads")]
pub(crate) struct ImportForm {
    /// The transcript file as the institution's system exports it: a text table (csv, tsv), a workbook (xlsx, xls, ods, Office 2003 XML), a web page with tables, JSON Lines, ELMO, EWP, PESC, CLR, Open Badges or a OneRoster zip. Its bytes say what it is.
    #[schema(
        value_type = String, format = Binary, min_length = 1,
        content_media_type = "application/octet-stream",
    )]
    file: Vec<u8>,
    /// `true` tries the file and posts nothing.
    #[schema(value_type = bool, required = false, default = false)]
    dry_run: Option<bool>,
    /// Which column is what, as JSON; absent to recognise the header row.
    #[schema(value_type = Object, required = false)]
    mapping: Option<Value>,
    /// Whose transcript it is, as JSON, for the export of one person, which has no column for it. With such a column in the file too it is refused (`LEARNER_NAMED_TWICE`).
    #[schema(value_type = LearnerBody, required = false)]
    learner: Option<LearnerBody>,
}

#[derive(MultipartForm)]
#[multipart(deny_unknown_fields, duplicate_field = "deny")]
struct Form {
    file: TempFile,
    dry_run: Option<Text<bool>>,
    mapping: Option<Json<Value>>,
    learner: Option<Json<LearnerBody>>,
}

/// A file that has arrived.
pub(crate) struct ImportUpload(pub(crate) Upload);

impl FromRequest for ImportUpload {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let most = |limits: &ApiLimits| u64::try_from(limits.upload_bytes_max).unwrap_or(u64::MAX);
        let form = arriving(request, payload, most);
        let state = request.app_data::<Data<ApiState>>();
        let today = state.map(|state| bank_day(state.now()));
        Box::pin(async move {
            let today = today.ok_or(ApiError::Internal("no ApiState"))?;
            upload(form.await?, today).map(Self)
        })
    }
}

/// Waits for a form; `most` says how many bytes its file may have, for whoever sends more.
pub(super) fn arriving<F: MultipartCollect + 'static>(
    request: &HttpRequest,
    payload: &mut Payload,
    most: fn(&ApiLimits) -> u64,
) -> impl Future<Output = Result<F, ApiError>> + use<F> {
    let limits = request
        .app_data::<Data<ApiState>>()
        .map(|state| state.limits.clone());
    let form = MultipartForm::<F>::from_request(request, payload);
    async move {
        let limits = limits.ok_or(ApiError::Internal("no ApiState"))?;
        let form = timeout(limits.upload_arrival_max, form).await;
        let form = form.map_err(|_| ApiError::SlowBody)?;
        let form = form.map_err(|error| refusal(&error, most(&limits)))?;
        Ok(form.into_inner())
    }
}

fn upload(form: Form, today: NaiveDate) -> Result<Upload, ApiError> {
    let byte_count = filled(&form.file)?;
    let at = Place::root().child("learner");
    let learner = form.learner.map(|said| said.read(&at, today));
    let learner = learner.transpose().map_err(ApiError::Meaning)?;
    let dry_run = form.dry_run.is_some_and(Text::into_inner);
    Ok(Upload {
        file_name: file_name(form.file.file_name.as_deref().unwrap_or_default())?,
        path: form.file.file.into_temp_path(),
        byte_count,
        mode: if dry_run {
            ImportMode::DryRun
        } else {
            ImportMode::Post
        },
        mapping: form.mapping.map(Json::into_inner),
        learner,
    })
}

/// How many bytes a file has, which are some.
pub(super) fn filled(file: &TempFile) -> Result<u64, ApiError> {
    let fault = || Fault::new("FILE_EMPTY", "文件为空", "the file is empty");
    match u64::try_from(file.size).unwrap_or(u64::MAX) {
        0 => Err(field("file", fault())),
        byte_count => Ok(byte_count),
    }
}

/// The last component of whatever path the client's system has.
pub(super) fn file_name(given: &str) -> Result<String, ApiError> {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    bounded("file name", last, FILE_NAME_CHARACTERS_MAX)
        .map_err(|error| field("file", error.into()))
}

pub(super) fn field(name: &'static str, fault: Fault) -> ApiError {
    ApiError::Shape(vec![PlacedFault::of_parameter(name, fault)])
}

fn refusal(error: &actix_web::Error, bytes_max: u64) -> ApiError {
    match error.as_error::<MultipartError>() {
        Some(error) => multipart_refusal(error, bytes_max),
        None => ApiError::Framework(error.as_response_error().status_code()),
    }
}

fn multipart_refusal(error: &MultipartError, bytes_max: u64) -> ApiError {
    let fault = |code, zh, en| Fault::new(code, zh, en);
    match error {
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible => ApiError::MediaType {
            expected: "multipart/form-data",
        },
        MultipartError::Payload(PayloadError::Overflow) => ApiError::TooLarge { bytes_max },
        MultipartError::DuplicateField(name) => {
            let fault = fault("FIELD_REPEATED", "字段重复", "the field is given twice");
            ApiError::Shape(vec![PlacedFault::of_parameter(name, fault)])
        }
        MultipartError::MissingField(name) => {
            let fault = fault("FIELD_MISSING", "缺少字段", "the field is missing");
            ApiError::Shape(vec![PlacedFault::of_parameter(name, fault)])
        }
        MultipartError::UnknownField(name) => {
            let fault = fault("FIELD_UNKNOWN", "未知字段", "the field is not known");
            ApiError::Shape(vec![PlacedFault::of_parameter(name, fault)])
        }
        MultipartError::Field { name, source } => field_refusal(name, source),
        // The rest, and whatever the library adds: a body that is not multipart throughout.
        _ => ApiError::BrokenBody,
    }
}

/// A field that could not be read: the client's text, or our own disk.
fn field_refusal(name: &str, source: &actix_web::Error) -> ApiError {
    if source.as_response_error().status_code() == StatusCode::INTERNAL_SERVER_ERROR {
        return ApiError::Internal("an upload could not be stored");
    }
    let fault = Fault::new(
        "VALUE_UNREADABLE",
        "无法识别的值",
        "the value cannot be read",
    );
    ApiError::Shape(vec![PlacedFault::of_parameter(name, fault)])
}

/// The limits of uploads, for the application.
pub(crate) fn configure(config: &mut ServiceConfig, limits: &ApiLimits) {
    let mut files = TempFileConfig::default();
    if let Some(directory) = &limits.upload_directory {
        files = files.directory(directory);
    }
    let total = limits
        .upload_bytes_max
        .saturating_add(OTHER_FIELDS_BYTES_MAX);
    config
        .app_data(files)
        .app_data(TextConfig::default().validate_content_type(false))
        .app_data(JsonConfig::default().validate_content_type(false))
        .app_data(
            MultipartFormConfig::default()
                .total_limit(total)
                .memory_limit(OTHER_FIELDS_BYTES_MAX),
        );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_one_component_without_surprises() {
        assert_eq!(file_name("成绩 2024.xlsx").unwrap(), "成绩 2024.xlsx");
        assert_eq!(file_name(r"C:\exports\a.csv").unwrap(), "a.csv");
        assert_eq!(file_name("../../etc/passwd").unwrap(), "passwd");
        for name in ["", "a/", "a\u{0}b.csv"] {
            assert!(file_name(name).is_err(), "{name}");
        }
    }
}
