//! Where the installed Postgres binaries are.
//!
//! Only looks; installing is `scripts/setup.sh`'s work.

use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::LocalPgError;

/// The major versions the ledger is tested with.
const SUPPORTED: RangeInclusive<u32> = 15..=18;

/// What a directory must hold to count: a client-only installation has just some of these.
const REQUIRED: [&str; 5] = ["initdb", "pg_ctl", "pg_isready", "postgres", "psql"];

/// Directories with one installation each, in a subdirectory named after the version.
const VERSIONED: [(&str, &str); 4] = [
    ("/usr/lib/postgresql", ""),
    ("/usr", "pgsql-"),
    ("/opt/homebrew/opt", "postgresql@"),
    ("/usr/local/opt", "postgresql@"),
];

/// Directories that hold whatever version is linked there.
const LINKED: [&str; 2] = ["/opt/homebrew/bin", "/usr/local/bin"];

/// The binaries of one installed Postgres server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binaries {
    directory: PathBuf,
    major: u32,
}

impl Binaries {
    /// Finds the installation to use: the one `pg_config` on the path names, else the newest of
    /// the supported versions in the usual places.
    ///
    /// # Errors
    /// [`LocalPgError::BinariesMissing`] when there is none.
    pub fn find() -> Result<Self, LocalPgError> {
        Self::first_of(candidates(), |_| true)
    }

    /// Takes the installation in `directory` and looks nowhere else.
    ///
    /// # Errors
    /// [`LocalPgError::BinariesMissing`] when it is incomplete or of an unsupported version.
    pub fn in_directory(directory: &Path) -> Result<Self, LocalPgError> {
        Self::first_of(vec![directory.to_path_buf()], |_| true)
    }

    /// Finds the installation that can open a cluster made by version `major`.
    pub(crate) fn find_major(major: u32) -> Result<Self, LocalPgError> {
        Self::first_of(candidates(), |found| found.major == major)
    }

    /// The directory that holds the binaries.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The major version, 15 to 18.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }

    fn first_of(
        directories: Vec<PathBuf>,
        suits: impl Fn(&Self) -> bool,
    ) -> Result<Self, LocalPgError> {
        directories
            .iter()
            .filter_map(|directory| Self::examine(directory))
            .find(|found| suits(found))
            .ok_or(LocalPgError::BinariesMissing {
                looked_in: directories,
            })
    }

    fn examine(directory: &Path) -> Option<Self> {
        if !REQUIRED.iter().all(|name| directory.join(name).is_file()) {
            return None;
        }
        let answer = output_of(&directory.join("postgres"), "--version")?;
        let major = major_in(&answer)?;
        SUPPORTED.contains(&major).then(|| Self {
            directory: directory.to_path_buf(),
            major,
        })
    }
}

fn candidates() -> Vec<PathBuf> {
    let mut found = Vec::new();
    if let Some(answer) = output_of(Path::new("pg_config"), "--bindir") {
        found.push(PathBuf::from(answer.trim()));
    }
    let mut versioned: Vec<(u32, PathBuf)> = VERSIONED
        .iter()
        .flat_map(|(parent, prefix)| installations_in(parent, prefix))
        .collect();
    versioned.sort_by_key(|(major, _)| std::cmp::Reverse(*major));
    if versioned.is_empty() {
        // Named so that the complaint about a bare machine says where one would be found.
        found.extend(VERSIONED.iter().map(|(parent, prefix)| {
            Path::new(parent)
                .join(format!("{prefix}<version>"))
                .join("bin")
        }));
    }
    found.extend(versioned.into_iter().map(|(_, directory)| directory));
    found.extend(LINKED.iter().map(PathBuf::from));
    found
}

fn installations_in(parent: &str, prefix: &str) -> Vec<(u32, PathBuf)> {
    let Ok(entries) = fs::read_dir(parent) else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name();
            let major = name.to_str()?.strip_prefix(prefix)?.parse().ok()?;
            Some((major, entry.path().join("bin")))
        })
        .collect()
}

fn output_of(program: &Path, argument: &str) -> Option<String> {
    let output = Command::new(program)
        .arg(argument)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

/// Reads the major version out of `postgres (PostgreSQL) 15.18 (Debian …)` or `… 18beta1`.
fn major_in(answer: &str) -> Option<u32> {
    let version = answer.split_once(") ")?.1;
    let digits = version.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_every_spelling() {
        let check = |answer, expected| assert_eq!(major_in(answer), expected, "{answer}");
        check(
            "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n",
            Some(15),
        );
        check("postgres (PostgreSQL) 17.2 (Homebrew)\n", Some(17));
        check("postgres (PostgreSQL) 18beta1\n", Some(18));
        check("postgres (PostgreSQL) devel\n", None);
        check("", None);
    }

    #[test]
    fn a_directory_without_a_server_is_refused_with_the_packages_names() {
        let empty = tempfile::tempdir().unwrap();
        let refused = Binaries::in_directory(empty.path()).unwrap_err();
        let message = refused.to_string();
        assert!(matches!(refused, LocalPgError::BinariesMissing { .. }));
        for part in ["apt-get install postgresql", "brew install postgresql@17"] {
            assert!(message.contains(part), "{message}");
        }
        assert!(
            message.contains(&empty.path().display().to_string()),
            "{message}"
        );
    }

    #[test]
    fn the_installed_server_is_found() {
        let found = Binaries::find().unwrap();
        assert_eq!(
            Binaries::find_major(found.major()).unwrap().major(),
            found.major()
        );
        assert_eq!(Binaries::in_directory(found.directory()).unwrap(), found);
    }
}
