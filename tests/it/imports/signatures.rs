//! Signed files through the import: what was found when it began is what stays said of it.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use creditbank_domain::authz::{Grant, ReadImport, Role, RunImport};
use creditbank_domain::ids::ImportId;
use creditbank_import::{TrustedSenders, run_import, trust_senders};
use creditbank_ledger::reads::{self, SignatureFound};
use kit::{TestBank, UNIVERSITY, course, posting};

use super::{TestFile, figures};

fn signed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../crates/import/src/tests/signed")
        .join(name)
}

/// Whoever is first in the process says whom it trusts.
fn trust_rsa() -> TrustedSenders {
    let senders = TrustedSenders::read(&signed("rsa.pem")).unwrap();
    trust_senders(senders.clone());
    senders
}

fn found(bank: &TestBank, import: ImportId) -> Option<SignatureFound> {
    let grant = bank.grant(Role::Registrar, UNIVERSITY);
    let summary = reads::import_summary(bank.ledger(), &grant, import).unwrap();
    let alone = reads::signature_found(bank.ledger(), &grant, import).unwrap();
    assert_eq!(summary.signature, alone);
    alone
}

fn bank() -> TestBank {
    let bank = TestBank::start();
    bank.publish(&[course(UNIVERSITY, "CS-101", "3.00")]);
    bank
}

fn result(bank: &TestBank, file: &TestFile, import: ImportId) -> String {
    let out = file.beside("result");
    bank.try_result_file(UNIVERSITY, import, &file.path, None, &out)
        .unwrap();
    std::fs::read_to_string(out).unwrap()
}

#[test]
fn a_signed_file_is_noted_as_verified_and_a_changed_one_is_posted_alike_and_noted_as_not() {
    let trusted = trust_rsa();
    let bank = bank();
    let text = std::fs::read_to_string(signed("exclusive.xml")).unwrap();
    let file = TestFile::new(&text);
    let view = bank.import(UNIVERSITY, &file.path, &posting());
    assert_eq!(figures(&view), [1, 1, 0, 0]);
    let seen = found(&bank, view.import_id).unwrap();
    let sha256 = trusted.iter().next().map(|it| it.sha256);
    assert_eq!((seen.reason, seen.certificate_sha256), (None, sha256));
    let told = result(&bank, &file, view.import_id);
    assert!(told.contains("签名已验证 signature verified"), "{told}");
    let changed = text.replace("CS-101", "CS-102").replace(">85<", ">99<");
    bank.publish(&[course(UNIVERSITY, "CS-102", "3.00")]);
    let file = TestFile::new(changed);
    let view = bank.import(UNIVERSITY, &file.path, &posting());
    assert_eq!(
        figures(&view),
        [1, 1, 0, 0],
        "nothing is refused because of it"
    );
    let seen = found(&bank, view.import_id).unwrap();
    assert_eq!(seen.reason.as_deref(), Some("SIGNED_CONTENT_CHANGED"));
    assert!(result(&bank, &file, view.import_id).contains("the content is not what was signed"));
    let plain = TestFile::new(text.split("<ds:Signature").next().unwrap().to_owned() + "</elmo>");
    let view = bank.import(UNIVERSITY, &plain.path, &posting());
    assert_eq!(found(&bank, view.import_id), None);
}

#[test]
fn what_was_found_when_an_import_began_is_told_after_the_certificate_has_ended() {
    trust_rsa();
    let bank = bank();
    let file = TestFile::new(std::fs::read(signed("exclusive.xml")).unwrap());
    let grant: Grant<RunImport> = bank.grant(Role::Registrar, UNIVERSITY);
    let later = bank.now() + TimeDelta::days(365 * 100);
    let at = |now| {
        run_import(
            bank.ledger(),
            &grant,
            &file.path,
            &posting(),
            now,
            &mut |_| (),
        )
    };
    let late = at(later).unwrap();
    let seen = found(&bank, late.import_id).unwrap();
    assert_eq!(seen.reason.as_deref(), Some("CERTIFICATE_NOT_VALID_THEN"));
    assert_eq!(seen.checked_at, later);
    let in_time = at(bank.now()).unwrap();
    assert_eq!(found(&bank, in_time.import_id).unwrap().reason, None);
    // Both results are written now, each as it was found.
    assert!(result(&bank, &file, late.import_id).contains("was not valid then"));
    assert!(result(&bank, &file, in_time.import_id).contains("签名已验证"));
    let reading: Grant<ReadImport> = bank.grant(Role::Registrar, kit::SCHOOL);
    let foreign = reads::signature_found(bank.ledger(), &reading, in_time.import_id);
    assert_eq!(foreign.unwrap(), None);
}
