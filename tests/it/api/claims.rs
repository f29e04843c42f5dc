//! Claim codes: a learner who signed in proves which account is theirs, once.

use chrono::TimeDelta;
use creditbank_api::Clock;
use creditbank_domain::authz::{Actor, ClaimAccount, Grant, Role, Subject, authorize};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::person::{ClaimCode, Login};
use creditbank_ledger::flows::{issue_claim_code, redeem_claim_code, release_account};
use creditbank_ledger::{LedgerError, reads};
use kit::{
    FakeProvider, SCHOOL, TestApp, TestBank, UNIVERSITY, believing, code_of, codes_together,
    keeper, outcome,
};
use serde_json::json;

fn signed_in() -> Grant<ClaimAccount> {
    let actor = Actor {
        roles: vec![Role::Learner],
        ..Actor::default()
    };
    authorize(&actor, Subject::Bank).unwrap()
}

fn login(subject: &str) -> Login {
    Login::new("https://id.test", subject).unwrap()
}

fn learner(bank: &TestBank, student: &str) -> LearnerNo {
    bank.post(SCHOOL, outcome("CERT-A").student(student).build())
        .learner_no
}

fn issue(bank: &TestBank, learner: LearnerNo, number: u128) -> ClaimCode {
    let code = ClaimCode::from_random(number);
    let grant = bank.grant(Role::Registrar, SCHOOL);
    issue_claim_code(bank.ledger(), &grant, learner, &code, TestBank::opening()).unwrap();
    code
}

fn try_redeem(
    bank: &TestBank,
    subject: &str,
    code: &ClaimCode,
    late: TimeDelta,
) -> Result<LearnerNo, LedgerError> {
    let now = TestBank::opening() + late;
    redeem_claim_code(
        bank.ledger(),
        &signed_in(),
        &login(subject),
        Some(code),
        now,
    )
}

fn redeem(bank: &TestBank, subject: &str, code: &ClaimCode, late: TimeDelta) -> &'static str {
    code_of(&try_redeem(bank, subject, code, late))
}

#[actix_web::test]
async fn a_learner_who_signed_in_claims_the_account_and_sees_it() {
    let provider = FakeProvider::start();
    let clock = Clock::fixed(TestBank::opening());
    let app = TestApp::start_with(believing(&[&provider.issuer], &["EdDSA"]), clock).await;
    let number = learner(app.bank(), "XS1");
    let stranger = learner(app.bank(), "XS2");
    let codes = format!("/v1/learners/{number}/claim-codes");
    let registrar = app.caller(&[Role::Registrar], SCHOOL);
    let issued = registrar
        .post(&codes, "k", &json!({}))
        .await
        .expect(201)
        .body;
    let foreign = app.caller(&[Role::Registrar], UNIVERSITY);
    foreign
        .post(&codes, "k", &json!({}))
        .await
        .refused(404, "NOT_FOUND");

    let portal = app.bearer(&provider.token("xiaoming", TestBank::opening()));
    let balance = format!("/v1/learners/{number}/balance");
    portal.get(&balance).await.refused(404, "NOT_FOUND");
    let body = json!({ "code": issued["code"].as_str().unwrap().to_lowercase() });
    let claimed = portal
        .post("/v1/account-claims", "k", &body)
        .await
        .expect(200)
        .body;
    assert_eq!(claimed["learner_no"], number.as_str());
    let _ = portal.get(&balance).await.expect(200);
    let foreign = format!("/v1/learners/{stranger}/balance");
    portal.get(&foreign).await.refused(404, "NOT_FOUND");
    // The same again for whoever did it, nothing for anybody else.
    let _ = portal
        .post("/v1/account-claims", "k", &body)
        .await
        .expect(200);
    let other = app.bearer(&provider.token("other", TestBank::opening()));
    let refused = other.post("/v1/account-claims", "k", &body).await;
    refused.refused(409, "CLAIM_CODE_USED");
    registrar
        .post(&codes, "k", &json!({}))
        .await
        .refused(409, "ACCOUNT_CLAIMED");
    let dump = "select (select string_agg(t::text, ' ') from claim_codes t) || \
                (select string_agg(t::text, ' ') from identity.person_logins t)";
    let dump = app.bank().database().sql(dump).unwrap();
    let code = issued["code"].as_str().unwrap();
    assert!(
        !dump.contains(code) && !dump.contains(&code.replace('-', "")),
        "{dump}"
    );
    assert!(!dump.contains("xiaoming"), "{dump}");
}

