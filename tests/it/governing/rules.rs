//! Rule sets by those who signed in.

use creditbank_domain::authz::Role;
use kit::{Answer, RECEIVING, SCHOOL, UNIVERSITY, rule_set_of_the_world};
use serde_json::{Value, json};

use super::House;

/// The world's rules from a later day, approved in some way.
pub(super) fn content(approval: &str) -> String {
    let mut rules = rule_set_of_the_world();
    rules.valid_from = kit::day("2027-01-01");
    let text = creditbank_rulebook::export(&rules.document());
    let (before, after) = text.split_once("approval:").unwrap();
    // The value ends where the next member of the document begins.
    let next = after
        .match_indices('\n')
        .map(|(at, _)| at + 1)
        .find(|at| after[*at..].starts_with(|first: char| first.is_ascii_lowercase()))
        .unwrap();
    format!("{before}approval: {approval}\n{}", &after[next..])
}

async fn draft(house: &House, name: &str, approval: &str) -> String {
    let body = json!({ "content": content(approval) });
    let drafted = house.post(name, "/v1/rule-sets", &body).await.expect(201);
    assert_eq!(drafted.body["rule_set"]["state"], "draft");
    let id = drafted.body["rule_set"]["rule_set_id"].as_str().unwrap();
    format!("/v1/rule-sets/{id}")
}

async fn vote(house: &House, name: &str, rules: &str, word: &str) -> Answer {
    let body = json!({ "vote": word });
    house.post(name, &format!("{rules}/votes"), &body).await
}

async fn committee(house: &House, seats: &[(String, Option<&str>)]) {
    let members: Vec<Value> = { seats.iter() }
        .map(|(person, college)| {
            json!({ "person_id": person, "institution": college, "since": "2021-06-18" })
        })
        .collect();
    let body = json!({ "code": "C-1", "title": "学分银行建设专门委员会", "members": members });
    let _ = house.post("sec", "/v1/committees", &body).await.expect(201);
}

#[actix_web::test]
async fn five_of_nine_members_approve_and_nobody_judges_their_own_colleges_rules() {
    let house = House::open().await;
    house.somebody("sec", None, Role::Secretariat);
    house.somebody("admin", Some(RECEIVING), Role::InstitutionAdmin);
    let mut seats = Vec::new();
    for number in 0..9 {
        let name = format!("m{number}");
        let person = house.somebody(&name, None, Role::CommitteeMember);
        // One is seated for the concerned college; another one works there without its being said.
        let college = (number == 7).then_some(RECEIVING);
        seats.push((person.to_string(), college));
        if number == 8 {
            house.bank().give(person, Some(RECEIVING), Role::Reviewer);
        }
    }
    committee(&house, &seats).await;
    let rules = draft(&house, "admin", "{committee: C-1, quorum: 5}").await;
    assert_eq!(
        vote(&house, "m0", &rules, "approve")
            .await
            .expect(409)
            .code(),
        "RULE_SET_STATE"
    );
    let proposed = house
        .post("admin", &format!("{rules}/proposal"), &json!({}))
        .await;
    assert_eq!(proposed.expect(200).body["rule_set"]["state"], "proposed");
    assert_eq!(
        vote(&house, "m7", &rules, "approve")
            .await
            .expect(422)
            .code(),
        "COMMITTEE_RECUSED"
    );
    let (votes, yes) = (format!("{rules}/votes"), json!({ "vote": "approve" }));
    let as_member = house.post_for("m8", Some("bank"), &votes, &yes).await;
    assert_eq!(as_member.expect(422).code(), "COMMITTEE_RECUSED");
    assert_eq!(
        vote(&house, "sec", &rules, "approve")
            .await
            .expect(422)
            .code(),
        "COMMITTEE_NO_MEMBER"
    );
    let stands_back = vote(&house, "m6", &rules, "recuse").await.expect(201);
    assert_eq!(stands_back.body["approvals"], 0);
    assert_eq!(
        vote(&house, "m6", &rules, "approve")
            .await
            .expect(409)
            .code(),
        "RULE_SET_VOTED"
    );
    for number in 0..4 {
        let told = vote(&house, &format!("m{number}"), &rules, "approve")
            .await
            .expect(201);
        assert_eq!(told.body["approved"], false, "{number}");
    }
    let against = vote(&house, "m4", &rules, "reject").await.expect(201);
    assert_eq!(
        (&against.body["approvals"], &against.body["needed"]),
        (&json!(4), &json!(5))
    );
    let last = vote(&house, "m5", &rules, "approve").await.expect(201);
    assert_eq!(last.body["approved"], true);
    let shown = house.get("admin", &rules).await.expect(200).body;
    assert_eq!(shown["rule_set"]["state"], "approved");
    assert_eq!(shown["votes"].as_array().unwrap().len(), 7);
}

