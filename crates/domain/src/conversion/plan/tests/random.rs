//! Random problems from a seed, the same on every machine.

use super::*;

/// A generator of numbers (SplitMix64).
pub(super) struct Numbers(pub(super) u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`.
    pub(super) fn within(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most - least + 1)
    }

    fn place(&mut self, count: usize) -> usize {
        usize::try_from(self.within(0, u64::try_from(count).unwrap() - 1)).unwrap()
    }

    fn small(&mut self, most: u64) -> i64 {
        i64::try_from(self.within(0, most)).unwrap()
    }

    /// All places below `count`, in any order.
    pub(super) fn order_of(&mut self, count: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..count).collect();
        for place in (1..count).rev() {
            order.swap(place, self.place(place + 1));
        }
        order
    }

    /// Some places below `count`, each with a chance of one in `chance`.
    fn some(&mut self, count: usize, chance: u64) -> Vec<usize> {
        (0..count).filter(|_| self.within(1, chance) == 1).collect()
    }
}

/// How large the problems of a kind are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) lots: usize,
    pub(super) courses: usize,
    pub(super) caps: usize,
    /// One in so many: the chance of an option to count against a cap.
    pub(super) chance: u64,
    pub(super) options_max: u64,
    pub(super) lots_each_max: u64,
    pub(super) courses_each_max: u64,
    pub(super) gross_max: u64,
    pub(super) room_max: u64,
}

/// A problem of a shape.
pub(super) fn problem_of(shape: Shape, numbers: &mut Numbers) -> PlanProblem {
    let wanted = usize::try_from(numbers.within(1, shape.options_max)).unwrap();
    let mut options = Vec::new();
    let mut application = 0;
    while options.len() < wanted {
        let mut lots: Vec<usize> = (0..numbers.within(1, shape.lots_each_max))
            .map(|_| numbers.place(shape.lots))
            .collect();
        lots.sort_unstable();
        lots.dedup();
        for _ in 0..numbers.within(1, shape.courses_each_max) {
            let course = numbers.place(shape.courses);
            let gross = numbers.small(shape.gross_max);
            let caps = numbers.some(shape.caps, shape.chance);
            options.push(option(application, &lots, course, gross, &caps));
        }
        application += 1;
    }
    options.truncate(wanted);
    let rooms = (0..shape.caps).map(|_| amount(numbers.small(shape.room_max)));
    PlanProblem {
        lot_count: shape.lots,
        course_count: shape.courses,
        room: rooms.collect(),
        options,
    }
}
