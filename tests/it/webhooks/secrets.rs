//! Secrets: sealed, several at once while one replaces another.

use chrono::TimeDelta;
use creditbank_domain::authz::{KeepWebhooks, Role};
use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{rotate_webhook_secret_once, take_deliveries};
use creditbank_ledger::reads::WebhookEndpointView;
use kit::{TestBank, UNIVERSITY, code_of, keeper, once};

use super::{deliveries, post, shown};

#[test]
fn old_and_new_secret_sign_until_the_overlap_has_passed() {
    let bank = TestBank::start();
    let (endpoint, old) = bank.open_webhook(UNIVERSITY, &[]);
    let sealed = bank
        .database()
        .sql("select sealed from webhook_secrets")
        .unwrap();
    let hex: String = old
        .reveal()
        .bytes()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert!(!sealed.contains(&hex[..24]), "the database has it in clear");
    let grant = bank.grant::<KeepWebhooks>(Role::Registrar, UNIVERSITY);
    let rotate = |hours: i64| {
        let (mut told, now) = (None, bank.now());
        let view: Result<WebhookEndpointView, LedgerError> = once(|it| {
            let overlap = TimeDelta::hours(hours);
            let (answered, secret) =
                rotate_webhook_secret_once(bank.ledger(), &grant, endpoint, overlap, it, now)?;
            told = secret;
            Ok(answered)
        });
        view.map(|_| (told.unwrap(), now))
    };
    let (new, rotated_at) = rotate(2).unwrap();
    post(&bank, UNIVERSITY, 0..2);
    bank.hand_out();
    let first = take_deliveries(bank.ledger(), &keeper(), 1, bank.now()).unwrap();
    assert_eq!(first[0].secrets, [new.clone(), old]);
    let after = rotated_at + TimeDelta::hours(2);
    let second = bank.take_deliveries(after);
    assert!(second.iter().all(|it| it.secrets == [new.clone()]));
    // An overlap of nothing ends them all at once; four at most sign together.
    let (only, _) = rotate(0).unwrap();
    assert_eq!(shown(&bank, endpoint).secrets.len(), 1);
    for _ in 0..3 {
        rotate(24).unwrap();
    }
    assert_eq!(code_of(&rotate(24)), "WEBHOOK_SECRETS_TOO_MANY");
    assert_eq!(shown(&bank, endpoint).secrets.len(), 4);
    assert!(rotate(0).is_ok());
    assert_ne!(only, new);
}

#[test]
fn a_delivery_that_cannot_be_signed_is_given_up_and_stands_in_nobodys_way() {
    let bank = TestBank::start();
    let (broken, _) = bank.open_webhook(UNIVERSITY, &[]);
    let (other, secret) = bank.open_webhook(UNIVERSITY, &[]);
    // A secret sealed to another row does not open.
    let exchanged = "update webhook_secrets set sealed = \
                     (select s.sealed from webhook_secrets s where s.endpoint_id <> $id) \
                     where endpoint_id = $id";
    let id = format!("'{broken}'");
    bank.database().sql(&exchanged.replace("$id", &id)).unwrap();
    post(&bank, UNIVERSITY, 0..1);
    bank.hand_out();
    let taken = bank.take_deliveries(bank.now());
    assert_eq!(taken.len(), 1);
    assert_eq!(
        (taken[0].endpoint_id, &taken[0].secrets),
        (other, &vec![secret])
    );
    let given_up = deliveries(&bank, broken);
    assert_eq!(given_up[0].last_error.as_deref(), Some("UNREADABLE"));
}
