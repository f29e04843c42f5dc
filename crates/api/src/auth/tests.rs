use creditbank_domain::authz::Role;
use uuid::Uuid;

use super::fixture::*;
use super::token::{TokenAlgorithm, TokenKeyError, TokenRefusal, TokenVerifier};

fn refusal(token: &str) -> TokenRefusal {
    verifier().verify(token, now()).unwrap_err()
}

#[test]
fn a_token_names_client_institution_learner_and_roles() {
    let mut claims = claims(&["registrar", "auditor"]);
    claims.learner_no = Some(learner_no().to_string());
    let actor = verifier().verify(&signed(&claims), now()).unwrap();
    assert_eq!(actor.client.unwrap().as_uuid(), Uuid::from_u128(1));
    assert_eq!(actor.institution.unwrap().as_uuid(), Uuid::from_u128(2));
    assert_eq!(actor.learner, Some(learner_no()));
    assert_eq!(actor.roles, [Role::Registrar, Role::Auditor]);
}

#[test]
fn nobody_becomes_the_operator_by_a_token() {
    let token = signed(&claims(&["operator", "registrar", "somebody_elses_role"]));
    assert_eq!(
        verifier().verify(&token, now()).unwrap().roles,
        [Role::Registrar]
    );
}

#[test]
fn times_are_held_to_half_a_minute() {
    let at = |exp, iat, nbf| {
        let mut claims = claims(&["registrar"]);
        claims.exp = now().timestamp() + exp;
        claims.iat = now().timestamp() + iat;
        claims.nbf = Some(now().timestamp() + nbf);
        verifier().verify(&signed(&claims), now()).map(|_| ())
    };
    assert_eq!(at(-29, -60, -60), Ok(()));
    assert_eq!(at(-30, -60, -60), Err(TokenRefusal::Expired));
    assert_eq!(at(60, 30, 30), Ok(()));
    assert_eq!(at(60, 0, 31), Err(TokenRefusal::NotYetValid));
    assert_eq!(at(60, 31, 0), Err(TokenRefusal::NotYetValid));
    assert_eq!(at(i64::MAX / 2, 0, 0), Ok(()));
}

#[test]
fn a_token_of_somebody_else_is_refused() {
    let good = claims(&["registrar"]);
    assert!(verifier().verify(&signed(&good), now()).is_ok());
    assert_eq!(refusal(&signed_by_another(&good)), TokenRefusal::Invalid);
    assert_eq!(
        refusal(&signed_with_the_public_key(&good)),
        TokenRefusal::Invalid
    );
    let mut other = good.clone();
    other.iss = "https://other.test".to_owned();
    assert_eq!(refusal(&signed(&other)), TokenRefusal::Invalid);
    let mut other = good.clone();
    other.aud = "another bank".to_owned();
    assert_eq!(refusal(&signed(&other)), TokenRefusal::Invalid);
    let mut other = good.clone();
    other.learner_no = Some("not a number".to_owned());
    assert_eq!(refusal(&signed(&other)), TokenRefusal::Invalid);
    for text in ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
        assert_eq!(refusal(text), TokenRefusal::Invalid, "{text}");
    }
}

#[test]
fn a_changed_claim_breaks_the_signature() {
    let token = signed(&claims(&["registrar"]));
    let other = signed(&claims(&["secretariat"]));
    let part = |token: &str, index| token.split('.').nth(index).unwrap().to_owned();
    let forged = [part(&token, 0), part(&other, 1), part(&token, 2)].join(".");
    assert_eq!(refusal(&forged), TokenRefusal::Invalid);
}

#[test]
fn only_a_public_key_of_the_algorithm_makes_a_verifier() {
    assert_eq!(
        "EdDSA".parse::<TokenAlgorithm>().unwrap(),
        TokenAlgorithm::EdDsa
    );
    assert_eq!(
        "RS256".parse::<TokenAlgorithm>().unwrap(),
        TokenAlgorithm::Rs256
    );
    assert!(matches!(
        "none".parse::<TokenAlgorithm>(),
        Err(TokenKeyError::UnknownAlgorithm)
    ));
    for algorithm in [TokenAlgorithm::EdDsa, TokenAlgorithm::Rs256] {
        let made = TokenVerifier::from_pem(algorithm, b"no key", ISSUER, AUDIENCE);
        assert!(matches!(made, Err(TokenKeyError::Key(_))));
    }
}
