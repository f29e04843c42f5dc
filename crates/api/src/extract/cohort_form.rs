//! The upload of a file of requests, with what its lines have in common.

use std::future::Future;
use std::pin::Pin;

use actix_multipart::form::MultipartForm;
use actix_multipart::form::json::Json;
use actix_multipart::form::tempfile::TempFile;
use actix_multipart::form::text::Text;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use creditbank_ledger::flows::{CohortOrder, ImportMode};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::form::{arriving, file_name, filled};
use crate::desk::Upload;
use crate::dto::cohort_file::CohortOrderBody;
use crate::problem::ApiError;

/// As much as ten thousand lines of any kind take.
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A file of requests, one learner a line, and what its lines have in common.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::cohort_form()))]
#[expect(dead_code, reason = "describes the form that CohortUpload reads")]
pub(crate) struct CohortForm {
    /// A table of at most 10,000 learners: text (csv, tsv) or a workbook (xlsx, xls, ods) or a web page with a table. Needed is a column that names the learner (学习者编号, 身份证号, 护照号 or 学号); 申请编号, 目标课程, 目标专业, 法律依据 and 法律依据文号 may stand beside it.
    #[schema(
        value_type = String, format = Binary, min_length = 1,
        content_media_type = "application/octet-stream",
    )]
    file: Vec<u8>,
    /// What its lines have in common, as JSON.
    order: CohortOrderBody,
    /// `true` says what each line would come to and asks for nothing.
    #[schema(value_type = bool, required = false, default = false)]
    dry_run: Option<bool>,
    /// Which column is what, as JSON; absent to recognise the header row.
    #[schema(value_type = Object, required = false)]
    mapping: Option<Value>,
}

/// The file's limit is repeated from [`BYTES_MAX`], since an attribute takes no constant.
#[derive(MultipartForm)]
#[multipart(deny_unknown_fields, duplicate_field = "deny")]
struct Form {
    #[multipart(limit = "64 MiB")]
    file: TempFile,
    order: Json<CohortOrderBody>,
    dry_run: Option<Text<bool>>,
    mapping: Option<Json<Value>>,
}

/// A file of requests that has arrived.
pub(crate) struct CohortUpload {
    pub(crate) upload: Upload,
    pub(crate) order: CohortOrder,
}

impl FromRequest for CohortUpload {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = arriving::<Form>(request, payload, |_| BYTES_MAX);
        Box::pin(async move { read(form.await?) })
    }
}

fn read(form: Form) -> Result<CohortUpload, ApiError> {
    let byte_count = filled(&form.file)?;
    let order = form.order.into_inner().read().map_err(ApiError::Meaning)?;
    let dry_run = form.dry_run.is_some_and(Text::into_inner);
    let upload = Upload {
        file_name: file_name(form.file.file_name.as_deref().unwrap_or_default())?,
        path: form.file.file.into_temp_path(),
        byte_count,
        mode: if dry_run {
            ImportMode::DryRun
        } else {
            ImportMode::Post
        },
        mapping: form.mapping.map(Json::into_inner),
        learner: None,
    };
    Ok(CohortUpload { upload, order })
}
