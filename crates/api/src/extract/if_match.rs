//! `If-Match`: which version of a thing the caller has seen.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::IF_MATCH;
use actix_web::{FromRequest, HttpRequest};
use creditbank_domain::fault::Fault;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::problem::ApiError;

/// The header, for the document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header that SeenVersion reads")]
pub(crate) struct IfMatchHeader {
    /// The `ETag` of what was read. Where somebody has changed it since, nothing is done and the
    /// answer is 412. Absent or `*`: whatever stands.
    #[param(
        rename = "If-Match",
        required = false,
        max_length = 20,
        pattern = r#"^(\*|"[0-9]{1,9}")$"#,
        example = r#""3""#
    )]
    #[serde(rename = "If-Match")]
    if_match: String,
}

/// The version that the caller has seen; nothing where it does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeenVersion(pub(crate) Option<u32>);

/// The tag of a version, a strong one.
pub(crate) fn entity_tag(version: u64) -> String {
    format!("\"{version}\"")
}

impl FromRequest for SeenVersion {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut values = request.headers().get_all(IF_MATCH);
        let seen = match (values.next(), values.next()) {
            (None, _) => Ok(Self(None)),
            (Some(value), None) => value.to_str().ok().and_then(parse).ok_or_else(malformed),
            (Some(_), Some(_)) => Err(malformed()),
        };
        ready(seen.map_err(|fault| ApiError::header("If-Match", fault)))
    }
}

fn parse(header: &str) -> Option<SeenVersion> {
    let text = header.trim();
    if text == "*" {
        return Some(SeenVersion(None));
    }
    let digits = text.strip_prefix('"')?.strip_suffix('"')?;
    let number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let version = Some(digits).filter(|_| number)?.parse().ok()?;
    Some(SeenVersion(Some(version)))
}

fn malformed() -> Fault {
    Fault::new(
        "IF_MATCH_MALFORMED",
        "If-Match 应为读取时返回的 ETag,例如 \"3\",只能有一个",
        "If-Match is the one ETag that was read, such as \"3\"",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_tag_comes_back_as_it_went_and_anything_else_is_refused() {
        assert_eq!(parse(&entity_tag(17)), Some(SeenVersion(Some(17))));
        assert_eq!(parse(" * "), Some(SeenVersion(None)));
        for wrong in [
            "",
            "17",
            "\"\"",
            "\"+1\"",
            "W/\"1\"",
            "\"1\", \"2\"",
            "\"99999999999\"",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn every_version_comes_back_and_no_text_is_read_as_another(
            version in any::<u32>(), text in any::<String>(), near in r#"W?/?"{0,2}[ 0-9*+,-]{0,12}"{0,2}"#,
        ) {
            let tag = entity_tag(version.into());
            prop_assert_eq!(parse(&tag), Some(SeenVersion(Some(version))));
            for text in [text, near] {
                let Some(SeenVersion(seen)) = parse(&text) else { continue };
                let (said, shortened) = (text.trim(), text.replace(['"', ' '], ""));
                match seen {
                    None => prop_assert_eq!(said, "*"),
                    Some(seen) => {
                        prop_assert!(said.starts_with('"') && said.ends_with('"'));
                        prop_assert_eq!(shortened.trim_start_matches('0').parse().unwrap_or(0), seen);
                    }
                }
            }
        }
    }
}
