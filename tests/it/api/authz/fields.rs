//! `fields`: of every answer exactly what was named, for everybody who may read it.

use actix_web::test::TestRequest;
use creditbank_api::{ENDPOINTS, Endpoint};
use creditbank_domain::authz::Role;
use kit::contract::{document, followed};
use kit::{Answer, Caller, RECEIVING, TestApp};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::Value;

use super::Things;

/// Draws of names, an operation.
const DRAWS: usize = 12;

impl Things {
    /// Where an operation reads, and what it cannot do without.
    fn address(&self, endpoint: &Endpoint) -> String {
        let path = self.path(endpoint.path, &self.duplicates[0]);
        match endpoint.path.rsplit('/').next() {
            Some("statement") => format!("{path}?from=2026-01-01&to=2026-12-31&"),
            Some("changes") => format!("{path}?since={}&", self.governing.rule_set),
            Some("published-figures") => format!("{path}?month=2026-10&"),
            _ => format!("{path}?"),
        }
    }

    /// Whoever of all reads the most there, and what.
    async fn reader(&self, endpoint: &Endpoint) -> (Caller, Answer) {
        let address = self.address(endpoint);
        let mut found = None::<(Caller, Answer)>;
        // Whoever else looks at the looks adds one.
        let learner_alone = endpoint.path.ends_with("/readings");
        let roles = Role::ALL.iter().copied();
        for role in roles.filter(|role| !learner_alone || *role == Role::Learner) {
            let caller = self.caller(endpoint, role, true);
            let answer = caller.get(&address).await;
            let more = |(_, best): &(Caller, Answer)| answer.text.len() > best.text.len();
            if answer.status == 200 && found.as_ref().is_none_or(more) {
                found = Some((caller, answer));
            }
        }
        found.unwrap_or_else(|| panic!("nobody reads {}", endpoint.path))
    }
}

/// The names that the document gives, and the list whose elements have them.
fn choices(endpoint: &Endpoint, whole: &Value) -> (Vec<String>, Option<String>) {
    let reader = &document()["paths"][endpoint.path]["get"];
    let parameters = reader["parameters"].as_array().unwrap();
    let fields = parameters.iter().find(|it| it["name"] == "fields").unwrap();
    let names = fields["schema"]["items"]["enum"].as_array().unwrap();
    let names = names.iter().map(|it| it.as_str().unwrap().to_owned());
    let said = fields["description"].as_str().unwrap();
    let list = said.split('`').nth(1).map(str::to_owned);
    assert!(list.as_ref().is_none_or(|it| whole[it].is_array()));
    (names.collect(), list)
}

/// The form without `fields` promises members that the document's other form does not.
fn hold_whole(endpoint: &Endpoint, whole: &Value, list: Option<&str>) {
    let forms = &document()["paths"][endpoint.path]["get"]["responses"]["200"]["content"];
    let view = followed(document(), &forms["application/json"]["schema"]["anyOf"][0]);
    let hold = |schema: &Value, value: &Value| {
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(
                value.get(name.as_str().unwrap()).is_some(),
                "{} {name}",
                endpoint.path
            );
        }
    };
    hold(view, whole);
    let Some(list) = list else { return };
    let element = followed(document(), &view["properties"][list]["items"]);
    whole[list]
        .as_array()
        .unwrap()
        .iter()
        .for_each(|it| hold(element, it));
}

/// Written anew, not by the server's own hand.
fn restricted(whole: &Value, list: Option<&str>, names: &[String]) -> Value {
    let only = |element: &Value| {
        let members = element.as_object().unwrap().iter();
        let named = members.filter(|(name, _)| names.contains(name));
        named
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect::<Value>()
    };
    let Some(list) = list else {
        return only(whole);
    };
    let mut restricted = whole.clone();
    restricted[list] = whole[list].as_array().unwrap().iter().map(only).collect();
    restricted
}

