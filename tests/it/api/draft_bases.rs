//! By what right outcomes are shown, said in a draft.

use kit::RECEIVING;
use serde_json::{Value, json};

use super::conversions::Conversions;
use super::order;

const DRAFTS: &str = "/v1/conversion-drafts";
const STUDENT: &str = "XS20230001";

fn resting_on(basis: &Value) -> Value {
    let mut body = order(&[STUDENT]);
    body["basis"] = basis.clone();
    body
}

/// What a draft says is what its requests rest on; where that would not do, the draft says so first.
#[actix_web::test]
async fn a_draft_carries_its_basis_into_its_requests_and_tells_beforehand_where_it_is_missing() {
    let all = Conversions::start().await;
    let number = all.learner(STUDENT, &["CERT-A"], "85");
    let consent = resting_on(&json!({ "kind": "consent" }));
    let draft = all.school.post(DRAFTS, "k-1", &consent).await.expect(201);
    assert_eq!(draft.body["basis"], json!({ "kind": "consent" }));
    let told = |body: &Value| body["learners"][0].get("fault").cloned();
    assert_eq!(told(&draft.body).unwrap()["code"], "CONSENT_MISSING");
    let path = format!("{DRAFTS}/{}", draft.body["draft_id"].as_str().unwrap());
    let submission = format!("{path}/submission");
    let barred = all.school.post(&submission, "k-2", &json!({})).await;
    assert_eq!((barred.status, barred.code()), (422, "CONSENT_MISSING"));
    let revision = format!("{path}/revision");
    let duty = json!({ "kind": "statutory_duty", "document_number": "皖教继〔2026〕1号" });
    let revised = all.school.post(&revision, "k-3", &resting_on(&duty)).await;
    let revised = revised.expect(200).body;
    assert_eq!((&revised["basis"], told(&revised)), (&duty, None));
    let silent = all.school.post(&revision, "k-4", &order(&[STUDENT])).await;
    assert_eq!(silent.expect(200).body.get("basis"), None);
    let consents = format!("/v1/learners/{number}/consents");
    let about = json!({ "institution": RECEIVING, "purpose": "conversion" });
    let learner = all.app.learner(number);
    let given = learner.post(&consents, "c-1", &about).await.expect(201);
    let agreed = all
        .school
        .post(&revision, "k-5", &consent)
        .await
        .expect(200);
    assert_eq!(told(&agreed.body), None);
    let sent = all
        .school
        .post(&submission, "k-6", &json!({}))
        .await
        .expect(201);
    let basis = &sent.body["requests"][0]["basis"];
    assert_eq!(
        (&basis["kind"], &basis["stated"]),
        (&json!("consent"), &json!(true))
    );
    assert_eq!(basis["consent_id"], given.body["consent_id"]);
}

#[actix_web::test]
async fn a_draft_whose_basis_lacks_its_document_is_refused_at_its_place() {
    let all = Conversions::start().await;
    all.learner(STUDENT, &["CERT-A"], "85");
    let bare = resting_on(&json!({ "kind": "other_law" }));
    let refused = all.school.post(DRAFTS, "k-1", &bare).await;
    let refused = refused.refused(422, "INVALID_VALUES");
    assert_eq!(refused.first_error(), ("/basis", "BASIS_DOCUMENT"));
    assert_eq!(all.app.rows("conversion_drafts"), 0);
}
