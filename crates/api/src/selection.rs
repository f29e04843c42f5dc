//! `fields`: the members of an answer that its caller wants, cut out of what the handler answered.
//!
//! The handler knows nothing of it: it reads, and notes who read, as for the whole answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, IF_NONE_MATCH};
use creditbank_domain::fault::Fault;
use serde_json::Value;

use crate::conditional::{Seen, tag_of};
use crate::endpoints::Endpoint;
use crate::extract::{pairs, single};
use crate::openapi::{FIELDS, PAGING, Selectable, selectable};
use crate::problem::{ApiError, PlacedFault};

/// By the path of the operation.
static SELECTABLE: LazyLock<BTreeMap<String, Selectable>> = LazyLock::new(selectable);

/// What one request wants.
pub(crate) struct Selection {
    of: &'static Selectable,
    names: BTreeSet<String>,
    seen: Seen,
}

impl Selection {
    /// Nothing where the whole answer is wanted.
    ///
    /// # Errors
    /// Where a name is none of the answer's.
    pub(crate) fn take(
        endpoint: &Endpoint,
        request: &mut ServiceRequest,
    ) -> Result<Option<Self>, ApiError> {
        if !endpoint.query.contains(&FIELDS) {
            return Ok(None);
        }
        let Some(of) = SELECTABLE.get(endpoint.path) else {
            return Err(ApiError::Internal(
                "an operation has nothing to choose from",
            ));
        };
        let pairs = pairs(request.query_string());
        let Some(text) = single(&pairs, FIELDS).map_err(ApiError::query)? else {
            return Ok(None);
        };
        let names = read(of, text).map_err(ApiError::query)?;
        // The tag that the client has is one of the part, and the handler knows only the whole.
        let seen = Seen::of(request);
        request.headers_mut().remove(IF_NONE_MATCH);
        Ok(Some(Self { of, names, seen }))
    }

    /// The answer with what is wanted of it; a refusal as it is.
    pub(crate) async fn cut(
        &self,
        response: ServiceResponse<impl MessageBody + 'static>,
    ) -> ServiceResponse<BoxBody> {
        if response.status() != StatusCode::OK {
            return response.map_into_boxed_body();
        }
        let (request, response) = response.into_parts();
        let (head, body) = response.into_parts();
        let whole = to_bytes(body).await.ok();
        let part = whole.and_then(|whole| self.part(&whole));
        let Some(part) = part else {
            let broken = ApiError::Internal("an answer could not be cut");
            return ServiceResponse::from_err(broken, request);
        };
        ServiceResponse::new(request, self.answer(head, part))
    }

    fn answer(&self, mut head: HttpResponse<()>, part: Vec<u8>) -> HttpResponse {
        // A version stays one: it is what `If-Match` wants, whatever was shown of it.
        let tag = head.headers().get(ETAG);
        if tag.is_some_and(|tag| tag.as_bytes().starts_with(b"W/")) {
            let tag = tag_of(&part);
            if let Ok(value) = tag.to_string().parse() {
                head.headers_mut().insert(ETAG, value);
            }
            if self.seen.has(&tag) {
                *head.status_mut() = StatusCode::NOT_MODIFIED;
                return head.drop_body().map_into_boxed_body();
            }
        }
        head.set_body(part).map_into_boxed_body()
    }

    fn part(&self, whole: &[u8]) -> Option<Vec<u8>> {
        let mut answer: Value = serde_json::from_slice(whole).ok()?;
        match &self.of.list {
            None => self.keep(&mut answer),
            Some(list) => {
                let elements = answer.get_mut(list)?.as_array_mut()?;
                elements.iter_mut().for_each(|it| self.keep(it));
            }
        }
        serde_json::to_vec(&answer).ok()
    }

    fn keep(&self, element: &mut Value) {
        if let Value::Object(members) = element {
            members.retain(|name, _| self.names.contains(name) || PAGING.contains(&name.as_str()));
        }
    }
}

fn read(of: &Selectable, text: &str) -> Result<BTreeSet<String>, PlacedFault> {
    let names: BTreeSet<String> = text.split(',').map(str::to_owned).collect();
    if names.iter().all(|name| of.names.contains(name)) {
        return Ok(names);
    }
    let known = of.names.join(", ");
    let fault = Fault::new(
        "FIELDS_UNKNOWN",
        format!("fields 中有未知字段;可用字段:{known}"),
        format!("fields names what is not there; there are {known}"),
    );
    Err(PlacedFault::of_parameter(FIELDS, fault))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use proptest::prelude::*;

    fn selectable(list: Option<&str>) -> &'static Selectable {
        Box::leak(Box::new(Selectable {
            list: list.map(str::to_owned),
            names: ["a", "b", "c"].map(str::to_owned).to_vec(),
        }))
    }

    fn part(list: Option<&str>, text: &str, whole: &Value) -> Value {
        let of = selectable(list);
        let selection = Selection {
            of,
            names: read(of, text).unwrap(),
            seen: Seen::default(),
        };
        let part = selection.part(whole.to_string().as_bytes()).unwrap();
        serde_json::from_slice(&part).unwrap()
    }

    #[test]
    fn only_what_is_named_is_left_and_a_page_stays_a_page() {
        let whole =
            json!({ "list": [{ "a": 1, "b": { "a": 2 } }, { "b": null }, {}], "next": "x" });
        assert_eq!(
            part(Some("list"), "a", &whole),
            json!({ "list": [{ "a": 1 }, {}, {}], "next": "x" })
        );
        assert_eq!(
            part(Some("list"), "c,b,b", &whole),
            json!({ "list": [{ "b": { "a": 2 } }, { "b": null }, {}], "next": "x" })
        );
        assert_eq!(
            part(None, "b", &json!({ "a": 1, "b": [{ "a": 2 }] })),
            json!({ "b": [{ "a": 2 }] })
        );
    }

    #[test]
    fn what_is_not_there_is_refused_with_what_is() {
        for text in ["", "d", "a,d", "a,,b", "a, b", "A", "a.b", "a,"] {
            let fault = read(selectable(None), text).unwrap_err().fault;
            assert_eq!(fault.code, "FIELDS_UNKNOWN", "{text}");
            assert!(fault.en.ends_with("a, b, c"), "{text}");
            assert!(fault.zh.ends_with("a, b, c"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_chosen_is_there_and_the_rest_of_the_answer_is_gone(
            text in any::<String>(), near in "[abcd,. ]{0,8}",
            known in proptest::collection::vec("[abc]", 1..6),
        ) {
            prop_assert!(read(selectable(None), &known.join(",")).is_ok());
            let whole = json!({ "a": 1, "b": 2, "c": 3 });
            for text in [text, near] {
                let named: BTreeSet<&str> = text.split(',').collect();
                let fine = named.iter().all(|it| ["a", "b", "c"].contains(it));
                prop_assert_eq!(read(selectable(None), &text).is_ok(), fine);
                if fine {
                    let part = part(None, &text, &whole);
                    let kept: BTreeSet<&str> =
                        part.as_object().unwrap().keys().map(String::as_str).collect();
                    prop_assert_eq!(kept, named);
                }
            }
        }
    }
}
