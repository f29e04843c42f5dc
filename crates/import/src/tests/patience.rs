//! Reading is bounded in time: by a clock that the tests turn, never by a real one.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Duration;

use super::*;
use crate::input::{Input, Patience};
use crate::sheet::Role;
use crate::transcript::Transcript;

/// A clock on which every look at it costs a second.
fn ticking(most: u64) -> (Patience, Rc<Cell<u64>>) {
    let ticks = Rc::new(Cell::new(0));
    let seen = Rc::clone(&ticks);
    let clock = move || {
        seen.set(seen.get() + 1);
        Duration::from_secs(seen.get())
    };
    (Patience::new(clock, Duration::from_secs(most)), ticks)
}

fn lines_within(path: &std::path::Path, patience: Patience) -> Result<usize, Fault> {
    let input = Input::within(path, patience);
    let mut transcript = Transcript::open_input(&input, None, &mut |_| None)?;
    let mut count = 0;
    transcript.for_each_row(&mut |_, role| {
        if let Role::Lines(lines) = role {
            count += lines.len();
        }
        ControlFlow::Continue(())
    })?;
    Ok(count)
}

#[test]
fn every_reader_stops_when_its_time_is_up_and_says_so_wherever_it_was() {
    for (index, seed) in super::enemies::seeds().iter().enumerate() {
        let file = TestFile::new(seed);
        let whole = lines_within(&file.path, ticking(u64::MAX).0).unwrap();
        assert!(whole > 0, "seed {index}");
        let mut most = 0;
        let found = loop {
            let (patience, ticks) = ticking(most);
            match lines_within(&file.path, patience) {
                Ok(lines) => break lines,
                Err(fault) => {
                    assert_eq!(fault.code, "READING_TOO_LONG", "seed {index} after {most}");
                    assert!(fault.zh.contains("拆分") && fault.en.contains("split it"));
                    // What is done with a row takes two looks that are not the reader's.
                    assert!(
                        ticks.get() <= 3 * most + 3,
                        "seed {index}: it went on reading"
                    );
                }
            }
            most += 1;
            assert!(most < 100_000, "seed {index} is never read");
        };
        assert!(most > 2, "seed {index}: the clock was hardly looked at");
        assert_eq!(found, whole, "seed {index}");
    }
}

#[test]
fn a_long_file_is_left_in_its_midst() {
    let line = "1,M1,2024-2025-1,60\n";
    let text = format!("学号,课程代码,学期,成绩\n{}", line.repeat(100_000));
    let records = "{\"student_number\":\"1\",\"course_code\":\"M\",\"grade\":60}\n".repeat(50_000);
    for text in [text, records] {
        let file = TestFile::new(&text);
        let (patience, ticks) = ticking(20);
        let fault = lines_within(&file.path, patience).unwrap_err();
        assert_eq!(fault.code, "READING_TOO_LONG");
        assert!(ticks.get() < 70, "{}", ticks.get());
    }
}

#[test]
fn what_is_done_with_a_line_is_not_the_reader_s_time() {
    let file = TestFile::new("学号,课程代码,学期,成绩\n1,M1,2024-2025-1,60\n2,M1,2024-2025-1,60\n");
    let now = Rc::new(Cell::new(0));
    let seen = Rc::clone(&now);
    let clock = move || Duration::from_secs(seen.get());
    let input = Input::within(&file.path, Patience::new(clock, Duration::from_secs(5)));
    let mut transcript = Transcript::open_input(&input, None, &mut |_| None).unwrap();
    let mut rows = 0;
    let read = transcript.for_each_row(&mut |_, _| {
        rows += 1;
        now.set(now.get() + 3_600);
        ControlFlow::Continue(())
    });
    assert_eq!((read, rows), (Ok(()), 3));
    now.set(now.get() + 6);
    let read = transcript.for_each_row(&mut |_, _| ControlFlow::Continue(()));
    assert_eq!(read.unwrap_err().code, "READING_TOO_LONG");
}
