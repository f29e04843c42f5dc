//! `receiver.py` as a process of its own: somebody else's idea of what a signature is.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// See the module.
pub(crate) struct Receiver {
    process: Child,
    port: u16,
    secrets: PathBuf,
    received: Arc<Mutex<Vec<Value>>>,
}

/// The Python that `scripts/setup.sh test` gives the package.
fn python() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = root.join("target/receiver/bin/python");
    assert!(
        python.exists(),
        "{} is missing: run scripts/setup.sh test",
        python.display()
    );
    python
}

impl Receiver {
    /// Starts it without any secret: it refuses everything with 503.
    pub(crate) fn start(home: &Path, name: &str) -> Self {
        let secrets = home.join(name);
        fs::write(&secrets, "").unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kills/receiver.py");
        let mut process = Command::new(python())
            .arg(script)
            .arg(&secrets)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.next().unwrap().unwrap().parse().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&received);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let request = serde_json::from_str(&line).unwrap();
                keep.lock().unwrap().push(request);
            }
        });
        Self {
            process,
            port,
            secrets,
            received,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/events", self.port)
    }

    /// Verifies by these from now on.
    pub(crate) fn verify_by(&self, secrets: &[&str]) {
        // Whoever reads meanwhile sees one or the other.
        let whole = self.secrets.with_extension("new");
        fs::write(&whole, secrets.join("\n")).unwrap();
        fs::rename(whole, &self.secrets).unwrap();
    }

    /// What was received so far and taken.
    pub(crate) fn taken(&self) -> Vec<Value> {
        let received = self.received.lock().unwrap();
        let taken = received.iter().filter(|it| it["status"] == 204);
        taken.cloned().collect()
    }

    /// Waits until what was taken is as wished for.
    pub(crate) fn wait(&self, wish: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let began = Instant::now();
        loop {
            let taken = self.taken();
            if wish(&taken) {
                return taken;
            }
            assert!(
                began.elapsed() < Duration::from_secs(90),
                "after {:?} there are {}",
                began.elapsed(),
                taken.len()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // One that is gone already needs no end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
