//! Whoever reads a file for minutes gives way to whoever waits for an answer.

/// How much less a thread gets that gives way, where both want the processor: a tenth.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// From now on this thread gets the processor after the others, as long as it lives: a process may
/// not take that back. So it is said by threads that do nothing but import.
///
/// Only Linux knows that of a single thread. Elsewhere, and where it is forbidden, nothing changes:
/// an import is then as quick, and a balance beside it slower.
pub fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(error = %error, "imports take the processor as everybody does");
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::getpriority_process;

    use super::{NICE, give_way};

    fn nice() -> Option<i32> {
        getpriority_process(None).ok()
    }

    #[test]
    fn a_thread_gives_way_and_the_one_that_started_it_does_not() {
        let before = nice();
        let given = std::thread::spawn(|| {
            give_way();
            nice()
        });
        let given = given.join().expect("nothing panics");
        assert_eq!((given, nice()), (before.max(Some(NICE)), before));
        assert!(before.is_some_and(|before| before < NICE));
    }
}
