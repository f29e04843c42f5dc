//! What a person at the keyboard reads when something is wrong: a code, both languages, a way out.

use std::fmt;

use creditbank_domain::authz::Denied;
use creditbank_domain::fault::Fault;
use creditbank_ledger::LedgerError;

/// What is wrong and what to do about it.
#[derive(Debug)]
pub(crate) struct Problem {
    code: &'static str,
    zh: String,
    en: String,
    todo_zh: String,
    todo_en: String,
}

impl Problem {
    pub(crate) fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            code,
            zh: zh.into(),
            en: en.into(),
            todo_zh: String::new(),
            todo_en: String::new(),
        }
    }

    /// Says what to do.
    pub(crate) fn todo(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.todo_zh = zh.into();
        self.todo_en = en.into();
        self
    }

    /// The same for a fault, whose sentences already say what to do.
    pub(crate) fn of_fault(fault: &Fault) -> Self {
        Self::new(fault.code, fault.zh.clone(), fault.en.clone())
    }

    #[cfg(test)]
    pub(crate) const fn code(&self) -> &'static str {
        self.code
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  {}\n  {}", self.code, self.zh, self.en)?;
        if !self.todo_zh.is_empty() {
            write!(
                f,
                "\n  怎么办:{}\n  What to do: {}",
                self.todo_zh, self.todo_en
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        Self::new("DENIED", "没有权限", denied.to_string())
    }
}

impl From<LedgerError> for Problem {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::NotFound => Self::new("NOT_FOUND", "没有找到", "there is no such thing")
                .todo("请核对编号", "check the number or id"),
            LedgerError::Denied(denied) => Self::from(denied),
            LedgerError::Refused(fault)
            | LedgerError::Conflict(fault)
            | LedgerError::NoRoom(fault) => Self::of_fault(&fault),
            LedgerError::IdempotencyKeyReused => Self::new(
                "IDEMPOTENCY_KEY_REUSED",
                "同一幂等键已用于内容不同的请求",
                "the idempotency key was used for another request",
            ),
            LedgerError::Unavailable(source) => Self::unavailable(&source.to_string()),
            LedgerError::WrongIdentityKey => Self::new(
                "WRONG_IDENTITY_KEY",
                "身份密钥与本库不符",
                "the identity key is not the one this bank was sealed with",
            )
            .todo(
                "请把 CREDITBANK_IDENTITY_KEY 设为建库时所用的密钥",
                "set CREDITBANK_IDENTITY_KEY to the key this bank was opened with",
            ),
            LedgerError::MalformedIdentityKey => Self::new(
                "MALFORMED_IDENTITY_KEY",
                "身份密钥应为 64 位十六进制数字",
                "an identity key is 64 hexadecimal digits",
            )
            .todo(
                "可用 creditbank keys generate 生成",
                "make one with creditbank keys generate",
            ),
            other => Self::internal(&other),
        }
    }
}

impl Problem {
    fn unavailable(reason: &str) -> Self {
        let reason = reason.trim();
        Self::new(
            "DATABASE_UNAVAILABLE",
            format!("数据库无法连接({reason})"),
            format!("the database cannot be reached ({reason})"),
        )
        .todo(
            "请检查 DATABASE_URL 以及数据库是否在运行",
            "check DATABASE_URL and whether the database is running",
        )
    }

    /// What nobody at the keyboard can help, with its whole chain for a report.
    pub(crate) fn internal(error: &dyn std::error::Error) -> Self {
        let chain = chain(error);
        Self::new(
            "INTERNAL",
            format!("内部错误:{chain}"),
            format!("internal error: {chain}"),
        )
        .todo(
            "请先运行 creditbank migrate;仍有问题请附上本段文字报告",
            "run creditbank migrate first; if it stays, report it with this text",
        )
    }
}

/// An error with everything behind it, for a log or a report.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut chain = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        chain = format!("{chain}: {inner}");
        source = inner.source();
    }
    chain
}
