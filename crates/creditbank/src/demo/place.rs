//! Where the demo keeps what it makes, and its keys.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::keys::{IDENTITY_KEY_FILE, NewKeys, PRIVATE_KEY_FILE, PUBLIC_KEY_FILE};
use crate::problem::Problem;
use crate::settings::Settings;

/// The demo's directory.
pub(crate) struct Place {
    root: PathBuf,
}

impl Place {
    /// Makes the directory where there is none, and its keys.
    pub(crate) fn open(root: &Path) -> Result<Self, Problem> {
        let made = fs::create_dir_all(root).and_then(|()| fs::canonicalize(root));
        let root = made.map_err(|error| unusable(root, &error))?;
        let place = Self { root };
        for directory in [place.storage(), place.results(), place.handed_in()] {
            private_directory(&directory).map_err(|error| unusable(&directory, &error))?;
        }
        let keys = place.keys();
        if !keys.join(PUBLIC_KEY_FILE).exists() {
            // What a kill half-way through left is of no use: no bank was sealed with it yet.
            let _ = fs::remove_dir_all(&keys);
            let written =
                private_directory(&keys).and_then(|()| NewKeys::generate().write_to(&keys));
            written.map_err(|error| unusable(&keys, &error))?;
        }
        Ok(place)
    }

    /// The directory itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where the private Postgres lives.
    pub(crate) fn postgres(&self) -> PathBuf {
        self.root.join("postgres")
    }

    /// Where uploads to the server are kept.
    pub(crate) fn storage(&self) -> PathBuf {
        self.root.join("storage")
    }

    /// Where institutions' own files go back to.
    pub(crate) fn results(&self) -> PathBuf {
        self.root.join("results")
    }

    /// Where the demo's transcript files lie for a look.
    pub(crate) fn handed_in(&self) -> PathBuf {
        self.root.join("files")
    }

    fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// The settings with this place's keys, storage and database in them.
    pub(crate) fn settings(&self, given: &Settings, url: &str) -> Result<Settings, Problem> {
        let mut settings = given.clone();
        settings.database_url = Some(url.to_owned());
        settings.storage_dir = self.storage();
        if settings.identity_key.is_none() {
            let file = self.keys().join(IDENTITY_KEY_FILE);
            let key = fs::read_to_string(&file).map_err(|error| unusable(&file, &error))?;
            settings.identity_key = Some(key);
        }
        let none_given = settings.token_public_key.is_none()
            && settings.token_public_key_file.is_none()
            && settings.token_private_key.is_none()
            && settings.token_private_key_file.is_none();
        if none_given {
            settings.token_public_key_file = Some(self.keys().join(PUBLIC_KEY_FILE));
            settings.token_private_key_file = Some(self.keys().join(PRIVATE_KEY_FILE));
        }
        Ok(settings)
    }
}

fn private_directory(path: &Path) -> std::io::Result<()> {
    fs::create_dir_all(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

fn unusable(path: &Path, error: &std::io::Error) -> Problem {
    let shown = path.display();
    Problem::new(
        "DEMO_DIRECTORY",
        format!("演示目录 {shown} 无法使用({error})"),
        format!("the demo cannot use {shown} ({error})"),
    )
    .todo(
        "请用 --data-dir 另选目录",
        "choose another directory with --data-dir",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        let key = || {
            let place = Place::open(directory.path()).unwrap();
            fs::read_to_string(place.keys().join(IDENTITY_KEY_FILE)).unwrap()
        };
        let first = key();
        assert_eq!(first.len(), 64);
        assert_eq!(key(), first);
    }
}
