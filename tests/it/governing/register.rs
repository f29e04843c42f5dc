//! Documents, meetings and what they resolved.

use creditbank_domain::authz::Role;
use kit::{SCHOOL, outcome};
use serde_json::{Value, json};

use super::House;

const NUMBER: &str = "继教合作联盟〔2021〕12号";

fn address(number: &str) -> String {
    let coded: String = number.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("/v1/documents/{coded}")
}

#[actix_web::test]
async fn what_a_decision_cites_is_in_the_register_with_the_resolution_behind_it() {
    let house = House::open().await;
    let bank = house.bank();
    house.somebody("sec", None, Role::Secretariat);
    house.somebody("officer", Some(SCHOOL), Role::SchoolOfficer);
    let number = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    let cohort = bank.request(&[number]);
    let decided = bank.decide(cohort.cohort_id);
    assert_eq!(decided.granted, 1);
    let request = format!("/v1/conversion-requests/{}", cohort.requests[0].request_id);
    let shown = house.get("officer", &request).await.expect(200).body;
    let cited = shown["rule_set"]["document_number"].as_str().unwrap();
    let document = house.get("officer", &address(cited)).await.expect(200).body;
    assert_eq!(document["document"]["number"], NUMBER);
    let rule_set = document["rule_sets"][0]["rule_set_id"].as_str().unwrap();
    let meeting = json!({
        "code": "2021-06-18", "kind": "committee", "title_zh": "设立工作会议",
        "held_on": "2021-06-18", "place": "合肥",
        "resolutions": [{ "no": 1, "text_zh": "批准规则", "outcome": "adopted",
            "document_number": NUMBER, "rule_set_id": rule_set, "votes_for": 9 }],
    });
    let held = house
        .post("sec", "/v1/meetings", &meeting)
        .await
        .expect(201)
        .body;
    let shown = house
        .get("officer", &format!("/v1/rule-sets/{rule_set}"))
        .await
        .expect(200)
        .body;
    assert_eq!(shown["resolutions"][0]["meeting"], "2021-06-18");
    assert_eq!(shown["resolutions"][0]["votes_for"], 9);
    assert_eq!(shown["rule_set"]["document_number"], cited);
    let document = house.get("officer", &address(cited)).await.expect(200).body;
    assert_eq!(document["resolutions"].as_array().unwrap().len(), 1);
    // A second resolution of that number is another one, and what is not registered is not named.
    let more = format!(
        "/v1/meetings/{}/resolutions",
        held["meeting_id"].as_str().unwrap()
    );
    let other = json!({ "no": 1, "text_zh": "另一", "outcome": "rejected" });
    assert_eq!(
        house.post("sec", &more, &other).await.expect(409).code(),
        "REGISTERED_OTHERWISE"
    );
    let unknown =
        json!({ "no": 2, "text_zh": "二", "outcome": "adopted", "document_number": "无" });
    assert_eq!(
        house.post("sec", &more, &unknown).await.expect(422).code(),
        "DOCUMENT_UNKNOWN"
    );
    let _ = house.post("officer", &more, &other).await.expect(403);
}

#[actix_web::test]
async fn later_knowledge_of_a_document_is_a_revision_and_one_stands_in_anothers_place() {
    let house = House::open().await;
    house.somebody("sec", None, Role::Secretariat);
    let entry = |kind: &str, supersedes: Option<&str>| {
        json!({ "number": "示〔2026〕7号", "title": "关于修订的通知", "kind": kind,
                "supersedes": supersedes })
    };
    let post = |body: Value| {
        let house = &house;
        async move { house.post("sec", "/v1/documents", &body).await }
    };
    let first = post(entry("notice", None)).await.expect(201).body;
    assert_eq!(first["revision"], 1);
    let unknown = post(entry("notice", Some("无此文件"))).await.expect(422);
    assert_eq!(unknown.code(), "DOCUMENT_UNKNOWN");
    let itself = post(entry("notice", Some("示〔2026〕7号")))
        .await
        .expect(422);
    assert_eq!(itself.code(), "DOCUMENT_SUPERSEDES_ITSELF");
    let second = post(entry("rules", Some(NUMBER))).await.expect(201).body;
    assert_eq!(second["revision"], 2);
    let old = house.get("sec", &address(NUMBER)).await.expect(200).body;
    assert_eq!(old["document"]["superseded_by"], "示〔2026〕7号");
    let mut renamed = entry("rules", None);
    renamed["title"] = json!("别的标题");
    assert_eq!(
        post(renamed).await.expect(409).code(),
        "REGISTERED_OTHERWISE"
    );
    let page = house
        .get("sec", "/v1/documents?limit=1")
        .await
        .expect(200)
        .body;
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = house
        .get("sec", &format!("/v1/documents?cursor={cursor}"))
        .await
        .expect(200)
        .body;
    assert!(
        rest["documents"]
            .as_array()
            .unwrap()
            .iter()
            .all(|it| *it != page["documents"][0])
    );
    assert!(rest.get("next_cursor").is_none());
}
