//! The refusals of an operation as the OpenAPI document lists them.

use std::collections::BTreeMap;

use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema, openapi};

use super::render::ProblemView;

macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident: $($status:literal)+;)+) => {
        $(
            $(#[$doc])*
            pub(crate) struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    [$($status),+]
                        .into_iter()
                        .map(|status| (status.to_owned(), RefOr::T(response(status))))
                        .collect()
                }
            }
        )+
    };
}

problems! {
    /// Of every operation that needs a token.
    CallerProblems: "400" "401" "403" "429" "500" "503";
    /// Of operations that read one thing.
    ReadProblems: "404";
    /// Of reads that a rule may refuse.
    RuleProblems: "422";
    /// Of operations with something in their path.
    PathProblems: "404";
    /// Of operations that read a JSON body.
    BodyProblems: "408" "413" "415" "422";
    /// Of operations that need an idempotency key.
    IdempotencyProblems: "409" "422";
    /// Of operations that need a thing to be in some state.
    StateProblems: "409";
    /// Of operations on a thing that somebody else may have changed.
    VersionProblems: "409" "412";
    /// Of operations that only wait for the database.
    BusyProblems: "400" "429" "500" "503";
    /// Of operations that anybody may call and that need nothing.
    OpenProblems: "400" "429";
    /// Of the upload.
    UploadProblems: "408" "413" "415" "422";
}

fn response(status: &str) -> Response {
    let description = match status {
        "400" => "The request is malformed; `errors` names each place.",
        "401" => "No token, or one that is not honoured.",
        "403" => "This client has no right to do that.",
        "404" => "There is no such thing, or it is somebody else's.",
        "408" => "The body did not arrive in time.",
        "409" => "It contradicts what is there, or the same request is still running.",
        "412" => "Somebody has changed it since the version that `If-Match` names.",
        "413" => "The body is too large.",
        "415" => "The body is of another media type.",
        "422" => "A rule refuses it, or the values mean nothing; nothing was changed.",
        "429" => {
            "More than the caller has left: of requests, come again after `Retry-After` seconds; of bytes for \
             files, `detail` has the figures."
        }
        "503" => "The bank is busy; come again after `Retry-After` seconds.",
        _ => "Something went wrong on our side.",
    };
    let content = ContentBuilder::new()
        .schema(Some(RefOr::Ref(Ref::from_schema_name(ProblemView::name()))))
        .build();
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content)
        .build()
}

/// The schemas that the responses refer to, for the document's components.
pub(crate) fn schemas() -> Vec<(String, RefOr<openapi::Schema>)> {
    let mut schemas = Vec::new();
    ProblemView::schemas(&mut schemas);
    schemas.push((ProblemView::name().into_owned(), ProblemView::schema()));
    schemas
}
