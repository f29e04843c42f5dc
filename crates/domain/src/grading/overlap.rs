//! Advice from two distributions of passing grades, by the overlap of their cumulative shares.
//!
//! The method is that of the European grade conversion project (EGRACONS). Of both schemes the
//! passing grades are laid out from the best to the worst, each as wide as the share of those who
//! got it. A grade of the one covers a stretch; the grade of the other that covers at least half
//! of that stretch is advised. Where none does, the one in which the middle of the stretch lies.
//! Where two cover exactly half, the better one, and the advice shows both.
//!
//! All figures are whole numbers over the product of both totals: nothing is rounded before it is
//! compared. What comes out is advice for a person with its figures; no rule reads it.

use super::{GradingScheme, SchemeFault};
use crate::amount::Hundredths;

/// How often each passing grade was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// Grades with their counts, in whatever order.
    pub counts: Vec<(String, u32)>,
}

/// How the advised grade was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// It covers at least half of the grade's stretch.
    Overlap,
    /// None does; the middle of the stretch lies in it.
    MidPoint,
}

/// How much of the grade's stretch another grade covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The grade of the other scheme.
    pub grade: String,
    /// In hundredths of a percent, rounded down: for people, not for deciding.
    pub percent: Hundredths,
}

/// What is advised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// The grade of the other scheme.
    pub grade: String,
    /// How it was found.
    pub method: Method,
    /// Everything that the stretch meets, best first.
    pub shares: Vec<Share>,
    /// How many passing grades each distribution counts: few say little.
    pub totals: (u64, u64),
}

/// Why nothing is advised.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdviceError {
    /// Not a grade of its scheme.
    #[error("{0}")]
    Grade(SchemeFault),
    /// It does not pass, so no share of passing grades says anything of it.
    #[error("{0} does not pass in its scheme")]
    NotPassing(String),
    /// It was never given.
    #[error("{0} was never given, so it covers nothing")]
    NeverGiven(String),
    /// A grade is counted twice.
    #[error("{0} is counted twice")]
    CountedTwice(String),
    /// Nobody passed.
    #[error("the distribution of {0} counts no passing grade")]
    Empty(String),
}

impl From<SchemeFault> for AdviceError {
    fn from(fault: SchemeFault) -> Self {
        Self::Grade(fault)
    }
}

/// Grades with how often each was given, best first.
type Counts<'d> = Vec<(&'d str, u32)>;

/// A grade's stretch: from and to, over a scale that both distributions share.
struct Stretch<'d> {
    grade: &'d str,
    from: u128,
    to: u128,
}

/// Advises what a grade of one scheme may be in another.
///
/// # Errors
/// [`AdviceError`] where the distributions say nothing of it.
pub fn advise(
    grade: &str,
    (scheme, given): (&GradingScheme, &Distribution),
    (other, theirs): (&GradingScheme, &Distribution),
) -> Result<Advice, AdviceError> {
    scheme.must_place(grade)?;
    if !scheme.passes(grade) {
        return Err(AdviceError::NotPassing(grade.to_owned()));
    }
    let (ours, our_total) = passing(scheme, given)?;
    let (theirs, their_total) = passing(other, theirs)?;
    let ours = stretches(&ours, their_total);
    let theirs = stretches(&theirs, our_total);
    let own = ours
        .iter()
        .find(|stretch| scheme.place(stretch.grade) == scheme.place(grade))
        .ok_or_else(|| AdviceError::NeverGiven(grade.to_owned()))?;
    let width = own.to - own.from;
    let met: Vec<(&Stretch<'_>, u128)> = theirs
        .iter()
        .map(|it| (it, it.to.min(own.to).saturating_sub(it.from.max(own.from))))
        .filter(|(_, common)| *common > 0)
        .collect();
    let half = met.iter().find(|(_, common)| 2 * common >= width);
    let middle = own.from + own.to;
    let (found, method) = match half {
        Some((found, _)) => (*found, Method::Overlap),
        None => {
            let holds = |it: &&Stretch<'_>| 2 * it.from <= middle && middle < 2 * it.to;
            let found = theirs.iter().find(holds);
            let found = found.ok_or_else(|| AdviceError::Empty(other.code.clone()))?;
            (found, Method::MidPoint)
        }
    };
    Ok(Advice {
        grade: found.grade.to_owned(),
        method,
        shares: met
            .iter()
            .map(|(it, common)| Share {
                grade: it.grade.to_owned(),
                percent: percent(*common, width),
            })
            .collect(),
        totals: (our_total, their_total),
    })
}

fn percent(part: u128, whole: u128) -> Hundredths {
    let share = (part * 10_000).checked_div(whole).unwrap_or_default();
    let share = i64::try_from(share).unwrap_or_default();
    Hundredths::new(share).unwrap_or_default()
}

/// The passing grades that were given, best first, and how many there are.
fn passing<'d>(
    scheme: &GradingScheme,
    given: &'d Distribution,
) -> Result<(Counts<'d>, u64), AdviceError> {
    let mut placed = Vec::with_capacity(given.counts.len());
    for (grade, count) in &given.counts {
        let place = scheme.must_place(grade)?;
        if scheme.passes(grade) && *count > 0 {
            placed.push((place, grade.as_str(), *count));
        }
    }
    placed.sort_by_key(|(place, ..)| std::cmp::Reverse(*place));
    let twice = placed.iter().zip(placed.iter().skip(1));
    if let Some((_, (_, grade, _))) = twice.clone().find(|(one, two)| one.0 == two.0) {
        return Err(AdviceError::CountedTwice((*grade).to_owned()));
    }
    let total: u64 = placed.iter().map(|(.., count)| u64::from(*count)).sum();
    if total == 0 {
        return Err(AdviceError::Empty(scheme.code.clone()));
    }
    let counts = placed.into_iter().map(|(_, grade, count)| (grade, count));
    Ok((counts.collect(), total))
}

/// Lays counts out one behind the other, each as wide as its count times the other total.
fn stretches<'d>(counts: &[(&'d str, u32)], other_total: u64) -> Vec<Stretch<'d>> {
    let mut from = 0;
    counts
        .iter()
        .map(|(grade, count)| {
            let to = from + u128::from(*count) * u128::from(other_total);
            let stretch = Stretch { grade, from, to };
            from = to;
            stretch
        })
        .collect()
}
