//! The problem without its whole numbers, as the simplex method wants it.
//!
//! An option is taken to a share between 0 and 1, and pays its lots and its course by that share.

use super::bound::{Bound, Prices};
use super::list::{at, push, put, row};
use super::lp::{BITS, Lp, ONE, Solved, ratio, times};
use super::model::Model;
use super::search::{Node, Task};
use super::steps::Steps;

/// Shares below this are taken for rounding.
pub(super) const SOME: i64 = ONE >> 14;

/// What a lot that has to be used is worth: more than anything it could stand in the way of.
const FORCED: i64 = ONE << 4;

/// What a lot costs that is missing in a group: more than any use of it could cost.
const MISSING: i64 = ONE << 5;

/// The place of a column that is not there yet.
const ABSENT: usize = usize::MAX;

/// So many columns are added at a time.
const COLUMNS_MORE: usize = 40;

/// A column that gains less is not worth adding; it counts in the bound all the same.
const GAIN_MIN: i128 = 1 << (BITS - 12);

/// How many prices are remembered.
const CLOSING_MAX: usize = 8;

/// The best point of the relaxation, all shares with [`super::lp::BITS`] bits behind the point.
#[derive(Debug, Clone, Default)]
pub(super) struct Point {
    pub(super) options: Vec<i64>,
    pub(super) applications: Vec<i64>,
    pub(super) lots: Vec<i64>,
    pub(super) prices: Prices,
}

/// How much of the problem is in the table. Less is faster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Detail {
    /// Any number of lots may be used, and none has to be.
    Amounts,
    /// The lots used are counted.
    Lots,
    /// They are counted by group too.
    Groups,
}

/// The table and where things stand in it.
#[derive(Debug)]
pub(super) struct Relaxation {
    pub(super) detail: Detail,
    /// Prices that closed a node lately, the latest last: they often close the next one too,
    /// without a pivot.
    pub(super) closing: Vec<Prices>,
    lp: Lp,
    table: Table,
    /// Which column of the table is which of the simplex method; [`ABSENT`] until it is wanted.
    places: Vec<usize>,
    lots: usize,
    option_columns: Vec<usize>,
    application_columns: Vec<usize>,
    course_rows: Vec<Option<usize>>,
    cap_rows: usize,
    count_row: usize,
    /// Row `group_rows + 2 * group` keeps to the most of a group, the next one to the least.
    groups: usize,
    group_rows: usize,
    missing_columns: usize,
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
    /// Sets up the table; its first rows are the lots', and so are its first columns where lots
    /// are counted.
    pub(super) fn new(model: &Model, detail: Detail) -> Self {
        let mut table = Table::default();
        let lots = model.by_lot.len();
        let counted = detail >= Detail::Lots;
        for _ in 0..lots {
            table.row(if counted { 0 } else { ONE });
        }
        for lot in (0..lots).filter(|_| counted) {
            let column = table.column();
            let row = table.row(ONE);
            table.enter(lot, column, -ONE);
            table.enter(row, column, ONE);
        }
        let (option_columns, application_columns) = choice_columns(model, &mut table);
        let course_rows = course_rows(model, &mut table, &option_columns);
        let cap_rows = cap_rows(model, &mut table, &option_columns);
        let count_row = table.row(self::lots(lots));
        for lot in (0..lots).filter(|_| counted) {
            table.enter(count_row, lot, ONE);
        }
        let groups = if detail == Detail::Groups {
            model.groups.len()
        } else {
            0
        };
        let (group_rows, missing_columns) = group_rows(model, groups, &mut table);
        let mut relaxation = Self {
            detail,
            closing: Vec::new(),
            groups,
            lp: Lp::new(&[], &[]),
            places: Vec::new(),
            table,
            lots,
            option_columns,
            application_columns,
            course_rows,
            cap_rows,
            count_row,
            group_rows,
            missing_columns,
        };
        relaxation.start(model);
        relaxation
    }

    /// Sets the simplex method up with the columns that it starts from.
    fn start(&mut self, model: &Model) {
        let columns = self.table.columns.len();
        let mut wanted = vec![true; columns];
        for (application, column) in model.applications.iter().zip(&self.application_columns) {
            put(&mut wanted, *column, application.options.len() > 1);
        }
        self.lp = Lp::new(&[], &self.table.rights);
        self.places = vec![ABSENT; columns];
        for column in (0..columns).filter(|column| at(&wanted, *column)) {
            self.add(column);
        }
    }

    fn add(&mut self, column: usize) {
        let place = self.lp.add_column(row(&self.table.columns, column));
        put(&mut self.places, column, place);
    }

