//! The only map from what went wrong to HTTP: `application/problem+json` (RFC 9457).
//!
//! 400 malformed, 401 who, 403 may not, 404 unknown or hidden, 409 state, 422 a rule refuses, 503
//! come again, 500 our bug. 5xx answers carry no detail: that goes to the log, once, where the
//! answer is rendered.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use creditbank_domain::authz::Denied;
use creditbank_domain::fault::Fault;
use creditbank_ledger::LedgerError;
use creditbank_vault::VaultError;

use crate::abuse::Standing;
use crate::auth::TokenRefusal;
use crate::desk::DeskError;
use crate::evidence_desk::EvidenceError;
use crate::extract::entity_tag;

mod body;
mod catalogue;
mod language;
mod place;
mod render;
mod responses;

pub(crate) use body::{FaultView, Problem, Words};
pub(crate) use catalogue::{
    CodeEntry, entries as codes, entry as code_entry, shown_statuses, type_of,
};
pub use catalogue::{errors_page, is_listed};
pub(crate) use language::Language;
pub(crate) use place::{Place, Placed, PlacedFault};
#[cfg(test)]
pub(crate) use render::ProblemView;
pub(crate) use render::render;
pub(crate) use responses::{
    BodyProblems, BusyProblems, CallerProblems, IdempotencyProblems, OpenProblems, PathProblems,
    ReadProblems, RuleProblems, StateProblems, UploadProblems, VersionProblems, schemas,
};

