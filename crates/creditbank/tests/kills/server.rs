//! The server as a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::bank::Bank;

/// `creditbank serve`
pub(crate) struct Server {
    process: Child,
    address: String,
    /// What it logged.
    said: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts it and waits until it says where it listens.
    pub(crate) fn start(bank: &Bank) -> Self {
        Self::start_with(bank, &[])
    }

    /// The same with settings of its own; what a talkative one logs is kept and not shown.
    pub(crate) fn start_with(bank: &Bank, settings: &[(&str, &str)]) -> Self {
        let aloud = settings.iter().all(|(name, _)| *name != "CREDITBANK_LOG");
        let mut process = bank
            .command()
            .envs(settings.iter().copied())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let address = loop {
            let line = lines.next().unwrap_or_else(|| panic!("no server: {said}"));
            let line = line.unwrap();
            if let Some((_, address)) = line.split_once("http://") {
                break address.trim().to_owned();
            }
            said.push_str(&line);
        };
        // What it logs later is read, so that it never waits for a reader.
        let said = Arc::new(Mutex::new(said));
        let heard = Arc::clone(&said);
        let reader = std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if aloud {
                    eprintln!("server: {line}");
                }
                let mut said = heard.lock().unwrap();
                said.push_str(&line);
                said.push('\n');
            }
        });
        Self {
            process,
            address,
            said,
            reader: Some(reader),
        }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// SIGKILL
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// SIGTERM: the server is asked to end.
    pub(crate) fn ask_to_end(&self) {
        let id = i32::try_from(self.process.id()).unwrap();
        kill(Pid::from_raw(id), Signal::SIGTERM).unwrap();
    }

    /// Waits until it has ended; whether it says that all went well.
    pub(crate) fn ended_well(&mut self) -> bool {
        self.process.wait().unwrap().success()
    }

    pub(crate) fn stop(mut self) {
        self.kill();
    }

    /// SIGTERM, and everything that it logged until its end.
    pub(crate) fn end(mut self) -> String {
        self.ask_to_end();
        let ended = self.process.wait().unwrap();
        assert!(ended.success(), "{ended}");
        self.reader.take().unwrap().join().unwrap();
        let said = self.said.lock().unwrap();
        said.clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that is gone already needs no end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
