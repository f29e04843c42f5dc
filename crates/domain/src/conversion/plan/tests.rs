use super::*;

mod cases;
mod oracle;
mod properties;
mod random;

/// More than any small case needs.
const STEPS_MAX: u64 = 1_000_000;

fn amount(value: i64) -> Hundredths {
    Hundredths::new(value).unwrap()
}

/// An option: application, lots, course, gross, caps.
fn option(
    application: usize,
    lots: &[usize],
    course: usize,
    gross: i64,
    caps: &[usize],
) -> PlanOption {
    PlanOption {
        application,
        lots: lots.to_vec(),
        course,
        gross: amount(gross),
        caps: caps.to_vec(),
    }
}

fn problem(rooms: &[i64], options: Vec<PlanOption>) -> PlanProblem {
    let above = |numbers: &mut dyn Iterator<Item = usize>| numbers.max().map_or(0, |n| n + 1);
    PlanProblem {
        lot_count: above(&mut options.iter().flat_map(|o| o.lots.iter().copied())),
        course_count: above(&mut options.iter().map(|o| o.course)),
        room: rooms.iter().copied().map(amount).collect(),
        options,
    }
}

/// What each option is granted, 0 where it is not chosen.
fn amounts(problem: &PlanProblem, plan: &Plan) -> Vec<i64> {
    let mut amounts = vec![0; problem.options.len()];
    for grant in &plan.grants {
        amounts[grant.option] = grant.granted.get();
    }
    amounts
}

/// Asserts what holds for every plan, proven or not.
fn hold(problem: &PlanProblem, plan: &Plan) {
    let given = amounts(problem, plan);
    let mut under = vec![0; problem.room.len()];
    let mut course_of = vec![None; problem.course_count];
    let mut application_of = vec![None; problem.lot_count];
    for grant in &plan.grants {
        let option = &problem.options[grant.option];
        assert!(grant.granted <= option.gross && !grant.granted.is_zero());
        for cap in &option.caps {
            under[*cap] += grant.granted.get();
        }
        assert_eq!(course_of[option.course].replace(grant.option), None);
        for lot in &option.lots {
            let other = application_of[*lot].replace(option.application);
            assert!(other.is_none_or(|other| other == option.application));
        }
    }
    for (under, room) in under.iter().zip(&problem.room) {
        assert!(*under <= room.get(), "{plan:?} of {problem:?}");
    }
    assert_eq!(given.iter().sum::<i64>(), plan.total.get());
    assert!(plan.bound >= plan.total);
    assert!(!plan.proven || plan.bound == plan.total);
    assert!(plan.grants.is_sorted_by_key(|grant| grant.option));
}