    /// Adds columns that would be worth something; false where there are none.
    fn add_wanted(&mut self, model: &Model, bound: &Bound) -> bool {
        let absent = |application: &usize| {
            let column = at(&self.application_columns, *application);
            at(&self.places, column) == ABSENT
        };
        let applications = (0..model.applications.len()).filter(absent);
        let wanted = applications
            .map(|a| (bound.gain(a), a))
            .filter(|(gain, _)| *gain > GAIN_MIN);
        let mut wanted: Vec<(i128, usize)> = wanted.collect();
        wanted.sort_unstable_by_key(|(gain, application)| (std::cmp::Reverse(*gain), *application));
        wanted.truncate(COLUMNS_MORE);
        for (_, application) in &wanted {
            self.add(at(&self.application_columns, *application));
        }
        !wanted.is_empty()
    }

    /// Remembers prices that closed a node.
    pub(super) fn closed_by(&mut self, prices: Prices) {
        if self.closing.len() == CLOSING_MAX {
            self.closing.remove(0);
        }
        self.closing.push(prices);
    }

    /// Solves the relaxation of a node.
    pub(super) fn solve(
        &mut self,
        model: &Model,
        task: &Task,
        node: &Node,
        steps: &mut Steps,
    ) -> Point {
        let mut prices;
        loop {
            let scale = self.set(model, task, node);
            if self.lp.solve(steps) == Solved::Empty {
                // To take nothing is always possible, so only rounding can say so.
                self.start(model);
                self.set(model, task, node);
                self.lp.solve(steps);
            }
            prices = self.prices(model, scale);
            let all = self.places.iter().all(|place| *place != ABSENT);
            if all || !self.add_wanted(model, &Bound::new(model, task, node, &prices)) {
                break;
            }
        }
        let values = self.lp.values();
        let value = |column: usize| at(&values, at(&self.places, column));
        let of = |columns: &[usize]| columns.iter().map(|column| value(*column)).collect();
        Point {
            options: of(&self.option_columns),
            applications: of(&self.application_columns),
            lots: match self.detail {
                Detail::Amounts => vec![0; self.lots],
                Detail::Lots | Detail::Groups => (0..self.lots).map(value).collect(),
            },
            prices,
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
                let full = if at(&node.full, place) { FORCED } else { 0 };
                ratio(worth(place, option.gross), scale).saturating_add(full)
            } else {
                -ONE
            };
            self.set_cost(at(&self.option_columns, place), cost);
        }
        if self.detail >= Detail::Lots {
            for lot in 0..self.lots {
                let cost = if at(&node.forced, lot) { FORCED } else { 0 };
                self.set_cost(lot, cost);
            }
            let count = task.count_max.min(self.lots);
            self.lp.set_right(self.count_row, lots(count));
        }
        for (group, (least, most)) in node.counts.iter().take(self.groups).enumerate() {
            let row = self.group_rows + 2 * group;
            self.lp.set_right(row, lots(*most));
            self.lp.set_right(row + 1, lots(*least).saturating_neg());
            self.set_cost(self.missing_columns + group, -MISSING);
        }
        scale
    }

    fn set_cost(&mut self, column: usize, cost: i64) {
        let place = at(&self.places, column);
        if place != ABSENT {
            self.lp.set_cost(place, cost);
        }
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
            groups: (0..self.groups)
                .map(|group| self.group_rows + 2 * group)
                .map(|row| (price(row), price(row + 1)))
                .collect(),
        }
    }
}

/// A column for each application and each option, one for both where they are the same.
fn choice_columns(model: &Model, table: &mut Table) -> (Vec<usize>, Vec<usize>) {
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
    (option_columns, application_columns)
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

/// Two rows for each group, and a column for the lots that it is short of; says where they begin.
fn group_rows(model: &Model, groups: usize, table: &mut Table) -> (usize, usize) {
    let first = (table.rights.len(), table.columns.len());
    for group in model.groups.iter().take(groups) {
        let most = table.row(lots(group.len()));
        let least = table.row(0);
        for lot in group {
            table.enter(most, *lot, ONE);
            table.enter(least, *lot, -ONE);
        }
        let missing = table.column();
        table.enter(least, missing, -ONE);
    }
    first
}

/// A count of lots as a fixed-point number.
fn lots(count: usize) -> i64 {
    ONE.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The whole hundredths of a share, where a share that is short by rounding counts in full.
pub(super) fn whole_of(share: i64, gross: i64) -> i64 {
    let nearly = times(share, gross.saturating_mul(1 << 20)).saturating_add(1 << 10);
    (nearly >> 20).clamp(0, gross)
}
