use std::fmt::Write;

use uuid::Uuid;

use super::*;

/// What each role may do, and how far: the policy as people read it.
const MATRIX: &str = include_str!("../../../../docs/POLICY.md");

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
        institution: Some(OWN),
        learner: Some(own_account()),
        roles: roles.to_vec(),
        ..Actor::default()
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
        ActionName::KeepImportSettings => of::<KeepImportSettings>,
        ActionName::ReadImport => of::<ReadImport>,
        ActionName::ReadLearner => of::<ReadLearner>,
        ActionName::RequestConversion => of::<RequestConversion>,
        ActionName::DecideConversion => of::<DecideConversion>,
        ActionName::CheckConversion => of::<CheckConversion>,
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
        ActionName::IssueClaimCodes => of::<IssueClaimCodes>,
        ActionName::ClaimAccount => of::<ClaimAccount>,
        ActionName::ReadReadings => of::<ReadReadings>,
        ActionName::KeepWebhooks => of::<KeepWebhooks>,
        ActionName::ReadWebhooks => of::<ReadWebhooks>,
        ActionName::ApproveImport => of::<ApproveImport>,
        ActionName::ReadCatalogue => of::<ReadCatalogue>,
        ActionName::ReadRegister => of::<ReadRegister>,
        ActionName::DraftRules => of::<DraftRules>,
        ActionName::VoteOnRules => of::<VoteOnRules>,
        ActionName::KeepMemberships => of::<KeepMemberships>,
        ActionName::KeepClients => of::<KeepClients>,
        ActionName::ArrangeReviews => of::<ArrangeReviews>,
        ActionName::DelegateReviews => of::<DelegateReviews>,
        ActionName::ReadNotices => of::<ReadNotices>,
        ActionName::KeepHelpers => of::<KeepHelpers>,
        ActionName::ReadAccessLog => of::<ReadAccessLog>,
        ActionName::AttachEvidence => of::<AttachEvidence>,
        ActionName::ReadEvidence => of::<ReadEvidence>,
        ActionName::KeepConsents => of::<KeepConsents>,
        ActionName::ReadConsents => of::<ReadConsents>,
    };
    ask(name, actor, subject)
}

fn printed_policy() -> String {
    let mut printed = "| action |".to_owned();
    for role in Role::ALL {
        write!(printed, " {role} |").unwrap();
    }
    write!(printed, "\n|{}\n", "---|".repeat(1 + Role::ALL.len())).unwrap();
    for action in ActionName::ALL {
        write!(printed, "| {action} |").unwrap();
        for role in Role::ALL {
            let reaches: Vec<_> = whole_policy()
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
            write!(printed, " {cell} |").unwrap();
        }
        printed.push('\n');
    }
    printed
}

/// Which scope each action belongs to, as people read it.
fn printed_scopes() -> String {
    let mut printed = "| scope | actions |\n|---|---|\n".to_owned();
    for scope in Scope::ALL {
        let actions: Vec<&str> = ActionName::ALL
            .iter()
            .filter(|action| Scope::of(**action) == *scope)
            .map(|action| action.as_str())
            .collect();
        writeln!(printed, "| `{scope}` | {} |", actions.join(", ")).unwrap();
    }
    printed
}

/// The cell of [`MATRIX`] for a role and an action.
fn cell(action: ActionName, role: Role) -> &'static str {
    let column = |line: &'static str, nth| line.split('|').nth(nth).map(str::trim);
    let line = |first: &str| {
        MATRIX
            .lines()
            .find(|line| column(line, 1) == Some(first))
            .unwrap()
    };
    let nth = (2..2 + Role::ALL.len())
        .find(|nth| column(line("action"), *nth) == Some(role.as_str()))
        .unwrap();
    column(line(action.as_str()), nth).unwrap()
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
    for printed in [printed_policy(), printed_scopes()] {
        assert!(MATRIX.contains(&printed), "\n{printed}");
    }
}

#[test]
fn a_scope_takes_away_and_never_gives() {
    for action in ActionName::ALL.iter().copied() {
        for role in Role::ALL.iter().copied() {
            let narrowed = |scopes| Actor {
                scopes: Scopes::Only(scopes),
                ..actor(&[role])
            };
            let others = Scope::ALL.iter().copied();
            let others = narrowed(others.filter(|it| *it != Scope::of(action)).collect());
            let its_own = narrowed(vec![Scope::of(action)]);
            for (name, subject) in subjects() {
                let refused = ask(action, &others, subject);
                assert_eq!(refused, Err(Denied::NoRight), "{role} {action} {name}");
                let full = ask(action, &actor(&[role]), subject);
                assert_eq!(
                    ask(action, &its_own, subject),
                    full,
                    "{role} {action} {name}"
                );
            }
        }
    }
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
    // A view is a maximum over the roles, so three at a time show all that more would.
    let mut sets: Vec<Vec<Role>> = vec![Vec::new()];
    for role in Role::ALL.iter().copied() {
        let smaller = sets.iter().filter(|set| set.len() < 3);
        let with: Vec<Vec<Role>> = smaller
            .map(|set| set.iter().copied().chain([role]).collect())
            .collect();
        sets.extend(with);
    }
    sets.push(Role::ALL.to_vec());
    for action in ActionName::ALL.iter().copied() {
        let cells: Vec<(Role, &str)> = { Role::ALL.iter() }
            .map(|role| (*role, cell(action, *role)))
            .collect();
        let cell_of = |role: Role| cells.iter().find(|it| it.0 == role).unwrap().1;
        for mut roles in sets.iter().cloned() {
            for (name, subject) in subjects() {
                let expected = roles
                    .iter()
                    .map(|role| meaning(cell_of(*role), name))
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
