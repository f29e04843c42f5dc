use std::fmt::Write;

use uuid::Uuid;

use super::*;

/// What each role may do, and how far: the policy as people read it.
const MATRIX: &str = "\
action             | registrar       | school_officer  | reviewer        | secretariat     | auditor         | learner         | operator        |
post_outcomes      | own institution | –               | –               | –               | –               | –               | bank            |
run_import         | own institution | –               | –               | –               | –               | –               | bank            |
read_import        | own institution | –               | –               | –               | –               | –               | bank            |
read_learner       | own institution | own institution | –               | bank            | bank            | own account     | bank            |
request_conversion | –               | own institution | –               | –               | –               | –               | bank            |
decide_conversion  | –               | –               | own institution | –               | –               | –               | bank            |
read_conversion    | –               | own institution | own institution | bank            | –               | own account     | bank            |
keep_register      | –               | –               | –               | bank            | –               | –               | bank            |
audit_books        | –               | –               | –               | –               | bank            | –               | bank            |
correct_outcomes   | own institution | –               | –               | –               | –               | –               | bank            |
reverse_entries    | –               | –               | –               | bank            | –               | –               | bank            |
hold_lots          | –               | own institution | –               | –               | –               | –               | bank            |
open_accounts      | own institution | –               | –               | –               | –               | –               | bank            |
merge_learners     | –               | –               | –               | bank            | –               | –               | bank            |
read_events        | own institution | own institution | own institution | bank            | bank            | –               | bank            |
read_totals        | own institution | own institution | own institution | bank            | bank            | –               | bank            |
export_books       | –               | –               | –               | –               | bank            | –               | bank            |
keep_webhooks      | own institution | own institution | –               | –               | –               | –               | bank            |
read_webhooks      | own institution | own institution | –               | bank            | –               | –               | bank            |
";

const fn institution(number: u128) -> InstitutionId {
    InstitutionId::from_uuid(Uuid::from_u128(number))
}

const OWN: InstitutionId = institution(1);
const FOREIGN: InstitutionId = institution(2);

fn own_account() -> LearnerNo {
    LearnerNo::from_random(1)
}

fn foreign_account() -> LearnerNo {
    LearnerNo::from_random(1 << 20)
}

fn actor(roles: &[Role]) -> Actor {
    Actor {
        client: None,
        institution: Some(OWN),
        learner: Some(own_account()),
        roles: roles.to_vec(),
    }
}

