//! The OpenAPI document, made of the same registrations as the router.

use std::collections::BTreeMap;

use actix_web::App;
use actix_web::http::Method;
use serde_json::Value;
use utoipa::openapi::OpenApi as Document;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_actix_web::AppExt as _;

use crate::endpoints::endpoint;
use crate::{problem, routes};

mod links;
mod refusals;
mod selectable;
mod words;

pub(crate) use selectable::{FIELDS, PAGING, Selectable};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Credit bank 学分银行",
        description = "Post learning outcomes, see balances and movements, convert credits.\n\n\
            Credits are decimal texts (`\"3.50\"`), times RFC 3339 in UTC, dates `YYYY-MM-DD`. \
            Every refusal is `application/problem+json` with a stable `code`, explained at its `type` \
            and all together at `/errors`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
        contact(name = "Credit bank"),
    ),
    servers((url = "/", description = "The server that answers this document.")),
    tags(
        (name = "outcomes", description = "Learning outcomes, one or up to 1,000 at a time."),
        (name = "learners", description = "Accounts: opening them, balance and movements."),
        (name = "duplicates", description = "Accounts of one person: found, merged, separated."),
        (name = "catalogue", description = "What can be recognised."),
        (name = "imports", description = "Transcript files."),
        (name = "conversions", description = "Conversion requests, one or a cohort."),
        (name = "feed", description = "What happens in the ledger, and sums over it."),
        (name = "webhooks", description = "Where an institution is told of its events."),
        (name = "governance", description = "Documents, meetings and what they resolved."),
        (name = "rules", description = "Rule sets, their votes, and committees."),
        (name = "people", description = "Who is what, and whom learners authorise."),
        (name = "clients", description = "An institution's programs, their secrets and keys."),
        (name = "notices", description = "What somebody is told, and has to do soon."),
        (name = "service", description = "The server itself."),
    ),
    modifiers(&Bearer),
)]
struct Base;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some(
                "An access token of the configured issuer: iss, aud, sub (client id), exp, iat, \
                 roles, and institution or learner_no.",
            ))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
        components.schemas.extend(problem::schemas());
    }
}

/// The document.
#[must_use]
pub fn openapi() -> Document {
    let app = App::new()
        .into_utoipa_app()
        .openapi(Base::openapi())
        .configure(routes::configure);
    let (_, document) = app.split_for_parts();
    document
}

/// The document as it is committed and served: pretty, in a stable order, with a line end.
#[must_use]
pub fn openapi_json() -> String {
    // Through a value, whose members are sorted.
    let mut value = serde_json::to_value(openapi()).unwrap_or_default();
    words::list(&mut value);
    selectable::offer(&mut value, takes_fields);
    links::add(&mut value);
    refusals::list_codes(&mut value);
    say_what_learner_numbers_look_like(&mut value);
    let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
    text.push('\n');
    text
}

/// What the caller of each operation can choose of its answer.
pub(crate) fn selectable() -> BTreeMap<String, Selectable> {
    let document = serde_json::to_value(openapi()).unwrap_or_default();
    let mut all = selectable::of(&document);
    all.retain(|path, _| takes_fields(path));
    all
}

fn takes_fields(path: &str) -> bool {
    endpoint(&Method::GET, path).is_some_and(|it| it.query.contains(&FIELDS))
}

/// Their check character is no pattern: one that fits may still be refused.
fn say_what_learner_numbers_look_like(document: &mut Value) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flatten().map(|(_, item)| item);
    let operations = items.filter_map(Value::as_object_mut).flatten();
    let parameters = operations.filter_map(|(_, it)| it.get_mut("parameters"));
    for parameter in parameters.filter_map(Value::as_array_mut).flatten() {
        if parameter.get("name").is_some_and(|it| it == "learner_no")
            && let Some(Value::Object(schema)) = parameter.get_mut("schema")
        {
            let looks = "^([0-9A-Za-z]{4}-?){2}[0-9A-Za-z]{4}$";
            schema.insert("pattern".to_owned(), looks.into());
        }
    }
}

#[cfg(test)]
mod tests;
