//! Appointments, stand-ins and helpers.

use creditbank_domain::authz::Role;
use kit::{RECEIVING, SCHOOL, outcome};
use serde_json::json;

use super::House;

#[actix_web::test]
async fn an_admin_appoints_the_own_people_to_the_institutions_roles_and_to_nothing_beyond() {
    let house = House::open().await;
    let admin = house.somebody("admin", Some(SCHOOL), Role::InstitutionAdmin);
    house.somebody("sec", None, Role::Secretariat);
    let appoint = |roles: &[&str], institution: Option<&str>| json!({ "login": house.login("new"), "institution": institution, "roles": roles });
    let refused = |body, code: &'static str| {
        let house = &house;
        async move {
            let told = house.post("admin", "/v1/memberships", &body).await;
            assert_eq!(told.code(), code, "{body}");
        }
    };
    for role in [
        "secretariat",
        "regulator",
        "auditor",
        "committee_member",
        "employer",
    ] {
        refused(appoint(&[role], Some(SCHOOL)), "ROLE_BEYOND_INSTITUTION").await;
    }
    refused(appoint(&["reviewer"], Some(RECEIVING)), "NOT_FOUND").await;
    refused(appoint(&["reviewer"], None), "NOT_FOUND").await;
    refused(
        appoint(&["operator"], Some(SCHOOL)),
        "ROLE_BEYOND_INSTITUTION",
    )
    .await;
    refused(
        appoint(&["registrar", "checker"], Some(SCHOOL)),
        "ROLES_EXCLUDE_EACH_OTHER",
    )
    .await;
    let oneself =
        json!({ "person_id": admin.as_uuid(), "institution": SCHOOL, "roles": ["checker"] });
    refused(oneself, "MEMBERSHIP_OWN").await;
    let nobody = house.get("new", "/v1/rule-sets").await.expect(403);
    assert_eq!(
        nobody.code(),
        "NO_RIGHT",
        "nothing came of what was refused"
    );
    let body = appoint(&["school_officer"], Some(SCHOOL));
    let given = house
        .post("admin", "/v1/memberships", &body)
        .await
        .expect(201)
        .body;
    let _ = house.get("new", "/v1/rule-sets").await.expect(200);
    let listed = house.get("admin", "/v1/memberships").await.expect(200).body;
    let listed = listed["memberships"].as_array().unwrap();
    assert!(
        listed.iter().all(|it| it["institution"] == SCHOOL),
        "{listed:?}"
    );
    // What ends is over at once, and another institution's is not there to be ended.
    house.somebody("elsewhere", Some(RECEIVING), Role::InstitutionAdmin);
    let end = format!(
        "/v1/memberships/{}/end",
        given["membership_id"].as_str().unwrap()
    );
    let _ = house.post("elsewhere", &end, &json!({})).await.expect(404);
    let _ = house.post("admin", &end, &json!({})).await.expect(200);
    let _ = house.get("new", "/v1/rule-sets").await.expect(403);
    // The secretariat appoints to anything.
    let body = appoint(&["committee_member"], None);
    let _ = house
        .post("sec", "/v1/memberships", &body)
        .await
        .expect(201);
}

