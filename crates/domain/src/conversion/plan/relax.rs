//! The problem without its whole numbers, as the simplex method wants it.
//!
//! An option is taken to a share between 0 and 1, and pays its lots and its course by that share.

use super::bound::Prices;
use super::list::{at, push, put};
use super::lp::{Lp, ONE, Solved, ratio, times};
use super::model::Model;
use super::search::{Node, Task};
use super::steps::Steps;

/// Shares below this are taken for rounding.
pub(super) const SOME: i64 = ONE >> 14;

/// What a lot that has to be used is worth: more than anything it could stand in the way of.
const FORCED: i64 = ONE << 4;

/// The best point of the relaxation, all shares with [`super::lp::BITS`] bits behind the point.
#[derive(Debug, Clone, Default)]
pub(super) struct Point {
    pub(super) options: Vec<i64>,
    pub(super) applications: Vec<i64>,
    pub(super) lots: Vec<i64>,
    pub(super) prices: Prices,
}

/// The table and where things stand in it.
#[derive(Debug)]
pub(super) struct Relaxation {
    lp: Lp,
    fresh: Lp,
    lots: usize,
    option_columns: Vec<usize>,
    application_columns: Vec<usize>,
    /// Row `lot` says that applications pay for the lot, row `lots + lot` that a lot is one.
    course_rows: Vec<Option<usize>>,
    cap_rows: usize,
    count_row: usize,
}

#[derive(Debug, Default)]
struct Table {
    columns: Vec<Vec<(usize, i64)>>,
    rights: Vec<i64>,
}

impl Table {
    fn row(&mut self, right: i64) -> usize {
        self.rights.push(right);
        self.rights.len() - 1
    }

    fn column(&mut self) -> usize {
        self.columns.push(Vec::new());
        self.columns.len() - 1
    }

    fn enter(&mut self, row: usize, column: usize, entry: i64) {
        push(&mut self.columns, column, (row, entry));
    }
}

impl Relaxation {
    pub(super) fn new(model: &Model) -> Self {
        let mut table = Table::default();
        let lots = model.by_lot.len();
        for right in [0, ONE] {
            for lot in 0..lots {
                let row = table.row(right);
                if right == 0 {
                    table.column();
                }
                table.enter(row, lot, if right == 0 { -ONE } else { ONE });
            }
        }
        let mut option_columns = vec![0; model.options.len()];
        let mut application_columns = Vec::with_capacity(model.applications.len());
        for application in &model.applications {
            let column = table.column();
            application_columns.push(column);
            for lot in &application.lots {
                table.enter(*lot, column, ONE);
            }
            if application.lots.is_empty() {
                let row = table.row(ONE);
                table.enter(row, column, ONE);
            }
            for option in &application.options {
                let own = if application.options.len() == 1 {
                    column
                } else {
                    let own = table.column();
                    let row = table.row(0);
                    table.enter(row, own, ONE);
                    table.enter(row, column, -ONE);
                    own
                };
                put(&mut option_columns, *option, own);
            }
        }
        let course_rows = course_rows(model, &mut table, &option_columns);
        let cap_rows = cap_rows(model, &mut table, &option_columns);
        let count_row = table.row(ONE.saturating_mul(i64::try_from(lots).unwrap_or(i64::MAX)));
        for lot in 0..lots {
            table.enter(count_row, lot, ONE);
        }
        let lp = Lp::new(&table.columns, &table.rights);
        Self {
            fresh: lp.clone(),
            lp,
            lots,
            option_columns,
            application_columns,
            course_rows,
            cap_rows,
            count_row,
        }
    }

    /// Solves the relaxation of a node.
    pub(super) fn solve(
        &mut self,
        model: &Model,
        task: &Task,
        node: &Node,
        steps: &mut Steps,
    ) -> Point {
        let scale = self.set(model, task, node);
        if self.lp.solve(steps) == Solved::Empty {
            // To take nothing is always possible, so only rounding can say so.
            self.lp = self.fresh.clone();
            self.set(model, task, node);
            self.lp.solve(steps);
        }
        let values = self.lp.values();
        let of = |columns: &[usize]| columns.iter().map(|c| at(&values, *c)).collect();
        Point {
            options: of(&self.option_columns),
            applications: of(&self.application_columns),
            lots: values.iter().take(self.lots).copied().collect(),
            prices: self.prices(model, scale),
        }
    }

    /// Sets costs and the count; says what a cost of one stands for.
    fn set(&mut self, model: &Model, task: &Task, node: &Node) -> i128 {
        let worth =
            |option: usize, gross: i64| i128::from(at(&task.weights, option)) * i128::from(gross);
        let options = model.options.iter().enumerate();
        let worths = options.clone().filter(|(o, _)| at(&node.allowed, *o));
        let scale = worths.map(|(o, option)| worth(o, option.gross)).max();
        let scale = scale.unwrap_or(1).max(1);
        for (place, option) in options {
            let cost = if at(&node.allowed, place) {
                ratio(worth(place, option.gross), scale)
            } else {
                -ONE
            };
            self.lp.set_cost(at(&self.option_columns, place), cost);
        }
        for lot in 0..self.lots {
            self.lp
                .set_cost(lot, if at(&node.forced, lot) { FORCED } else { 0 });
        }
        let count = task.count_max.min(self.lots);
        let count = ONE.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX));
        self.lp.set_right(self.count_row, count);
        scale
    }

    fn prices(&self, model: &Model, scale: i128) -> Prices {
        let prices = self.lp.prices();
        let price = |row: usize| i128::from(at(&prices, row)).saturating_mul(scale);
        let courses = self.course_rows.iter().map(|row| row.map_or(0, price));
        let caps = model.rooms.iter().enumerate();
        let caps = caps.map(|(cap, room)| {
            price(self.cap_rows + cap)
                .checked_div(i128::from(*room))
                .unwrap_or(0)
        });
        Prices {
            lots: (0..self.lots).map(price).collect(),
            courses: courses.collect(),
            caps: caps.collect(),
            count: price(self.count_row),
        }
    }
}

/// A row for each course that several options grant.
fn course_rows(model: &Model, table: &mut Table, columns: &[usize]) -> Vec<Option<usize>> {
    let mut rows = Vec::with_capacity(model.by_course.len());
    for options in &model.by_course {
        let row = (options.len() > 1).then(|| table.row(ONE));
        if let Some(row) = row {
            for option in options {
                table.enter(row, at(columns, *option), ONE);
            }
        }
        rows.push(row);
    }
    rows
}

/// A row for each cap, as shares of its room; says which is the first.
fn cap_rows(model: &Model, table: &mut Table, columns: &[usize]) -> usize {
    let first = table.rights.len();
    for _ in &model.rooms {
        table.row(ONE);
    }
    for (option, column) in model.options.iter().zip(columns) {
        for cap in &option.caps {
            let share = ratio(option.gross.into(), at(&model.rooms, *cap).into());
            table.enter(first + cap, *column, share);
        }
    }
    first
}

/// The whole hundredths of a share, where a share that is short by rounding counts in full.
pub(super) fn whole_of(share: i64, gross: i64) -> i64 {
    let nearly = times(share, gross.saturating_mul(1 << 20)).saturating_add(1 << 10);
    (nearly >> 20).clamp(0, gross)
}
