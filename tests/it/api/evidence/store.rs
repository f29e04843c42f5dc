//! What becomes of the files: destroyed, swept up, found missing, and kept by a store over S3.

use chrono::TimeDelta;
use creditbank_api::{missing_evidence, purge_evidence, sweep_evidence};
use creditbank_domain::authz::{AttachEvidence, Role};
use creditbank_domain::evidence::{EvidenceKind, MediaType};
use creditbank_domain::ids::RequestId;
use creditbank_ledger::flows::{ExpectedEvidence, NewEvidence, attach_evidence, expect_evidence};
use creditbank_vault::Vault;
use kit::{
    FakeS3, RECEIVING, SCHOOL, TestApp, TestBank, TestServer, keeper, outcome, pdf, together,
};
use serde_json::json;

use super::super::conversions::Conversions;
use super::{asked, attach, id_of, place};

#[actix_web::test]
async fn what_is_taken_back_is_shown_to_nobody_and_destroyed_and_may_come_again() {
    let grant = keeper();
    let all = Conversions::start().await;
    let (_, evidence) = asked(&all).await;
    let attached = attach(&all.school, &evidence, &pdf("x")).await.expect(201);
    let file = place(&evidence, &attached);
    let back = format!("{file}/withdrawal");
    let why = json!({ "text": "传错" });
    let _ = all.school.post(&back, "w-1", &why).await.expect(200);
    let again = all.school.post(&back, "w-1", &why).await.expect(200);
    assert!(again.replayed());
    all.school
        .post(&back, "w-2", &why)
        .await
        .refused(409, "EVIDENCE_WITHDRAWN");
    for caller in [&all.school, &all.reviewer] {
        caller.get(&file).await.refused(409, "EVIDENCE_WITHDRAWN");
    }
    let (bank, vault, id) = (all.app.bank(), all.app.vault(), id_of(&attached));
    let purge = || purge_evidence(bank.ledger(), vault, &grant, bank.now());
    assert_eq!(purge().await.unwrap(), 1);
    assert!(!vault.has(id).await.unwrap());
    assert_eq!(all.app.rows("identity.evidence_secrets"), 0);
    assert_eq!(purge().await.unwrap(), 0);
    let list = all.reviewer.get(&evidence).await.expect(200);
    let left = &list.body["evidence"][0];
    assert_eq!(left["sha256"], attached.body["sha256"]);
    assert!(left.get("file_name").is_none(), "{left}");
    let other = attach(&all.school, &evidence, &pdf("x")).await.expect(201);
    assert_ne!(id_of(&other), id);
}

#[actix_web::test]
async fn a_file_whose_row_was_never_written_is_swept_up_and_nothing_else_is() {
    let grant = keeper();
    let all = Conversions::start().await;
    let (_, evidence) = asked(&all).await;
    let (bank, vault) = (all.app.bank(), all.app.vault());
    let kept = id_of(&attach(&all.school, &evidence, &pdf("x")).await.expect(201));
    // Killed between the file and its row.
    let killed = creditbank_domain::ids::EvidenceId::from_uuid(uuid::Uuid::from_u128(7));
    vault.keep(killed, b"sealed".to_vec()).await.unwrap();
    // The store tells the time by its own clock.
    let now = chrono::Utc::now();
    let sweep = |now| sweep_evidence(bank.ledger(), vault, &grant, now);
    assert_eq!(sweep(now).await.unwrap(), 0, "it may still be under way");
    assert_eq!(sweep(now + TimeDelta::days(2)).await.unwrap(), 1);
    assert!(vault.has(kept).await.unwrap() && !vault.has(killed).await.unwrap());
}