/// Everything a request can be refused with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// Nobody we know is asking.
    #[error("the caller is not known")]
    Unauthenticated(#[source] TokenRefusal),
    /// The policy says no.
    #[error("the policy says no")]
    Denied(#[source] Denied),
    /// No such address.
    #[error("no such route")]
    UnknownRoute,
    /// The address exists, but not with this method.
    #[error("the route does not have this method")]
    MethodNotAllowed { allow: String },
    /// The body is of another kind than the operation reads.
    #[error("the body is of another media type")]
    MediaType { expected: &'static str },
    /// More bytes than the operation takes.
    #[error("the body is too large")]
    TooLarge { bytes_max: u64 },
    /// The body did not arrive in time.
    #[error("the body did not arrive in time")]
    SlowBody,
    /// The connection broke while the body was read.
    #[error("the body did not arrive whole")]
    BrokenBody,
    /// The body is not JSON.
    #[error("the body is not JSON, line {line} column {column}")]
    MalformedJson { line: usize, column: usize },
    /// The body is JSON of another shape or size.
    #[error("the body has another shape")]
    Shape(Vec<PlacedFault>),
    /// The body has the right shape, but its values mean nothing.
    #[error("values of the body mean nothing")]
    Meaning(Vec<PlacedFault>),
    /// A part of the path is not what it should be.
    #[error("a part of the path is malformed")]
    Path(PlacedFault),
    /// A query parameter is not known or not readable.
    #[error("a query parameter is wrong")]
    Query(PlacedFault),
    /// A query parameter that can be read means nothing here, by itself or beside another.
    #[error("a query parameter means nothing here")]
    QueryMeaning(PlacedFault),
    /// A header is missing or not readable.
    #[error("a header is wrong")]
    Header(PlacedFault),
    /// An answer that the ledger rolled back: it was rendered as a refusal.
    #[error("refused: {}", .0.code)]
    Refusal(Box<Problem>),
    /// The ledger did not answer.
    #[error("the ledger did not answer")]
    Ledger(#[source] LedgerError),
    /// The import desk did not answer.
    #[error("the import desk did not answer")]
    Desk(#[source] DeskError),
    /// The caller's budget of requests is spent.
    #[error("the budget {} is spent", .0.name())]
    TooOften(Standing),
    /// A browser's page of an origin that the settings do not name.
    #[error("a page of a foreign origin asks")]
    ForeignOrigin,
    /// Evidence could not be kept or shown.
    #[error("evidence could not be kept or shown")]
    Evidence(#[source] EvidenceError),
    /// Too many are waiting, or one waited too long.
    #[error("too many requests are waiting")]
    Overloaded { retry_after_seconds: u32 },
    /// The database is behind the program.
    #[error("{unapplied} migrations are not applied")]
    NotReady { unapplied: usize },
    /// A bug of ours.
    #[error("internal: {0}")]
    Internal(&'static str),
    /// What actix itself refused, by its status.
    #[error("refused with status {0}")]
    Framework(StatusCode),
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.problem().status_code()
    }

    /// Only the status: the middleware renders the body, because it knows the language and the
    /// trace id.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

impl From<LedgerError> for ApiError {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

impl From<DeskError> for ApiError {
    fn from(error: DeskError) -> Self {
        Self::Desk(error)
    }
}

impl From<EvidenceError> for ApiError {
    fn from(error: EvidenceError) -> Self {
        Self::Evidence(error)
    }
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl ApiError {
    /// A header that is wrong, by its name.
    pub(crate) fn header(name: &'static str, fault: Fault) -> Self {
        Self::Header(PlacedFault::of_parameter(name, fault))
    }

    /// What the client is told.
    pub(crate) fn problem(&self) -> Problem {
        match self {
            Self::Unauthenticated(refusal) => unauthenticated(*refusal),
            Self::Denied(denied) => of_denied(*denied),
            Self::UnknownRoute => Problem::new(404, "ROUTE_UNKNOWN", words::ROUTE_UNKNOWN),
            Self::MethodNotAllowed { allow } => {
                Problem::new(405, "METHOD_NOT_ALLOWED", words::METHOD_NOT_ALLOWED)
                    .header("allow", allow)
            }
            Self::MediaType { expected } => {
                Problem::new(415, "MEDIA_TYPE_UNSUPPORTED", words::MEDIA_TYPE).detail(Words::new(
                    format!("请以 {expected} 提交,不要压缩"),
                    format!("send {expected}, without a content encoding"),
                ))
            }
            Self::TooLarge { bytes_max } => Problem::new(413, "BODY_TOO_LARGE", words::TOO_LARGE)
                .detail(Words::new(
                    format!("请求体最多 {bytes_max} 字节"),
                    format!("a body has at most {bytes_max} bytes"),
                )),
            Self::SlowBody => {
                Problem::new(408, "BODY_TOO_SLOW", words::SLOW_BODY).header("connection", "close")
            }
            Self::BrokenBody => Problem::new(400, "BODY_INCOMPLETE", words::BROKEN_BODY),
            Self::MalformedJson { line, column } => malformed_json(*line, *column),
            Self::Shape(faults) => {
                Problem::new(400, "INVALID_BODY", words::INVALID_BODY).errors(faults)
            }
            Self::Meaning(faults) => {
                Problem::new(422, "INVALID_VALUES", words::INVALID_VALUES).errors(faults)
            }
            Self::Path(fault) => one_fault("PATH_PARAMETER_INVALID", words::PATH, fault),
            Self::Query(fault) => one_fault("QUERY_PARAMETER_INVALID", words::QUERY, fault),
            Self::QueryMeaning(fault) => Problem::new(422, "INVALID_VALUES", words::INVALID_VALUES)
                .detail(fault.fault.words())
                .errors(std::slice::from_ref(fault)),
            Self::Header(fault) => Problem::new(400, fault.fault.code.clone(), words::HEADER)
                .detail(fault.fault.words())
                .errors(std::slice::from_ref(fault)),
            Self::Refusal(problem) => (**problem).clone(),
            Self::Ledger(error) => of_ledger(error),
            Self::Desk(error) => of_desk(error),
            Self::TooOften(spent) => too_often(spent),
            Self::ForeignOrigin => Problem::new(403, "ORIGIN_FOREIGN", words::ORIGIN),
            Self::Evidence(error) => of_evidence(error),
            Self::Overloaded {
                retry_after_seconds,
            } => Problem::unavailable(*retry_after_seconds),
            Self::NotReady { unapplied: _ } => Problem::unavailable(5),
            Self::Internal(_) => Problem::internal(),
            Self::Framework(status) => Problem::of_status(*status),
        }
    }
}

fn unauthenticated(refusal: TokenRefusal) -> Problem {
    let challenge = match refusal {
        TokenRefusal::Missing => r#"Bearer realm="creditbank""#,
        TokenRefusal::Malformed
        | TokenRefusal::Invalid
        | TokenRefusal::Expired
        | TokenRefusal::NotYetValid
        | TokenRefusal::UnknownClient => r#"Bearer realm="creditbank", error="invalid_token""#,
    };
    Problem::new(401, refusal.code(), words::UNAUTHENTICATED)
        .detail(refusal.words())
        .header("www-authenticate", challenge)
}

fn too_often(spent: &Standing) -> Problem {
    let (requests, window) = spent.budget();
    let wait = spent.seconds;
    let told = Words::new(
        format!("每 {window} 秒最多 {requests} 次请求,请 {wait} 秒后再试"),
        format!("at most {requests} requests in {window} s; come again in {wait} s"),
    );
    Problem::new(429, "RATE_LIMITED", words::TOO_OFTEN)
        .detail(told)
        .header("retry-after", &wait.to_string())
}

fn of_denied(denied: Denied) -> Problem {
    match denied {
        Denied::NoRight => Problem::new(403, "NO_RIGHT", words::NO_RIGHT),
        Denied::Hidden => Problem::new(404, "NOT_FOUND", words::NOT_FOUND),
    }
}

fn malformed_json(line: usize, column: usize) -> Problem {
    let place = Words::new(
        format!("第 {line} 行第 {column} 列起不是合法的 JSON,或字段重复"),
        format!("not JSON, or a member given twice, at line {line} column {column}"),
    );
    Problem::new(400, "MALFORMED_JSON", words::MALFORMED_JSON).detail(place)
}

fn one_fault(code: &'static str, title: Words, fault: &PlacedFault) -> Problem {
    Problem::new(400, code, title)
        .detail(fault.fault.words())
        .errors(std::slice::from_ref(fault))
}

fn of_ledger(error: &LedgerError) -> Problem {
    match error {
        LedgerError::NotFound => of_denied(Denied::Hidden),
        LedgerError::Denied(denied) => of_denied(*denied),
        LedgerError::Refused(fault) => Problem::of_fault(422, words::REFUSED, fault),
        LedgerError::Conflict(fault) => Problem::of_fault(409, words::CONFLICT, fault),
        LedgerError::NoRoom(fault) => Problem::of_fault(429, words::NO_ROOM, fault),
        LedgerError::Stale { seen, now } => stale(*seen, *now),
        LedgerError::IdempotencyKeyReused => {
            Problem::new(422, "IDEMPOTENCY_KEY_REUSED", words::KEY_REUSED)
        }
        LedgerError::Unavailable(_) | LedgerError::Contended => Problem::unavailable(1),
        LedgerError::RolledBack
        | LedgerError::WrongIdentityKey
        | LedgerError::MalformedIdentityKey
        | LedgerError::Corrupt(_)
        | LedgerError::Migration(_)
        | LedgerError::Database(_) => Problem::internal(),
    }
}

fn stale(seen: u32, now: u32) -> Problem {
    let told = Words::new(
        format!("您看到的是版本 {seen},现为版本 {now};请重新读取后再试"),
        format!("version {seen} was read and {now} stands by now; read it again and try once more"),
    );
    Problem::new(412, "VERSION_STALE", words::STALE)
        .detail(told)
        .header("etag", &entity_tag(u64::from(now)))
}

fn of_desk(error: &DeskError) -> Problem {
    match error {
        DeskError::NotFound => of_denied(Denied::Hidden),
        DeskError::Denied(denied) => of_denied(*denied),
        DeskError::StillRunning => Problem::new(409, "IMPORT_STILL_RUNNING", words::STILL_RUNNING)
            .header("retry-after", "5"),
        DeskError::Refused(fault) => Problem::of_fault(422, words::REFUSED, fault),
        DeskError::Busy {
            retry_after_seconds,
        } => Problem::unavailable(*retry_after_seconds),
        DeskError::Ledger(error) => of_ledger(error),
        DeskError::Storage(_) => Problem::internal(),
    }
}

fn of_evidence(error: &EvidenceError) -> Problem {
    match error {
        EvidenceError::OtherKind(fault) => Problem::of_fault(422, words::REFUSED, fault),
        EvidenceError::Store(VaultError::Store(_)) => Problem::unavailable(5),
        EvidenceError::Ledger(error) => of_ledger(error),
        EvidenceError::Store(
            VaultError::NotThere | VaultError::TooLarge | VaultError::Unusable(_),
        )
        | EvidenceError::Changed
        | EvidenceError::Unreadable(_) => Problem::internal(),
    }
}

/// The titles, one for each kind of refusal.
mod words {
    use super::Words;

    pub(super) const ROUTE_UNKNOWN: Words = Words::fixed("没有这个地址", "there is no such route");
    pub(super) const METHOD_NOT_ALLOWED: Words =
        Words::fixed("该地址不支持此方法", "the route does not have this method");
    pub(super) const MEDIA_TYPE: Words = Words::fixed(
        "请求体类型不受支持",
        "the body is of a media type that is not read here",
    );
    pub(super) const TOO_LARGE: Words = Words::fixed("请求体过大", "the body is too large");
    pub(super) const SLOW_BODY: Words =
        Words::fixed("请求体未按时送达", "the body did not arrive in time");
    pub(super) const BROKEN_BODY: Words =
        Words::fixed("请求体不完整", "the body did not arrive whole");
    pub(super) const MALFORMED_JSON: Words =
        Words::fixed("请求体不是合法的 JSON", "the body is not JSON");
    pub(super) const INVALID_BODY: Words = Words::fixed(
        "请求体格式不符",
        "the body has another shape than the operation reads",
    );
    pub(super) const INVALID_VALUES: Words =
        Words::fixed("请求中的值无效", "values of the request mean nothing");
    pub(super) const PATH: Words =
        Words::fixed("地址中的参数无效", "a part of the path is malformed");
    pub(super) const QUERY: Words = Words::fixed(
        "查询参数无效",
        "a query parameter is not known or not readable",
    );
    pub(super) const HEADER: Words =
        Words::fixed("请求头缺失或无效", "a header is missing or not readable");
    pub(super) const UNAUTHENTICATED: Words =
        Words::fixed("身份未经确认", "the caller is not known");
    pub(super) const NO_RIGHT: Words =
        Words::fixed("没有此项权限", "this client has no right to do that");
    pub(super) const NOT_FOUND: Words =
        Words::fixed("没有找到", "there is no such thing for this client");
    pub(super) const REFUSED: Words = Words::fixed("按规则不予受理", "a rule refuses it");
    pub(super) const CONFLICT: Words =
        Words::fixed("与已有记录冲突", "it contradicts what is there");
    pub(super) const NO_ROOM: Words = Words::fixed("空间不足", "there is no room for it");
    pub(super) const TOO_OFTEN: Words =
        Words::fixed("请求过于频繁", "more requests than the budget has");
    pub(super) const ORIGIN: Words = Words::fixed(
        "该网页来源未获准访问",
        "pages of this origin may not call the bank",
    );
    pub(super) const STALE: Words = Words::fixed(
        "读取之后已有人更改",
        "somebody has changed it since it was read",
    );
    pub(super) const KEY_REUSED: Words = Words::fixed(
        "该 Idempotency-Key 已用于另一请求,请换一个",
        "the idempotency key was used for another request; use a fresh one",
    );
    pub(super) const STILL_RUNNING: Words = Words::fixed(
        "导入尚未结束,请稍后再取",
        "the import is still running; come again",
    );
}

#[cfg(test)]
mod tests;