/// Every subject, by what it is to [`actor`].
fn subjects() -> [(&'static str, Subject); 5] {
    [
        ("own institution", Subject::Institution(OWN)),
        ("foreign institution", Subject::Institution(FOREIGN)),
        ("own account", Subject::Learner(own_account())),
        ("foreign account", Subject::Learner(foreign_account())),
        ("bank", Subject::Bank),
    ]
}

/// Asks for the action that `name` names, and holds what a grant says of itself.
fn ask(name: ActionName, actor: &Actor, subject: Subject) -> Result<View, Denied> {
    fn of<A: Action>(name: ActionName, actor: &Actor, subject: Subject) -> Result<View, Denied> {
        assert_eq!(A::NAME, name, "the marker's row in the policy");
        let grant = authorize::<A>(actor, subject)?;
        assert_eq!((grant.actor(), grant.subject()), (actor, subject));
        Ok(grant.view())
    }
    let ask = match name {
        ActionName::PostOutcomes => of::<PostOutcomes>,
        ActionName::RunImport => of::<RunImport>,
        ActionName::ReadImport => of::<ReadImport>,
        ActionName::ReadLearner => of::<ReadLearner>,
        ActionName::RequestConversion => of::<RequestConversion>,
        ActionName::DecideConversion => of::<DecideConversion>,
        ActionName::ReadConversion => of::<ReadConversion>,
        ActionName::KeepRegister => of::<KeepRegister>,
        ActionName::AuditBooks => of::<AuditBooks>,
        ActionName::CorrectOutcomes => of::<CorrectOutcomes>,
        ActionName::ReverseEntries => of::<ReverseEntries>,
        ActionName::HoldLots => of::<HoldLots>,
        ActionName::OpenAccounts => of::<OpenAccounts>,
        ActionName::MergeLearners => of::<MergeLearners>,
        ActionName::ReadEvents => of::<ReadEvents>,
        ActionName::ReadTotals => of::<ReadTotals>,
        ActionName::ExportBooks => of::<ExportBooks>,
        ActionName::KeepWebhooks => of::<KeepWebhooks>,
        ActionName::ReadWebhooks => of::<ReadWebhooks>,
    };
    ask(name, actor, subject)
}

fn printed_policy() -> String {
    let mut printed = format!("{:18} |", "action");
    for role in Role::ALL {
        write!(printed, " {role:15} |", role = role.as_str()).unwrap();
    }
    printed.push('\n');
    for action in ActionName::ALL {
        write!(printed, "{:18} |", action.as_str()).unwrap();
        for role in Role::ALL {
            let reaches: Vec<_> = POLICY
                .iter()
                .filter(|(a, r, _)| (a, r) == (action, role))
                .map(|(_, _, reach)| match reach {
                    Reach::OwnInstitution => "own institution",
                    Reach::OwnAccount => "own account",
                    Reach::Bank => "bank",
                })
                .collect();
            let cell = if reaches.is_empty() {
                "–".to_owned()
            } else {
                reaches.join(" and ")
            };
            write!(printed, " {cell:15} |").unwrap();
        }
        printed.push('\n');
    }
    printed
}

/// The cell of [`MATRIX`] for a role and an action.
fn cell(action: ActionName, role: Role) -> &'static str {
    let column = |line: &'static str, nth| line.split('|').nth(nth).map(str::trim);
    let head = MATRIX.lines().next().unwrap();
    let nth = (1..=Role::ALL.len())
        .find(|nth| column(head, *nth) == Some(role.as_str()))
        .unwrap();
    let line = MATRIX
        .lines()
        .find(|line| column(line, 0) == Some(action.as_str()))
        .unwrap();
    column(line, nth).unwrap()
}

/// What a cell of the matrix means for an actor who has an institution and an account.
fn meaning(cell: &str, subject: &str) -> Result<View, Denied> {
    match (cell, subject) {
        ("–", _) => Err(Denied::NoRight),
        ("bank", _) => Ok(View::Whole),
        ("own institution", "own institution" | "own account" | "foreign account") => {
            Ok(View::OnlyOf(OWN))
        }
        ("own account", "own account") => Ok(View::OnlyOwn(own_account())),
        ("own institution", "foreign institution" | "bank")
        | ("own account", "own institution" | "foreign institution" | "foreign account" | "bank") => {
            Err(Denied::Hidden)
        }
        other => panic!("{other:?} has no meaning"),
    }
}

/// More is wider: all of it, then all of one's own account, then what one institution has of it.
const fn width(answer: Result<View, Denied>) -> u8 {
    match answer {
        Ok(View::Whole) => 4,
        Ok(View::OnlyOwn(_)) => 3,
        Ok(View::OnlyOf(_)) => 2,
        Err(Denied::Hidden) => 1,
        Err(Denied::NoRight) => 0,
    }
}

#[test]
fn the_policy_is_the_matrix() {
    let printed = printed_policy();
    assert_eq!(printed, MATRIX, "\n{printed}");
}

#[test]
fn every_role_gets_what_its_cell_means_and_no_more() {
    for action in ActionName::ALL.iter().copied() {
        for role in Role::ALL.iter().copied() {
            for (name, subject) in subjects() {
                let expected = meaning(cell(action, role), name);
                let got = ask(action, &actor(&[role]), subject);
                assert_eq!(got, expected, "{role} {action} {name}");
            }
        }
    }
}

#[test]
fn with_several_roles_the_widest_view_wins_in_whatever_order_they_stand() {
    for bits in 0_u32..1 << Role::ALL.len() {
        let mut roles: Vec<Role> = (0..Role::ALL.len())
            .filter(|index| bits >> index & 1 == 1)
            .map(|index| Role::ALL[index])
            .collect();
        for action in ActionName::ALL.iter().copied() {
            for (name, subject) in subjects() {
                let expected = roles
                    .iter()
                    .map(|role| meaning(cell(action, *role), name))
                    .max_by_key(|answer| width(*answer))
                    .unwrap_or(Err(Denied::NoRight));
                let got = ask(action, &actor(&roles), subject);
                assert_eq!(got, expected, "{roles:?} {action} {name}");
                roles.reverse();
                let reversed = ask(action, &actor(&roles), subject);
                assert_eq!(reversed, expected, "{roles:?} {action} {name}");
            }
        }
    }
}

