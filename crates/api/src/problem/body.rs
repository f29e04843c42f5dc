//! What a client is told, before its language is known, and the form in which it is sent.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use creditbank_domain::conversion::Explanation;
use creditbank_domain::fault::Fault;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::PlacedFault;

/// A sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"zh": "没有找到", "en": "there is no such thing for this client"}))]
pub(crate) struct Words {
    /// 中文
    pub(crate) zh: Cow<'static, str>,
    /// English
    pub(crate) en: Cow<'static, str>,
}

impl From<&Explanation> for Words {
    fn from(text: &Explanation) -> Self {
        Self::new(text.zh.clone(), text.en.clone())
    }
}

impl Words {
    pub(crate) const fn fixed(zh: &'static str, en: &'static str) -> Self {
        Self {
            zh: Cow::Borrowed(zh),
            en: Cow::Borrowed(en),
        }
    }

    pub(crate) fn new(zh: impl Into<Cow<'static, str>>, en: impl Into<Cow<'static, str>>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }
}

/// A coded reason in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct FaultView {
    /// Stable, upper snake case.
    #[schema(example = "GRADE_OUT_OF_RANGE")]
    pub(crate) code: Cow<'static, str>,
    /// 中文
    #[schema(example = "成绩应在 0 到 100 之间")]
    pub(crate) zh: String,
    /// English
    #[schema(example = "a score is at least 0 and at most 100")]
    pub(crate) en: String,
}

impl FaultView {
    pub(crate) fn words(&self) -> Words {
        Words::new(self.zh.clone(), self.en.clone())
    }
}

impl From<Fault> for FaultView {
    fn from(fault: Fault) -> Self {
        Self {
            code: Cow::Borrowed(fault.code),
            zh: fault.zh,
            en: fault.en,
        }
    }
}

impl From<&Fault> for FaultView {
    fn from(fault: &Fault) -> Self {
        Self::from(fault.clone())
    }
}

/// A refusal in both languages. Serialises, because the ledger carries rendered refusals as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    pub(crate) code: Cow<'static, str>,
    pub(crate) title: Words,
    pub(crate) detail: Option<Words>,
    pub(crate) errors: Vec<PlacedFault>,
    pub(crate) headers: Vec<(String, String)>,
}

impl Problem {
    pub(crate) fn new(status: u16, code: impl Into<Cow<'static, str>>, title: Words) -> Self {
        let code = code.into();
        Self {
            status,
            code,
            title,
            detail: None,
            errors: Vec::new(),
            headers: Vec::new(),
        }
    }

    pub(crate) fn of_fault(status: u16, title: Words, fault: &Fault) -> Self {
        Self::new(status, fault.code, title).detail(Words::new(fault.zh.clone(), fault.en.clone()))
    }

    pub(crate) fn unavailable(retry_after_seconds: u32) -> Self {
        let title = Words::fixed("系统繁忙,请稍后重试", "the bank is busy; come again");
        Self::new(503, "UNAVAILABLE", title).header("retry-after", &retry_after_seconds.to_string())
    }

    pub(crate) fn internal() -> Self {
        let title = Words::fixed("系统内部错误", "something went wrong on our side");
        Self::new(500, "INTERNAL", title)
    }

    /// What actix refused before any of our own code saw it.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            500 | 501 | 505.. => Self::internal(),
            502..=504 => Self::unavailable(1),
            status => {
                let title = Words::fixed("请求不符合 HTTP", "the request could not be read");
                Self::new(status, "REQUEST_UNREADABLE", title)
            }
        }
    }

    pub(crate) fn detail(mut self, detail: Words) -> Self {
        self.detail = Some(detail);
        self
    }

    pub(crate) fn errors(mut self, errors: &[PlacedFault]) -> Self {
        self.errors = errors.to_vec();
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
