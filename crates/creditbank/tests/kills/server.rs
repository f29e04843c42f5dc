//! The server as a process of its own.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::bank::Bank;

/// `creditbank serve`
pub(crate) struct Server {
    process: Child,
    address: String,
}

impl Server {
    /// Starts it and waits until it says where it listens.
    pub(crate) fn start(bank: &Bank) -> Self {
        Self::start_with(bank, &[])
    }

    /// The same with settings of its own.
    pub(crate) fn start_with(bank: &Bank, settings: &[(&str, &str)]) -> Self {
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
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                eprintln!("server: {line}");
            }
        });
        Self { process, address }
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
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that is gone already needs no end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
