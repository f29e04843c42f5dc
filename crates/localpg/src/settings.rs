//! Server settings: our defaults, the caller's on top, and the file they become.

use std::path::Path;

use crate::error::LocalPgError;
use crate::tools::Tools;

/// For a cluster that is kept: durable, and spaced for large imports (after a checkpoint each
/// touched index page is logged whole, so few checkpoints and compressed pages).
const KEPT: [(&str, &str); 6] = [
    ("shared_buffers", "256MB"),
    ("wal_compression", "lz4"),
    ("max_wal_size", "8GB"),
    ("checkpoint_timeout", "15min"),
    ("fsync", "on"),
    ("synchronous_commit", "on"),
];

/// For a cluster that may be lost at any moment.
const THROWAWAY: [(&str, &str); 6] = [
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("max_connections", "200"),
    ("checkpoint_timeout", "30min"),
    ("autovacuum", "on"),
];

/// Settings by name; a later one replaces an earlier one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings(Vec<(String, String)>);

impl Settings {
    pub(crate) fn for_kept() -> Self {
        Self::from_pairs(&KEPT)
    }

    pub(crate) fn for_throwaway() -> Self {
        Self::from_pairs(&THROWAWAY)
    }

    fn from_pairs(pairs: &[(&str, &str)]) -> Self {
        Self(
            pairs
                .iter()
                .map(|(name, value)| ((*name).into(), (*value).into()))
                .collect(),
        )
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.0.retain(|(earlier, _)| earlier != name);
        self.0.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn overlaid_with(mut self, above: &Self) -> Self {
        for (name, value) in &above.0 {
            self.set(name, value);
        }
        self
    }

    /// Replaces a compression method that this build of the server was made without.
    pub(crate) fn suited_to(mut self, tools: &Tools, cluster: &Path) -> Self {
        const NAME: &str = "wal_compression";
        let wants_lz4 = self
            .0
            .iter()
            .any(|(name, value)| name == NAME && value == "lz4");
        if wants_lz4 && !accepts(tools, cluster, NAME, "lz4") {
            self.set(NAME, "on");
        }
        self
    }

    /// The text of a configuration file.
    pub(crate) fn as_file(&self) -> String {
        let mut text = String::from("# Written anew at every start.\n");
        for (name, value) in &self.0 {
            text.push_str(&format!("{name} = '{}'\n", value.replace('\'', "''")));
        }
        text
    }
}

/// Asks the server itself, without starting it, whether it knows a value.
fn accepts(tools: &Tools, cluster: &Path, name: &str, value: &str) -> bool {
    let mut command = tools.command("postgres");
    command
        .args(["-C", name, "-c", &format!("{name}={value}")])
        .arg("-D")
        .arg(cluster);
    let answer: Result<String, LocalPgError> = Tools::run("postgres", command);
    answer.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_setting_replaces_the_default_and_is_quoted() {
        let mut above = Settings::default();
        above.set("fsync", "on");
        above.set("cluster_name", "it's");
        let file = Settings::for_throwaway().overlaid_with(&above).as_file();
        assert!(
            file.contains("fsync = 'on'\n") && !file.contains("fsync = 'off'"),
            "{file}"
        );
        assert!(file.contains("cluster_name = 'it''s'\n"), "{file}");
    }
}
