//! Lines of several transactions that are worked at together: noted in their order, without a gap.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

use creditbank_ledger::LedgerError;
use creditbank_ledger::flows::{ImportLine, LineResult, LineStatus};

use crate::error::ImportError;
use crate::poster::{Poster, Work};
use crate::run::{Progress, Watch};

const TRANSACTIONS: u64 = 40;

/// What was looked up, for those that want others to be first.
#[derive(Default)]
struct Looked {
    numbers: Mutex<BTreeSet<u64>>,
    more: Condvar,
}

impl Looked {
    fn add(&self, number: u64) {
        self.numbers.lock().unwrap().insert(number);
        self.more.notify_all();
    }

    fn wait_for(&self, number: u64) {
        let missing = |numbers: &mut BTreeSet<u64>| !numbers.contains(&number);
        let (numbers, deadline) = (self.numbers.lock().unwrap(), Duration::from_secs(20));
        let waited = self.more.wait_timeout_while(numbers, deadline, missing);
        let out_of_time = waited.unwrap().1.timed_out();
        assert!(
            !out_of_time,
            "{number} is not looked up beside the one before it"
        );
    }
}

fn line(line_no: u64) -> ImportLine {
    ImportLine {
        line_no,
        content: Err(Vec::new()),
    }
}

fn first(lines: &[ImportLine]) -> u64 {
    lines[0].line_no
}

fn results(lines: &[ImportLine]) -> Vec<LineResult> {
    let rejected = lines.iter().map(|line| LineResult {
        line_no: line.line_no,
        status: LineStatus::Rejected,
        faults: Vec::new(),
    });
    rejected.collect()
}

/// What was noted, what was told of it last, and how it ended. One alone is not read ahead of.
fn run(
    at_once: usize,
    look: impl Fn(u64) -> Result<u64, LedgerError> + Send + Sync,
    note: impl Fn(u64) -> Result<(), LedgerError> + Send + Sync,
) -> (Vec<u64>, Progress, Result<(), ImportError>) {
    let noted = Mutex::new(Vec::new());
    let mut last = Progress::default();
    let mut told = |progress: Progress| {
        last = progress;
        ControlFlow::Continue(())
    };
    let mut watch = Watch {
        told: &mut told,
        stopped: &|| false,
    };
    let ended = thread::scope(|scope| {
        let work = Work {
            at_once,
            reads_ahead: at_once > 1,
            look: |lines: &[ImportLine]| look(first(lines)),
            note: |seen: u64, lines: &[ImportLine]| {
                assert_eq!(seen, first(lines), "what was seen of other lines");
                note(seen)?;
                noted.lock().unwrap().push(seen);
                Ok(results(lines))
            },
        };
        let mut poster = Poster::start(scope, work, (Progress::default(), &mut watch));
        for number in 0..TRANSACTIONS {
            poster.post(vec![line(number)], number)?;
            let is_noted = noted.lock().unwrap().contains(&number);
            assert!(is_noted || at_once > 1, "{number} is read ahead of");
        }
        poster.finish()
    });
    (noted.into_inner().unwrap(), last, ended)
}

#[test]
fn what_is_looked_up_together_is_noted_in_its_order_and_told_as_read() {
    let looked = Looked::default();
    let look = |number: u64| {
        looked.add(number);
        // Every other one is done after the next.
        if number.is_multiple_of(2) {
            looked.wait_for(number + 1);
        }
        Ok(number)
    };
    let (noted, last, ended) = run(2, look, |_| Ok(()));
    ended.unwrap();
    assert_eq!(noted, (0..TRANSACTIONS).collect::<Vec<_>>());
    assert_eq!(last.bytes_read, TRANSACTIONS - 1);
    assert_eq!(last.rejected, TRANSACTIONS);
}

#[test]
fn after_one_that_fails_none_is_noted_wherever_it_fails() {
    for failing in [0, 1, 7, TRANSACTIONS - 2, TRANSACTIONS - 1] {
        for at_once in [1, 2, 3] {
            let fails = |looked: &Looked, number: u64| {
                if number != failing {
                    return Ok(());
                }
                if at_once > 1 && number + 1 < TRANSACTIONS {
                    looked.wait_for(number + 1);
                }
                Err(LedgerError::Corrupt("on purpose"))
            };
            let (one, other) = (Looked::default(), Looked::default());
            let look = |number: u64| {
                one.add(number);
                fails(&one, number).map(|()| number)
            };
            let looking = run(at_once, look, |_| Ok(()));
            let look = |number: u64| {
                other.add(number);
                Ok(number)
            };
            let noting = run(at_once, look, |number| fails(&other, number));
            for (noted, _, ended) in [looking, noting] {
                assert_eq!(noted, (0..failing).collect::<Vec<_>>());
                assert!(matches!(
                    ended,
                    Err(ImportError::Ledger(LedgerError::Corrupt("on purpose")))
                ));
            }
        }
    }
}

#[test]
fn a_thread_that_panics_ends_the_import_and_keeps_nobody_waiting() {
    for failing in [0, 3, TRANSACTIONS - 1] {
        let noted = Mutex::new(BTreeSet::new());
        let look = |number: u64| {
            assert_ne!(number, failing, "on purpose");
            Ok(number)
        };
        let note = |number: u64| {
            noted.lock().unwrap().insert(number);
            Ok(())
        };
        let ended = catch_unwind(AssertUnwindSafe(|| run(2, look, note)));
        assert!(ended.is_err());
        // Without a gap; what others had looked up by then may be lost with it.
        let noted = noted.into_inner().unwrap();
        let count = u64::try_from(noted.len()).unwrap();
        assert_eq!(noted, (0..count).collect());
        assert!(count <= failing, "{count} of {failing}");
    }
}
