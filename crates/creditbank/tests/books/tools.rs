//! The plain-text accounting tools that an export is checked by.

use std::path::Path;
use std::process::Command;

use kit::hundredths;

use crate::bank::Balances;

/// hledger reads a file in the encoding of the locale, and ours are UTF-8.
const LOCALE: &str = if cfg!(target_os = "macos") {
    "en_US.UTF-8"
} else {
    "C.UTF-8"
};

/// Runs one of the tools, which has to be there.
pub(crate) fn tool(name: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(name);
    let output = command.args(arguments).env("LC_ALL", LOCALE).output();
    let output = output.unwrap_or_else(|error| {
        panic!("{name} cannot be run ({error}); install it, or run: scripts/setup.sh test")
    });
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} {arguments:?}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// What hledger makes of a journal.
pub(crate) fn counted_by_hledger(journal: &Path) -> Balances {
    let journal = journal.to_str().unwrap();
    tool("hledger", &["-f", journal, "check", "--strict"]);
    let table = tool(
        "hledger",
        &[
            "-f",
            journal,
            "balance",
            "--flat",
            "--no-total",
            "-O",
            "csv",
            "^Assets",
        ],
    );
    let mut balances = Balances::new();
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    for row in reader.records() {
        let row = row.unwrap();
        // "7.25 HOUR, 0.05 CREDIT"
        for amount in row[1].split(", ").filter(|text| *text != "0") {
            let (figure, commodity) = amount.split_once(' ').unwrap();
            let sum = hundredths(figure).get();
            balances.insert((row[0].to_owned(), commodity.to_owned()), sum);
        }
    }
    balances
}