#[actix_web::test]
async fn a_file_that_was_changed_or_lost_is_never_shown_and_is_told() {
    let grant = keeper();
    let all = Conversions::start().await;
    let (_, evidence) = asked(&all).await;
    let (bank, vault) = (all.app.bank(), all.app.vault());
    let first = attach(&all.school, &evidence, &pdf("x")).await.expect(201);
    let second = attach(&all.school, &evidence, &pdf("y")).await.expect(201);
    let missing = || missing_evidence(bank.ledger(), vault, &grant);
    assert_eq!(missing().await.unwrap(), (vec![], 2));
    // One file under the other's id, whoever put it there.
    let other = vault.fetch(id_of(&second)).await.unwrap();
    vault.keep(id_of(&first), other).await.unwrap();
    all.reviewer
        .get(&place(&evidence, &first))
        .await
        .refused(500, "INTERNAL");
    vault.remove(id_of(&second)).await.unwrap();
    all.reviewer
        .get(&place(&evidence, &second))
        .await
        .refused(500, "INTERNAL");
    assert_eq!(missing().await.unwrap(), (vec![id_of(&second)], 2));
}

#[actix_web::test]
async fn a_store_over_s3_keeps_lists_and_forgets_and_is_503_while_it_is_away() {
    let grant = keeper();
    let store = FakeS3::start();
    let vault = Vault::s3(&store.settings()).unwrap();
    let app = TestApp::start_as(TestServer {
        vault: vault.clone(),
        ..TestServer::default()
    })
    .await;
    let all = Conversions {
        school: app.caller(&[Role::SchoolOfficer], SCHOOL),
        reviewer: app.caller(&[Role::Reviewer], RECEIVING),
        app,
    };
    let (_, evidence) = asked(&all).await;
    let attached = attach(&all.school, &evidence, &pdf("over s3"))
        .await
        .expect(201);
    let file = place(&evidence, &attached);
    let shown = all.reviewer.get(&file).await.expect(200);
    assert_eq!(shown.text.as_bytes(), pdf("over s3"));
    let objects = store.objects();
    let keys: Vec<&String> = objects.keys().collect();
    assert_eq!(keys, [&format!("anhui/bank/evidence/{}", id_of(&attached))]);
    assert!(
        !objects
            .values()
            .any(|bytes| bytes.windows(4).any(|window| window == b"%PDF"))
    );
    let bank = all.app.bank();
    assert_eq!(
        missing_evidence(bank.ledger(), &vault, &grant)
            .await
            .unwrap()
            .1,
        1
    );
    let killed = creditbank_domain::ids::EvidenceId::from_uuid(uuid::Uuid::from_u128(7));
    vault.keep(killed, b"sealed".to_vec()).await.unwrap();
    let late = bank.now() + TimeDelta::days(2);
    assert_eq!(
        sweep_evidence(bank.ledger(), &vault, &grant, late)
            .await
            .unwrap(),
        1
    );
    assert_eq!(store.objects().len(), 1);
    store.be_away(true);
    all.reviewer.get(&file).await.refused(503, "UNAVAILABLE");
    attach(&all.school, &evidence, &pdf("later"))
        .await
        .refused(503, "UNAVAILABLE");
    assert_eq!(all.app.rows("evidence"), 1);
    store.be_away(false);
    let _ = attach(&all.school, &evidence, &pdf("later"))
        .await
        .expect(201);
    // Somebody else's key opens nothing there.
    let mut settings = store.settings();
    settings.access_key_id = "AKIDOFANOTHER".to_owned();
    let stranger = Vault::s3(&settings).unwrap();
    assert!(stranger.fetch(id_of(&attached)).await.is_err());
}

#[test]
fn sixteen_uploads_of_one_file_at_one_moment_are_one_piece() {
    let bank = TestBank::start();
    let learner = bank.post(SCHOOL, outcome("CERT-A").build()).learner_no;
    let request: RequestId = bank.request(&[learner]).requests[0].request_id;
    let new = NewEvidence {
        kind: EvidenceKind::Certificate,
        media_type: MediaType::Pdf,
        byte_count: 8,
        sha256: [7; 32],
        file_name: "a.pdf".to_owned(),
    };
    let grant = bank.grant::<AttachEvidence>(Role::SchoolOfficer, SCHOOL);
    let ids = together(|_| {
        let expected = expect_evidence(bank.ledger(), &grant, request, &new).unwrap();
        match expected {
            ExpectedEvidence::Known(known) => known.evidence_id,
            ExpectedEvidence::Wanted(place) => {
                let both = (&new, &place);
                let attached = attach_evidence(bank.ledger(), &grant, request, both, bank.now());
                attached.unwrap().evidence_id
            }
        }
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}