#[actix_web::test]
async fn whatever_is_chosen_of_an_answer_is_the_answer_restricted_to_it() {
    let things = Things::arrange().await;
    let runner = &mut TestRunner::deterministic();
    let mut empty = Vec::new();
    for endpoint in ENDPOINTS.iter().filter(|it| it.query.contains(&"fields")) {
        let (caller, mut whole) = things.reader(endpoint).await;
        let (names, list) = choices(endpoint, &whole.body);
        let list = list.as_deref();
        hold_whole(endpoint, &whole.body, list);
        if list.is_some_and(|list| whole.body[list].as_array().unwrap().is_empty()) {
            empty.push(endpoint.path);
        }
        let subsets = proptest::sample::subsequence(names.clone(), 1..=names.len()).prop_shuffle();
        for _ in 0..DRAWS {
            let chosen = subsets.new_tree(runner).unwrap().current();
            let address = format!("{}fields={}", things.address(endpoint), chosen.join(","));
            let part = loop {
                let part = caller.get(&address).await.expect(200);
                let again = caller.get(&things.address(endpoint)).await.expect(200);
                // Who read what is written down a moment later.
                if again.body == whole.body {
                    break part;
                }
                whole = again;
            };
            let expected = restricted(&whole.body, list, &chosen);
            assert_eq!(part.body, expected, "{address}");
        }
        let every = format!("{}fields={}", things.address(endpoint), names.join("%2C"));
        let every = caller.get(&every).await.expect(200).body;
        let again = caller.get(&things.address(endpoint)).await.expect(200);
        assert!(every == whole.body || every == again.body, "{every}");
        for wrong in ["", "nothing", "next_cursor", &format!("{},", names[0])] {
            let address = format!("{}fields={wrong}", things.address(endpoint));
            let refused = caller
                .get(&address)
                .await
                .refused(400, "QUERY_PARAMETER_INVALID");
            assert_eq!(refused.first_error(), ("fields", "FIELDS_UNKNOWN"));
            let told = refused.body["errors"][0]["en"].as_str().unwrap();
            assert!(names.iter().all(|name| told.contains(name)), "{told}");
        }
    }
    // What nobody has anything of in this world is said, so that it cannot become everything.
    assert_eq!(empty, NOTHING_THERE);
}

const NOTHING_THERE: [&str; 9] = [
    "/v1/overdue-entries",
    "/v1/import-mappings",
    "/v1/events",
    "/v1/totals",
    "/v1/rule-sets/{rule_set_id}/changes",
    "/v1/review-chains",
    "/v1/review-delegations",
    "/v1/work-calendars",
    "/v1/published-figures",
];

#[actix_web::test]
async fn a_refusal_stays_whole_and_pages_go_on() {
    let things = Things::arrange().await;
    let app: &TestApp = &things.app;
    let officer = app.caller(&[Role::Registrar], RECEIVING);
    let missing = "/v1/learner-merges/01900000-0000-7000-8000-000000000000?fields=reason";
    let keeper = app.caller(&[Role::Secretariat], RECEIVING);
    keeper.get(missing).await.refused(404, "NOT_FOUND");
    officer.get(missing).await.refused(403, "NO_RIGHT");
    let mut cursor = String::new();
    let mut seen = Vec::new();
    loop {
        let path = format!("/v1/catalogue-entries?limit=1&fields=code{cursor}");
        let page = officer.get(&path).await.expect(200).body;
        seen.extend(page["entries"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    let whole = officer.get("/v1/catalogue-entries").await.expect(200).body;
    let codes = whole["entries"].as_array().unwrap().iter();
    let codes = codes.map(|it| serde_json::json!({ "code": it["code"] }));
    assert!(seen.len() > 3);
    assert_eq!(seen, codes.collect::<Vec<_>>());
}

#[actix_web::test]
async fn a_tag_is_that_of_the_part() {
    let things = Things::arrange().await;
    let caller = things.app.caller(&[Role::Registrar], RECEIVING);
    let ask = async |query: &str, tag: Option<&str>| {
        let request = TestRequest::get().uri(&format!("/v1/catalogue-entries{query}"));
        caller
            .send(match tag {
                Some(tag) => request.insert_header(("if-none-match", tag.to_owned())),
                None => request,
            })
            .await
    };
    let whole = ask("", None).await.expect(200).header("etag").to_owned();
    let part = ask("?fields=code", None).await.expect(200);
    let tag = part.header("etag").to_owned();
    assert!(tag.starts_with("W/") && tag != whole);
    let again = ask("?fields=code", Some(&tag)).await.expect(304);
    assert_eq!((again.header("etag"), again.text.as_str()), (&*tag, ""));
    for (query, other) in [
        ("?fields=code", &whole),
        ("", &tag),
        ("?fields=owner", &tag),
    ] {
        let answer = ask(query, Some(other)).await.expect(200);
        assert_ne!(answer.header("etag"), other);
    }
    let _ = ask("", Some(&whole)).await.expect(304);
}
