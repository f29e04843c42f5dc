//! Pages of a list: an opaque cursor and a limit.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use creditbank_domain::fault::Fault;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::query::{pairs, single};
use crate::problem::{ApiError, PlacedFault};

pub(super) const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MAX: u32 = 200;

/// The query parameters of a list, for the document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters that PageQuery reads")]
pub(crate) struct PageParameters {
    /// Where the page before ended: its `next_cursor`. Absent for the first page.
    #[param(
        pattern = "^[A-Za-z0-9_-]{21}[AQgw]$",
        example = "AZeiwGoAfD6dSy8eimtcAw"
    )]
    cursor: Option<String>,
    /// How many to answer at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
}

/// The query parameters of what is answered whole where no page is asked for, for the document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters that AnyPage reads")]
pub(crate) struct AnyPageParameters {
    /// Where the page before ended: its `next_cursor`.
    #[param(
        pattern = "^[A-Za-z0-9_-]{21}[AQgw]$",
        example = "AZeiwGoAfD6dSy8eimtcAw"
    )]
    cursor: Option<String>,
    /// How many to answer at most; without it and without a cursor all are answered.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// Which page is asked for of what is answered whole where none is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AnyPage(pub(crate) Option<PageQuery>);

impl FromRequest for AnyPage {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = request.query_string();
        let asked = pairs(query)
            .iter()
            .any(|(name, _)| matches!(name.as_ref(), "cursor" | "limit"));
        let page = asked.then(|| PageQuery::parse(query)).transpose();
        ready(page.map(Self).map_err(ApiError::Query))
    }
}

/// Which page of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageQuery {
    pub(crate) after: Option<Uuid>,
    pub(crate) limit: u32,
}

impl FromRequest for PageQuery {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::parse(request.query_string()).map_err(ApiError::Query))
    }
}

impl PageQuery {
    /// How many rows are fetched: one more than asked tells whether another page follows.
    pub(crate) const fn fetched(self) -> u32 {
        self.limit.saturating_add(1)
    }

    /// How many of the rows are shown.
    pub(crate) fn shown_max(self) -> usize {
        usize::try_from(self.limit).unwrap_or(usize::MAX)
    }

    /// After which row, and how many are fetched.
    pub(crate) const fn window(self) -> (Option<Uuid>, u32) {
        (self.after, self.fetched())
    }

    pub(super) fn parse(query: &str) -> Result<Self, PlacedFault> {
        let pairs = pairs(query);
        let after = single(&pairs, "cursor")?.map(read_cursor).transpose()?;
        let limit = single(&pairs, "limit")?
            .map(read_limit)
            .transpose()?
            .unwrap_or(LIMIT_DEFAULT);
        Ok(Self { after, limit })
    }
}

pub(super) fn read_limit(text: &str) -> Result<u32, PlacedFault> {
    text.parse()
        .ok()
        .filter(|limit| (1..=LIMIT_MAX).contains(limit) && !text.starts_with('+'))
        .ok_or_else(|| {
            let fault = Fault::new(
                "LIMIT_OUT_OF_RANGE",
                format!("limit 应为 1 到 {LIMIT_MAX}"),
                format!("a limit is 1 to {LIMIT_MAX}"),
            );
            PlacedFault::of_parameter("limit", fault)
        })
}

fn read_cursor(text: &str) -> Result<Uuid, PlacedFault> {
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    Uuid::from_slice(&bytes).map_err(|_| PlacedFault::of_parameter("cursor", cursor_unknown()))
}

fn cursor_unknown() -> Fault {
    Fault::new(
        "CURSOR_UNKNOWN",
        "cursor 应为上一页返回的 next_cursor",
        "a cursor is the next_cursor of the page before",
    )
}

/// The cursor of whatever follows this row.
fn cursor_after(last: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(last.as_bytes())
}

/// A page of at most `limit` from rows of which one more was fetched, and the cursor of the next
/// page where that one is there.
pub(crate) fn cut<T>(rows: &[T], limit: u32, id: impl Fn(&T) -> Uuid) -> (&[T], Option<String>) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let page = rows.get(..limit).unwrap_or(rows);
    let last = page.last().filter(|_| rows.len() > page.len());
    let cursor = last.map(|last| cursor_after(id(last)));
    (page, cursor)
}

/// The query parameters of a list that is in the order of names, for the document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters that NamePage reads")]
pub(crate) struct NamePageParameters {
    /// Where the page before ended: its `next_cursor`. Absent for the first page.
    #[param(example = "57un5pWZMTI")]
    cursor: Option<String>,
    /// How many to answer at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
}