#[actix_web::test]
async fn nobody_votes_on_their_own_proposal_and_no_program_votes() {
    let house = House::open().await;
    house.somebody("sec", None, Role::Secretariat);
    house.somebody("sec-2", None, Role::Secretariat);
    let rules = draft(&house, "sec", "{people: 2}").await;
    let _ = house
        .post("sec", &format!("{rules}/proposal"), &json!({}))
        .await
        .expect(200);
    let own = vote(&house, "sec", &rules, "approve").await.expect(422);
    assert_eq!(own.code(), "RULE_SET_OWN_PROPOSAL");
    let program = house.app.caller(&[Role::Secretariat], UNIVERSITY);
    let path = format!("{rules}/votes");
    let program = program
        .post(&path, "k", &json!({ "vote": "approve" }))
        .await;
    assert_eq!(program.expect(422).code(), "VOTER_NO_PERSON");
    // The same key again is the same vote, not a second one.
    let first = vote(&house, "sec-2", &rules, "approve").await.expect(201);
    let again = vote(&house, "sec-2", &rules, "approve").await.expect(201);
    assert_eq!(first.body, again.body);
    assert_eq!(first.body["approved"], false, "one of two");
}

#[actix_web::test]
async fn faults_of_a_document_come_together_with_line_and_column_and_change_nothing() {
    let house = House::open().await;
    house.somebody("sec", None, Role::Secretariat);
    let before = house.app.rows("rule_sets");
    let broken = content("{people: 2}")
        .replace("most:", "moust:")
        .replace("valid_from", "valid_since");
    let told = house
        .post("sec", "/v1/rule-sets", &json!({ "content": broken }))
        .await
        .expect(422);
    let faults = told.body["errors"].as_array().unwrap();
    assert!(faults.len() >= 2, "{told:?}");
    for fault in faults {
        assert_eq!(fault["pointer"], "/content");
        let at = |name: &str| usize::try_from(fault[name].as_u64().unwrap()).unwrap();
        let line = broken.lines().nth(at("line") - 1).unwrap();
        assert!(
            at("column") >= 1 && at("column") <= line.chars().count() + 1,
            "{fault}"
        );
    }
    // A document that reads well may still not be proposed: nothing is cited that is not there.
    let uncited = content("{people: 2}").replace("〔2021〕12号", "〔2021〕99号");
    let uncited = house
        .post("sec", "/v1/rule-sets", &json!({ "content": uncited }))
        .await;
    assert_eq!(uncited.expect(422).code(), "RULE_SET_DOCUMENT_UNKNOWN");
    assert_eq!(house.app.rows("rule_sets"), before);
}

#[actix_web::test]
async fn an_admin_drafts_the_own_institutions_rules_and_no_others() {
    let house = House::open().await;
    house.somebody("elsewhere", Some(SCHOOL), Role::InstitutionAdmin);
    house.somebody("admin", Some(RECEIVING), Role::InstitutionAdmin);
    house.somebody("reviewer", Some(RECEIVING), Role::Reviewer);
    let body = json!({ "content": content("{people: 2}") });
    let _ = house
        .post("elsewhere", "/v1/rule-sets", &body)
        .await
        .expect(404);
    let _ = house
        .post("reviewer", "/v1/rule-sets", &body)
        .await
        .expect(403);
    let rules = draft(&house, "admin", "{people: 2}").await;
    let proposal = format!("{rules}/proposal");
    let _ = house
        .post("elsewhere", &proposal, &json!({}))
        .await
        .expect(404);
    // Everybody reads it, and what it changes.
    let listed = house
        .get("elsewhere", "/v1/rule-sets?institution=90002&limit=1")
        .await
        .expect(200);
    let old = listed.body["rule_sets"][0]["rule_set_id"].as_str().unwrap();
    let next = listed.body["next_cursor"].as_str().unwrap();
    let rest = house
        .get("elsewhere", &format!("/v1/rule-sets?cursor={next}"))
        .await
        .expect(200);
    assert_eq!(rest.body["rule_sets"][0]["state"], "draft");
    let changes = house
        .get("reviewer", &format!("{rules}/changes?since={old}"))
        .await
        .expect(200);
    let paths: Vec<&str> = { changes.body["changes"].as_array().unwrap().iter() }
        .map(|it| it["path"].as_str().unwrap())
        .collect();
    assert!(paths.contains(&"valid_from"), "{paths:?}");
}