#[test]
fn who_has_no_institution_or_account_finds_nothing_of_anybodys() {
    for action in ActionName::ALL.iter().copied() {
        for role in Role::ALL.iter().copied() {
            let nobody = Actor {
                institution: None,
                learner: None,
                ..actor(&[role])
            };
            let expected = match cell(action, role) {
                "bank" => Ok(View::Whole),
                "–" => Err(Denied::NoRight),
                _ => Err(Denied::Hidden),
            };
            for (name, subject) in subjects() {
                assert_eq!(
                    ask(action, &nobody, subject),
                    expected,
                    "{role} {action} {name}"
                );
            }
        }
    }
}

#[test]
fn who_has_no_role_may_do_nothing() {
    for action in ActionName::ALL.iter().copied() {
        for (name, subject) in subjects() {
            let got = ask(action, &actor(&[]), subject);
            assert_eq!(got, Err(Denied::NoRight), "{action} {name}");
        }
    }
}

#[test]
fn a_learner_who_works_for_a_school_still_sees_all_of_their_own_account() {
    let both = actor(&[Role::SchoolOfficer, Role::Learner]);
    let check = |action: ActionName, subject: Subject, expected: View| {
        assert_eq!(ask(action, &both, subject), Ok(expected), "{action}");
    };
    for action in [ActionName::ReadLearner, ActionName::ReadConversion] {
        check(
            action,
            Subject::Learner(own_account()),
            View::OnlyOwn(own_account()),
        );
        check(
            action,
            Subject::Learner(foreign_account()),
            View::OnlyOf(OWN),
        );
    }
}

#[test]
fn a_grant_names_the_institution_only_where_it_is_for_one() {
    let check = |subject: Subject, expected: Result<InstitutionId, Denied>| {
        let grant = authorize::<ReadLearner>(&Actor::operator(), subject).unwrap();
        assert_eq!(grant.institution(), expected, "{subject:?}");
    };
    check(Subject::Institution(OWN), Ok(OWN));
    check(Subject::Institution(FOREIGN), Ok(FOREIGN));
    check(Subject::Learner(own_account()), Err(Denied::NoRight));
    check(Subject::Bank, Err(Denied::NoRight));
    let registrar = actor(&[Role::Registrar]);
    let of_a_learner = authorize::<ReadLearner>(&registrar, Subject::Learner(foreign_account()));
    assert_eq!(of_a_learner.unwrap().institution(), Err(Denied::NoRight));
}

#[test]
fn a_part_of_a_flow_needs_its_own_line_in_the_policy() {
    let grant = |role: Role| {
        authorize::<ReadLearner>(&actor(&[role]), Subject::Institution(OWN)).expect("may read")
    };
    let posting = grant(Role::Registrar).narrowed::<PostOutcomes>().unwrap();
    assert_eq!(
        (posting.institution(), posting.view()),
        (Ok(OWN), View::OnlyOf(OWN))
    );
    for role in [Role::SchoolOfficer, Role::Secretariat, Role::Auditor] {
        let refused = grant(role).narrowed::<PostOutcomes>();
        assert_eq!(refused.unwrap_err(), Denied::NoRight, "{role}");
    }
}

#[test]
fn the_operator_may_do_everything_and_is_nobody_in_particular() {
    let operator = Actor::operator();
    assert_eq!(operator.roles, [Role::Operator]);
    assert_eq!(
        (operator.client, operator.institution, operator.learner),
        (None, None, None)
    );
    for action in ActionName::ALL.iter().copied() {
        for (name, subject) in subjects() {
            let got = ask(action, &operator, subject);
            assert_eq!(got, Ok(View::Whole), "{action} {name}");
        }
    }
}
