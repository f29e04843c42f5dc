//! People who act: logins and memberships, and what is written down of both.

use chrono::TimeDelta;
use creditbank_domain::authz::{Actor, KeepRegister, Role, Subject, authorize};
use creditbank_domain::ids::PersonId;
use creditbank_domain::institution::Standing as Acting;
use creditbank_domain::person::{Login, Standing};
use creditbank_domain::text::{InstitutionCode, PersonName};
use creditbank_ledger::flows::{
    NewMembership, add_person, end_login, end_membership, give_membership, link_login, set_standing,
};
use creditbank_ledger::{LedgerError, reads};
use kit::{SCHOOL, TestBank, UNIVERSITY, keeper};

fn login(subject: &str) -> Login {
    Login::new("https://id.test", subject).unwrap()
}

fn add(bank: &TestBank, subject: &str) -> PersonId {
    let name = PersonName::new("赵秘书").unwrap();
    add_person(
        bank.ledger(),
        &keeper(),
        &name,
        Some(&login(subject)),
        bank.now(),
    )
    .unwrap()
}

fn membership(bank: &TestBank, person: PersonId, at: Option<&str>, role: Role) -> NewMembership {
    NewMembership {
        person,
        institution: at.map(|code| InstitutionCode::new(code).unwrap()),
        roles: vec![role],
        from: bank.now(),
        until: None,
    }
}

fn standing(bank: &TestBank, subject: &str) -> Option<Standing> {
    reads::person_by_login(bank.ledger(), &login(subject)).unwrap()
}

fn refused<T: std::fmt::Debug>(result: Result<T, LedgerError>, expected: &str) {
    let error = result.unwrap_err();
    assert_eq!(
        error.fault().map(|fault| fault.code),
        Some(expected),
        "{error}"
    );
}

#[test]
fn a_person_is_found_by_each_login_and_by_none_that_ended() {
    let bank = TestBank::start();
    let person = add(&bank, "zhao");
    link_login(
        bank.ledger(),
        &keeper(),
        person,
        &login("zhao-2"),
        bank.now(),
    )
    .unwrap();
    for subject in ["zhao", "zhao-2"] {
        assert_eq!(standing(&bank, subject).unwrap().person, person);
    }
    assert_eq!(standing(&bank, "Zhao"), None);
    let elsewhere = Login::new("https://other.test", "zhao").unwrap();
    assert_eq!(
        reads::person_by_login(bank.ledger(), &elsewhere).unwrap(),
        None
    );
    end_login(bank.ledger(), &keeper(), &login("zhao"), bank.now()).unwrap();
    assert_eq!(standing(&bank, "zhao"), None);
    assert!(standing(&bank, "zhao-2").is_some());
    // What ended is never linked again, to nobody.
    let again = link_login(bank.ledger(), &keeper(), person, &login("zhao"), bank.now());
    refused(again, "LOGIN_TAKEN");
    let other = add(&bank, "qian");
    let taken = link_login(
        bank.ledger(),
        &keeper(),
        other,
        &login("zhao-2"),
        bank.now(),
    );
    refused(taken, "LOGIN_TAKEN");
}

#[test]
fn a_membership_counts_until_it_ends_and_is_never_deleted() {
    let bank = TestBank::start();
    let person = add(&bank, "zhao");
    let give = |new: &NewMembership| give_membership(bank.ledger(), &keeper(), new, bank.now());
    let at_school = give(&membership(
        &bank,
        person,
        Some(SCHOOL),
        Role::SchoolOfficer,
    ))
    .unwrap();
    let _ = give(&membership(&bank, person, None, Role::Secretariat)).unwrap();
    let twice = membership(&bank, person, Some(SCHOOL), Role::Registrar);
    refused(give(&twice), "MEMBER_ALREADY");
    let twice = membership(&bank, person, None, Role::Auditor);
    refused(give(&twice), "MEMBER_ALREADY");
    for role in [Role::Learner, Role::Operator] {
        let new = membership(&bank, person, Some(UNIVERSITY), role);
        refused(give(&new), "ROLE_NOT_GIVEN");
    }
    let mut backwards = membership(&bank, person, Some(UNIVERSITY), Role::Registrar);
    backwards.until = Some(backwards.from);
    refused(give(&backwards), "MEMBERSHIP_ENDS_FIRST");

    let codes = || {
        let memberships = standing(&bank, "zhao").unwrap().memberships;
        let codes = memberships.into_iter().map(|it| it.institution_code);
        codes.collect::<Vec<_>>()
    };
    assert_eq!(codes(), [Some(SCHOOL.to_owned()), None]);
    end_membership(bank.ledger(), &keeper(), at_school, bank.now()).unwrap();
    let again = end_membership(bank.ledger(), &keeper(), at_school, bank.now());
    assert!(matches!(again, Err(LedgerError::NotFound)), "{again:?}");
    assert_eq!(codes(), [None]);
    let kept = bank.database().sql("select count(*) from memberships");
    assert_eq!(kept.unwrap().trim(), "2");
    for attack in [
        "delete from memberships",
        "update memberships set roles = '{secretariat}'",
        "update people set created_at = now()",
    ] {
        assert!(bank.database().sql(attack).is_err(), "{attack}");
    }
    let _ = give(&twice_at(&bank, person)).unwrap();
}

fn twice_at(bank: &TestBank, person: PersonId) -> NewMembership {
    membership(bank, person, Some(SCHOOL), Role::Registrar)
}

#[test]
fn a_membership_counts_within_its_time_only() {
    let bank = TestBank::start();
    let person = add(&bank, "zhao");
    let now = bank.now();
    let mut new = membership(&bank, person, Some(SCHOOL), Role::SchoolOfficer);
    (new.from, new.until) = (now, Some(now + TimeDelta::days(1)));
    give_membership(bank.ledger(), &keeper(), &new, now).unwrap();
    let membership = standing(&bank, "zhao").unwrap().memberships.remove(0);
    let counts = |seconds| membership.counts_at(now + TimeDelta::seconds(seconds));
    assert_eq!(
        [counts(-1), counts(0), counts(86_399), counts(86_400)],
        [false, true, true, false]
    );
}

#[test]
fn what_a_person_does_is_written_down_under_the_person() {
    let bank = TestBank::start();
    let person = add(&bank, "zhao");
    let actor = Actor {
        person: Some(person),
        roles: vec![Role::Secretariat],
        ..Actor::default()
    };
    let grant = authorize::<KeepRegister>(&actor, Subject::Bank).unwrap();
    let school = InstitutionCode::new(SCHOOL).unwrap();
    set_standing(
        bank.ledger(),
        &grant,
        &school,
        Acting::Suspended,
        bank.now(),
    )
    .unwrap();
    let written = "select person_id from audit_events where subject_kind = 'institution'";
    let written = bank.database().sql(written).unwrap();
    assert_eq!(written.trim(), person.to_string());
}

#[test]
fn nothing_in_the_database_says_who_a_person_is() {
    let bank = TestBank::start();
    let _ = add(&bank, "staff-4711");
    for table in [
        "people",
        "identity.person_names",
        "identity.person_logins",
        "audit_events",
    ] {
        let rows = bank
            .database()
            .sql(&format!("select t::text from {table} t"))
            .unwrap();
        assert!(
            !rows.contains("赵秘书") && !rows.contains("staff-4711"),
            "{table}: {rows}"
        );
    }
    let people = reads::list_people(bank.ledger(), &keeper()).unwrap();
    assert_eq!(people[0].name.as_ref().unwrap().reveal(), "赵秘书");
}
