//! Conditional reads: what a client has seen and what has not changed since is not sent again.
//!
//! For what is the same for everybody, or carries `private`: an entity tag is a digest of the
//! answer, so that two servers give the same one, and weak, because the answer may be compressed.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, EntityTag, Header as _, IF_NONE_MATCH, IfNoneMatch,
};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use utoipa::IntoParams;

use crate::problem::ApiError;

/// For one caller, who asks again each time.
pub(crate) const OWN_ASK_AGAIN: &str = "private, no-cache";

/// Whoever may keep it asks again each time, which costs a 304.
pub(crate) const ASK_AGAIN: &str = "no-cache";

/// The header of a conditional read, for the document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header that unless_seen reads")]
pub(crate) struct IfNoneMatchHeader {
    /// The ETag of what was read before; 304 without a body where it is still that.
    #[serde(rename = "If-None-Match")]
    #[param(rename = "If-None-Match", example = "W/\"6b86b273ff34fce1\"")]
    if_none_match: Option<String>,
}

/// As [`unless_seen`], of a body in JSON.
pub(crate) fn json_unless_seen(
    request: &HttpRequest,
    cache_control: &'static str,
    body: &impl Serialize,
) -> Result<HttpResponse, ApiError> {
    let body = serde_json::to_vec(body)
        .map_err(|_| ApiError::Internal("an answer could not be rendered"))?;
    Ok(unless_seen(
        request,
        "application/json",
        cache_control,
        body,
    ))
}

/// 200 with the body and its tag, or 304 where the client names that tag.
pub(crate) fn unless_seen(
    request: &HttpRequest,
    media: &str,
    cache_control: &'static str,
    body: Vec<u8>,
) -> HttpResponse {
    let tag = tag_of(&body);
    let seen = Seen::of(request).has(&tag);
    let mut answer = if seen {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    answer.insert_header((ETAG, tag.to_string()));
    answer.insert_header((CACHE_CONTROL, cache_control));
    if seen {
        answer.finish()
    } else {
        answer.insert_header((CONTENT_TYPE, media)).body(body)
    }
}

/// The entity tag of a body.
pub(crate) fn tag_of(body: &[u8]) -> EntityTag {
    let digest = hex::encode(Sha256::digest(body));
    EntityTag::new_weak(digest.chars().take(32).collect())
}

/// What a client says that it has; nothing where it says nothing.
#[derive(Default)]
pub(crate) struct Seen(Option<IfNoneMatch>);

impl Seen {
    /// A header that cannot be read says nothing.
    pub(crate) fn of(request: &impl HttpMessage) -> Self {
        let named = request.headers().contains_key(IF_NONE_MATCH);
        Self(named.then(|| IfNoneMatch::parse(request).ok()).flatten())
    }

    pub(crate) fn has(&self, tag: &EntityTag) -> bool {
        match &self.0 {
            None => false,
            Some(IfNoneMatch::Any) => true,
            Some(IfNoneMatch::Items(tags)) => tags.iter().any(|seen| seen.weak_eq(tag)),
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;
    use actix_web::test::TestRequest;

    use super::*;
    use proptest::prelude::*;

    fn ask(seen: Option<&str>, body: &str) -> HttpResponse {
        let request = seen.map_or_else(TestRequest::get, |seen| {
            TestRequest::get().insert_header(("if-none-match", seen))
        });
        let request = request.to_http_request();
        unless_seen(&request, "text/plain", ASK_AGAIN, body.into())
    }

    #[test]
    fn what_was_seen_is_not_sent_again_and_what_changed_is() {
        let first = ask(None, "one");
        assert_eq!(first.status(), StatusCode::OK);
        let tag = first
            .headers()
            .get(ETAG)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        assert!(tag.starts_with("W/\""), "{tag}");
        let strong = tag.trim_start_matches("W/").to_owned();
        for seen in [tag.as_str(), &strong, "*", &format!("\"x\", {tag}")] {
            let again = ask(Some(seen), "one");
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{seen}");
            assert_eq!(again.headers().get(ETAG), first.headers().get(ETAG));
            assert_eq!(again.headers().get(CACHE_CONTROL).unwrap(), ASK_AGAIN);
        }
        for seen in ["\"x\"", "", "x", "W/", "\""] {
            assert_eq!(ask(Some(seen), "one").status(), StatusCode::OK, "{seen}");
        }
        assert_eq!(ask(Some(&tag), "two").status(), StatusCode::OK);
    }

    proptest! {
        #[test]
        fn a_tag_is_found_in_any_list_that_names_it_and_in_no_other(
            body in any::<Vec<u8>>(),
            others in proptest::collection::vec("(W/)?\"[a-z0-9]{0,40}\"", 0..6),
            at in any::<prop::sample::Index>(),
        ) {
            let tag = tag_of(&body);
            let seen = |list: &[String]| {
                let request = TestRequest::get().insert_header(("if-none-match", list.join(", ")));
                Seen::of(&request.to_http_request()).has(&tag)
            };
            prop_assert!(!seen(&others));
            let mut list = others;
            list.insert(at.index(list.len() + 1), tag.to_string());
            prop_assert!(seen(&list));
        }

        #[test]
        fn what_is_no_list_of_tags_has_seen_nothing(header in "[ -~]{0,60}") {
            let request = TestRequest::get().insert_header(("if-none-match", header.as_str()));
            let seen = Seen::of(&request.to_http_request()).has(&tag_of(b"one"));
            prop_assert_eq!(seen, header.trim() == "*");
        }
    }
}