#[actix_web::test]
async fn a_reviewer_names_their_own_stand_in_and_only_the_admin_names_others() {
    let house = House::open().await;
    let absent = house.somebody("r1", Some(RECEIVING), Role::Reviewer);
    let other = house.somebody("r2", Some(RECEIVING), Role::Reviewer);
    let stranger = house.somebody("r3", Some(SCHOOL), Role::Reviewer);
    house.somebody("admin", Some(RECEIVING), Role::InstitutionAdmin);
    let order = |absent: Option<uuid::Uuid>, delegate: uuid::Uuid| {
        json!({ "institution": RECEIVING, "absent": absent, "delegate": delegate,
                "from": "2026-11-23", "to": "2026-11-27" })
    };
    let path = "/v1/review-delegations";
    let told = house
        .post("r1", path, &order(Some(other.as_uuid()), absent.as_uuid()))
        .await;
    assert_eq!(told.expect(422).code(), "DELEGATION_OF_ANOTHER");
    let told = house
        .post("r1", path, &order(None, stranger.as_uuid()))
        .await;
    assert_eq!(told.expect(422).code(), "DELEGATE_NO_REVIEWER");
    let told = house.post("r3", path, &order(None, other.as_uuid())).await;
    let _ = told.expect(404);
    let noted = house
        .post("r1", path, &order(None, other.as_uuid()))
        .await
        .expect(201)
        .body;
    assert_eq!(noted["absent"], absent.to_string());
    let by_admin = order(Some(other.as_uuid()), absent.as_uuid());
    let _ = house.post("admin", path, &by_admin).await.expect(201);
    let listed = house.get("r2", path).await.expect(200).body;
    assert_eq!(listed["delegations"].as_array().unwrap().len(), 2);
    let elsewhere = house.get("r3", path).await.expect(200).body;
    assert_eq!(elsewhere["delegations"], json!([]));
}

#[actix_web::test]
async fn a_helper_sees_what_the_learner_said_until_the_learner_ends_it_and_is_seen_looking() {
    let house = House::open().await;
    let bank = house.bank();
    let number = bank
        .post(SCHOOL, outcome("CERT-A").student("XS1").build())
        .learner_no;
    let stranger = bank
        .post(SCHOOL, outcome("CERT-A").student("XS2").build())
        .learner_no;
    let learner = house.app.learner(number);
    let path = format!("/v1/learners/{number}/helpers");
    let body = json!({ "login": house.login("child"), "scopes": ["learners:read"],
                       "until": "2026-12-31T00:00:00Z" });
    let too_long = json!({ "login": house.login("child"), "scopes": ["learners:read"],
                           "until": "2028-12-31T00:00:00Z" });
    let told = learner.post(&path, "long", &too_long).await.expect(422);
    assert_eq!(told.code(), "HELPER_UNTIL");
    let wider = json!({ "login": house.login("child"), "scopes": ["outcomes:write"],
                        "until": "2026-12-31T00:00:00Z" });
    assert_eq!(
        learner.post(&path, "wide", &wider).await.expect(422).code(),
        "HELPER_SCOPE"
    );
    let balance = format!("/v1/learners/{number}/balance");
    let me = number.printed();
    let _ = house
        .get_for("child", Some(&me), &balance)
        .await
        .expect(403);
    let given = learner.post(&path, "give", &body).await.expect(201).body;
    let twice = learner.post(&path, "again", &body).await.expect(409);
    assert_eq!(twice.code(), "HELPER_ALREADY");
    let _ = house
        .get_for("child", Some(&me), &balance)
        .await
        .expect(200);
    // Not as oneself, not for somebody else, and nothing that was not said.
    let _ = house.get("child", &balance).await.expect(404);
    let theirs = format!("/v1/learners/{stranger}/balance");
    let _ = house.get_for("child", Some(&me), &theirs).await.expect(404);
    let requests = house
        .get_for("child", Some(&me), "/v1/conversion-requests")
        .await;
    let _ = requests.expect(403);
    let _ = house.get_for("child", Some(&me), &path).await.expect(403);
    let end = format!("{path}/{}/end", given["consent_id"].as_str().unwrap());
    let foreign = house
        .app
        .learner(stranger)
        .post(&end, "x", &json!({}))
        .await;
    let _ = foreign.expect(404);
    let _ = learner.post(&end, "end", &json!({})).await.expect(200);
    let _ = house
        .get_for("child", Some(&me), &balance)
        .await
        .expect(403);
    let readings = format!("/v1/learners/{number}/readings");
    let begun = std::time::Instant::now();
    loop {
        let seen = learner.get(&readings).await.expect(200).body;
        if seen["readings"].as_array().unwrap().len() == 1 {
            break;
        }
        assert!(begun.elapsed().as_secs() < 10, "{seen}");
        actix_web::rt::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}