/// The same of a list that came in larger pages before it came in pages that somebody asks for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters that NamePage reads")]
pub(crate) struct LargeNamePageParameters {
    /// Where the page before ended: its `next_cursor`. Absent for the first page.
    #[param(example = "57un5pWZMTI")]
    cursor: Option<String>,
    /// How many to answer at most; without it 1,000.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// A page of a list that is in the order of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamePage {
    pub(crate) after: Option<String>,
    pub(crate) limit: u32,
    is_limit_asked: bool,
}

impl NamePage {
    /// The same with so many rows where nobody said how many.
    pub(crate) fn of_most(self, most: u32) -> Self {
        let limit = if self.is_limit_asked {
            self.limit
        } else {
            most
        };
        Self { limit, ..self }
    }
}

impl FromRequest for NamePage {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let pairs = pairs(request.query_string());
        let read = || {
            let cursor = single(&pairs, "cursor")?;
            let limit = single(&pairs, "limit")?.map(read_limit).transpose()?;
            Ok(Self {
                after: cursor.map(read_name).transpose()?,
                limit: limit.unwrap_or(LIMIT_DEFAULT),
                is_limit_asked: limit.is_some(),
            })
        };
        // Any text could be a name in another bank's list: a cursor of ours is known by its meaning.
        let refused = |wrong: PlacedFault| match wrong.parameter.as_deref() {
            Some("cursor") => ApiError::QueryMeaning(wrong),
            _ => ApiError::Query(wrong),
        };
        ready(read().map_err(refused))
    }
}

fn read_name(text: &str) -> Result<String, PlacedFault> {
    let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
    let name = String::from_utf8(bytes).unwrap_or_default();
    if name.is_empty() || name.contains('\0') {
        return Err(PlacedFault::of_parameter("cursor", cursor_unknown()));
    }
    Ok(name)
}

/// The cursor of whatever follows this name.
pub(crate) fn name_cursor(last: &str) -> String {
    URL_SAFE_NO_PAD.encode(last.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let id = Uuid::from_u128(7);
        let cursor = cursor_after(id);
        let page = PageQuery::parse(&format!("cursor={cursor}&limit=200")).unwrap();
        assert_eq!(
            page,
            PageQuery {
                after: Some(id),
                limit: 200
            }
        );
        assert_eq!(
            PageQuery::parse("").unwrap(),
            PageQuery {
                after: None,
                limit: 50
            }
        );
    }

    #[test]
    fn what_is_no_page_is_refused_with_its_code() {
        let code = |query| PageQuery::parse(query).unwrap_err().fault.code;
        for query in [
            "limit=0",
            "limit=201",
            "limit=-1",
            "limit=%2B5",
            "limit=x",
            "limit=",
        ] {
            assert_eq!(code(query), "LIMIT_OUT_OF_RANGE", "{query}");
        }
        for query in ["cursor=", "cursor=x", "cursor=AAAA", "cursor=%00"] {
            assert_eq!(code(query), "CURSOR_UNKNOWN", "{query}");
        }
        assert_eq!(code("limit=1&limit=2"), "PARAMETER_REPEATED");
    }

    proptest! {
        #[test]
        fn every_cursor_comes_back_and_two_places_never_share_one(
            id in any::<u128>(), name in "[^\0]{1,100}", other in "[^\0]{1,100}",
        ) {
            let id = Uuid::from_u128(id);
            prop_assert_eq!(read_cursor(&cursor_after(id)).unwrap(), id);
            prop_assert_eq!(&read_name(&name_cursor(&name)).unwrap(), &name);
            prop_assert_eq!(name_cursor(&name) == name_cursor(&other), name == other);
        }

        #[test]
        fn whatever_is_read_as_a_place_has_that_cursor_and_no_second_one(
            text in any::<String>(), near in "[A-Za-z0-9_-]{0,24}", number in "[+-]?[0-9]{1,4}",
        ) {
            for text in [text, near, number] {
                if let Ok(id) = read_cursor(&text) {
                    prop_assert_eq!(cursor_after(id), &*text);
                }
                if let Ok(name) = read_name(&text) {
                    prop_assert_eq!(name_cursor(&name), &*text);
                }
                if let Ok(limit) = read_limit(&text) {
                    prop_assert!((1..=LIMIT_MAX).contains(&limit));
                    prop_assert!(text.bytes().all(|byte| byte.is_ascii_digit()));
                }
            }
        }
    }
}