#[test]
fn a_code_counts_once_and_for_two_weeks() {
    let bank = TestBank::start();
    let codes: Vec<ClaimCode> = (1..=2)
        .map(|number| issue(&bank, learner(&bank, &format!("XS{number}")), number))
        .collect();
    let days = TimeDelta::days(14);
    let just = days - TimeDelta::seconds(1);
    assert_eq!(redeem(&bank, "a", &codes[0], days), "CLAIM_CODE_ENDED");
    assert_eq!(redeem(&bank, "a", &codes[0], just), "ok");
    assert_eq!(redeem(&bank, "b", &codes[0], just), "CLAIM_CODE_USED");
    assert_eq!(
        redeem(&bank, "a", &codes[1], just),
        "ANOTHER_ACCOUNT_CLAIMED"
    );
    assert_eq!(redeem(&bank, "b", &codes[1], just), "ok");
}

#[test]
fn whoever_guesses_codes_has_to_wait_and_nobody_else() {
    let bank = TestBank::start();
    let code = issue(&bank, learner(&bank, "XS1"), 1);
    let zero = TimeDelta::zero();
    for guess in 100..105 {
        let guess = ClaimCode::from_random(guess);
        assert_eq!(redeem(&bank, "thief", &guess, zero), "CLAIM_CODE_UNKNOWN");
    }
    let within = TimeDelta::minutes(59);
    assert_eq!(
        redeem(&bank, "thief", &code, within),
        "CLAIM_ATTEMPTS_SPENT"
    );
    assert_eq!(redeem(&bank, "owner", &code, within), "ok");
    let later = TimeDelta::minutes(61);
    assert_eq!(redeem(&bank, "thief", &code, later), "CLAIM_CODE_USED");
}

#[test]
fn sixteen_guesses_at_one_moment_are_not_more_than_five() {
    let bank = TestBank::start();
    let codes = codes_together(|thread| {
        let guess = ClaimCode::from_random(1_000 + thread as u128);
        try_redeem(&bank, "thief", &guess, TimeDelta::zero())
    });
    assert_eq!(codes["CLAIM_CODE_UNKNOWN"], 5);
}

#[test]
fn sixteen_people_with_one_code_at_one_moment_are_one_owner() {
    let bank = TestBank::start();
    let code = issue(&bank, learner(&bank, "XS1"), 1);
    let codes = codes_together(|thread| {
        try_redeem(&bank, &format!("person-{thread}"), &code, TimeDelta::zero())
    });
    assert_eq!(codes["ok"], 1);
    let linked = bank
        .database()
        .sql("select count(*) from person_accounts")
        .unwrap();
    assert_eq!(linked.trim(), "1");
}

#[test]
fn at_most_three_codes_are_out_and_an_account_can_be_released() {
    let bank = TestBank::start();
    let number = learner(&bank, "XS1");
    let codes: Vec<ClaimCode> = (1..=3).map(|it| issue(&bank, number, it)).collect();
    let grant = bank.grant(Role::Registrar, SCHOOL);
    let fourth = ClaimCode::from_random(4);
    let now = TestBank::opening();
    let refused = issue_claim_code(bank.ledger(), &grant, number, &fourth, now).unwrap_err();
    assert_eq!(refused.fault().unwrap().code, "CLAIM_CODES_TOO_MANY");
    let zero = TimeDelta::zero();
    assert_eq!(redeem(&bank, "wrong", &codes[0], zero), "ok");
    assert_eq!(redeem(&bank, "owner", &codes[1], zero), "ACCOUNT_CLAIMED");
    release_account(bank.ledger(), &keeper(), number, now).unwrap();
    assert_eq!(redeem(&bank, "owner", &codes[1], zero), "ok");
    assert_eq!(redeem(&bank, "wrong", &codes[0], zero), "CLAIM_CODE_USED");
    let owner = reads::person_by_login(bank.ledger(), &login("owner"))
        .unwrap()
        .unwrap();
    assert_eq!(owner.learner, Some(number));
    let wrong = reads::person_by_login(bank.ledger(), &login("wrong"))
        .unwrap()
        .unwrap();
    assert_eq!(wrong.learner, None);
}
