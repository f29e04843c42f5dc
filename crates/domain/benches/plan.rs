//! How long the best plan takes: random problems of realistic size, by kind of rules and of caps.
//!
//! `cargo bench -p creditbank-domain --bench plan -- [problems of each kind] [steps] [Caps …]`. It
//! prints, and judges nothing.
#![expect(clippy::print_stdout, reason = "a bench reports on standard output")]

use std::time::{Duration, Instant};

use creditbank_domain::amount::Hundredths;
use creditbank_domain::conversion::{PlanOption, PlanProblem, best_plan};

const LOTS: usize = 60;
const PERIODS: usize = 4;
const KINDS: usize = 3;
const INSTITUTIONS: usize = 6;
const YEARS: usize = 2;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let mut counts = words.iter().filter_map(|word| word.parse().ok());
    let problems = counts.next().unwrap_or(50);
    let steps_max = counts.next().unwrap_or(10_000);
    let named = |word: &&String| word.starts_with(char::is_uppercase);
    let wanted: Vec<&String> = words.iter().filter(named).collect();
    println!("{problems} problems each, at most {steps_max} steps; times in microseconds");
    println!("rules          caps    options  median     p95     max  proven  total proven");
    let rules = [
        Rules::Listed,
        Rules::ManyPerLot,
        Rules::Category,
        Rules::ManyCategories,
    ];
    for rules in rules {
        for caps in [Caps::Loose, Caps::Realistic, Caps::Tight, Caps::AllCut] {
            if !wanted.is_empty() && !wanted.contains(&&format!("{caps:?}")) {
                continue;
            }
            report(rules, caps, problems, steps_max);
        }
    }
}

fn report(rules: Rules, caps: Caps, problems: u64, steps_max: u64) {
    let mut times: Vec<(Duration, u64)> = Vec::new();
    let (mut proven, mut total_proven, mut options) = (0_u64, 0_u64, 0);
    for seed in 0..problems {
        let problem = problem(rules, caps, &mut Numbers(seed));
        options += problem.options.len();
        let start = Instant::now();
        let plan = best_plan(&problem, steps_max);
        times.push((start.elapsed(), seed));
        proven += u64::from(plan.proven);
        total_proven += u64::from(plan.bound == plan.total);
    }
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    let micros = |place: usize| times.get(place).map_or(0, |(time, _)| time.as_micros());
    let slowest = times.last().map_or(0, |(_, seed)| *seed);
    println!(
        "{:<14} {:<9} {:>5} {:>7} {:>7} {:>7} {proven:>7} {total_proven:>7} (slowest: {slowest})",
        format!("{rules:?}"),
        format!("{caps:?}"),
        options.checked_div(times.len()).unwrap_or(0),
        micros(last / 2),
        micros(last * 95 / 100),
        micros(last),
    );
}

/// A generator of numbers (SplitMix64), the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % count).unwrap_or(0)
    }

    fn within(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most + 1 - least)
    }

    fn one_in(&mut self, chance: usize) -> bool {
        self.below(chance) == 0
    }
}

/// What the rules are like.
#[derive(Debug, Clone, Copy)]
enum Rules {
    /// 200 rules that name one to three lots and a course.
    Listed,
    /// One to eight rules for each lot, some of them giving two courses.
    ManyPerLot,
    /// 20 rules for any of 20 lots each.
    Category,
    /// 100 rules for any of 20 lots each.
    ManyCategories,
}

/// How much the caps leave.
#[derive(Debug, Clone, Copy)]
enum Caps {
    /// More than most learners can reach.
    Loose,
    /// 35 % of a programme, 24 credits a term and 42 a year, 8 a certificate, shares by kind.
    Realistic,
    /// A small share of the programme, and less than half of it by kind or certificate.
    Tight,
    /// Every cap cuts, and all of them cross: no real rules are like that.
    AllCut,
}

/// What a lot counts against.
struct Lot {
    kind: usize,
    institution: usize,
    period: usize,
    certificate: Option<usize>,
}

fn problem(rules: Rules, caps: Caps, numbers: &mut Numbers) -> PlanProblem {
    let lots: Vec<Lot> = (0..LOTS)
        .map(|lot| Lot {
            kind: numbers.below(KINDS),
            institution: numbers.below(INSTITUTIONS),
            // Lots are numbered by age, and terms follow one another.
            period: lot * PERIODS / LOTS,
            certificate: numbers.one_in(4).then(|| numbers.below(5)),
        })
        .collect();
    let course_count = numbers.within(60, 120);
    // 1.00 to 6.00 in steps of 0.50.
    let credits: Vec<usize> = (0..course_count)
        .map(|_| numbers.within(2, 12) * 50)
        .collect();
    let mut problem = PlanProblem {
        lot_count: LOTS,
        course_count,
        room: rooms(caps, numbers),
        options: Vec::new(),
    };
    for (application, mut used, course) in applied(rules, course_count, numbers) {
        used.sort_unstable();
        used.dedup();
        problem.options.push(PlanOption {
            application,
            caps: caps_of(&lots, &used),
            lots: used,
            course,
            gross: hundredths(credits.get(course).copied().unwrap_or(0)),
        });
    }
    problem
}

/// Which application gives which course for which lots.
fn applied(
    rules: Rules,
    course_count: usize,
    numbers: &mut Numbers,
) -> Vec<(usize, Vec<usize>, usize)> {
    let mut applied = Vec::new();
    match rules {
        Rules::Listed => {
            for rule in 0..200 {
                let count = [1, 1, 1, 1, 1, 1, 1, 2, 2, 3];
                let count = count.get(numbers.below(10)).copied().unwrap_or(1);
                let used = (0..count).map(|_| numbers.below(LOTS)).collect();
                applied.push((rule, used, numbers.below(course_count)));
            }
        }
        Rules::ManyPerLot => {
            for lot in 0..LOTS {
                for rule in 0..numbers.within(1, 8) {
                    let application = 10 * lot + rule;
                    applied.push((application, vec![lot], numbers.below(course_count)));
                    if numbers.one_in(5) {
                        applied.push((application, vec![lot], numbers.below(course_count)));
                    }
                }
            }
        }
        Rules::Category => applied = categories(20, course_count, numbers),
        Rules::ManyCategories => applied = categories(100, course_count, numbers),
    }
    applied
}

fn categories(
    rules: usize,
    course_count: usize,
    numbers: &mut Numbers,
) -> Vec<(usize, Vec<usize>, usize)> {
    let mut applied = Vec::new();
    for rule in 0..rules {
        let mut matched: Vec<usize> = (0..LOTS).collect();
        for _ in 0..LOTS - 20 {
            matched.remove(numbers.below(matched.len()));
        }
        for lot in matched {
            applied.push((applied.len(), vec![lot], rule % course_count));
        }
    }
    applied
}

/// Caps: the programme, kinds, institutions, terms, years, certificates.
fn rooms(caps: Caps, numbers: &mut Numbers) -> Vec<Hundredths> {
    let mut rooms = Vec::new();
    let mut room = |count: usize, [loose, realistic, tight, all_cut]: [(usize, usize); 4]| {
        let (least, most) = match caps {
            Caps::Loose => loose,
            Caps::Realistic => realistic,
            Caps::Tight => tight,
            Caps::AllCut => all_cut,
        };
        for _ in 0..count {
            rooms.push(hundredths(numbers.within(least, most)));
        }
    };
    room(
        1,
        [
            (15_000, 20_000),
            (2_170, 5_950),
            (2_170, 3_500),
            (6_000, 9_000),
        ],
    );
    room(
        KINDS,
        [(8_000, 9_000), (1_500, 5_000), (700, 1_600), (1_000, 3_000)],
    );
    room(
        INSTITUTIONS,
        [
            (6_000, 10_500),
            (1_000, 3_000),
            (1_000, 3_000),
            (400, 1_600),
        ],
    );
    room(
        PERIODS,
        [(6_000, 7_000), (2_400, 2_400), (2_400, 2_400), (700, 2_000)],
    );
    room(
        YEARS,
        [
            (9_000, 12_000),
            (4_200, 4_200),
            (4_200, 4_200),
            (1_500, 3_200),
        ],
    );
    room(5, [(2_000, 3_000), (800, 800), (300, 800), (300, 1_000)]);
    rooms
}

fn caps_of(lots: &[Lot], used: &[usize]) -> Vec<usize> {
    let mut caps = vec![0];
    for lot in used.iter().filter_map(|lot| lots.get(*lot)) {
        let institutions = 1 + KINDS;
        let periods = institutions + INSTITUTIONS;
        let years = periods + PERIODS;
        let certificates = years + YEARS;
        caps.extend([
            1 + lot.kind,
            institutions + lot.institution,
            periods + lot.period,
            years + lot.period * YEARS / PERIODS,
        ]);
        caps.extend(
            lot.certificate
                .map(|certificate| certificates + certificate),
        );
    }
    caps.sort_unstable();
    caps.dedup();
    caps
}

fn hundredths(value: usize) -> Hundredths {
    i64::try_from(value)
        .ok()
        .and_then(|value| Hundredths::new(value).ok())
        .unwrap_or_default()
}
