//! How a private server is asked for.

use std::path::{Path, PathBuf};

use crate::cluster::{Hold, LocalPg};
use crate::directory::{Directory, Layout};
use crate::error::LocalPgError;
use crate::find::Binaries;
use crate::server::{Listen, Live, StopMode};
use crate::settings::Settings;
use crate::share;
use crate::sweep::sweep;
use crate::tools::Tools;
use crate::user::ServerUser;

#[derive(Debug, Clone)]
enum Lifetime {
    Throwaway,
    Shared {
        name: String,
    },
    Kept {
        wanted: PathBuf,
        otherwise: Option<PathBuf>,
    },
}

/// What the server is to be; see [`LocalPg::builder`].
#[derive(Debug, Clone)]
#[must_use]
pub struct Builder {
    binaries_in: Option<PathBuf>,
    lifetime: Lifetime,
    listen: Listen,
    settings: Settings,
}

impl Builder {
    pub(crate) fn new() -> Self {
        Self {
            binaries_in: None,
            lifetime: Lifetime::Throwaway,
            listen: Listen::Socket,
            settings: Settings::default(),
        }
    }

    /// Uses the binaries in `directory` and looks nowhere else.
    pub fn binaries_in(mut self, directory: impl Into<PathBuf>) -> Self {
        self.binaries_in = Some(directory.into());
        self
    }

    /// Keeps the cluster in `directory`, which is made if need be, between runs. Durable.
    pub fn data_dir(mut self, directory: impl Into<PathBuf>) -> Self {
        self.lifetime = Lifetime::Kept {
            wanted: directory.into(),
            otherwise: None,
        };
        self
    }

    /// Like [`Builder::data_dir`], but takes `otherwise` when we are root and the unprivileged
    /// account that runs the server cannot enter `directory`, say because it is below `/root`.
    pub fn data_dir_or(
        mut self,
        directory: impl Into<PathBuf>,
        otherwise: impl Into<PathBuf>,
    ) -> Self {
        let (wanted, otherwise) = (directory.into(), Some(otherwise.into()));
        self.lifetime = Lifetime::Kept { wanted, otherwise };
        self
    }

    /// Makes a cluster that is removed with this process, in memory where there is room. The
    /// default. Not durable.
    pub fn throwaway(mut self) -> Self {
        self.lifetime = Lifetime::Throwaway;
        self
    }

    /// Uses one throwaway cluster together with every process of this user that asks for the same
    /// `name` (letters, digits, `-`). The first starts it, with its settings; it ends some seconds
    /// after the last is gone. Always by socket.
    pub fn shared_throwaway(mut self, name: impl Into<String>) -> Self {
        self.lifetime = Lifetime::Shared { name: name.into() };
        self
    }

    /// Listens on a free TCP port of the loopback address too, with a password, and gives URLs
    /// with that.
    pub fn tcp(mut self) -> Self {
        self.listen = Listen::Tcp;
        self
    }

    /// Sets a server setting, as in `postgresql.conf`. `wal_compression` falls back from `lz4` to
    /// `on` where the server was built without it.
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.set(name, value);
        self
    }

    /// Starts the server and waits until it takes connections.
    ///
    /// Leftovers are dealt with first: a server of a crashed process on the same directory is
    /// stopped, throwaway clusters of dead processes are removed.
    ///
    /// # Errors
    /// Any [`LocalPgError`] but `Stopped`.
    pub fn start(self) -> Result<LocalPg, LocalPgError> {
        let binaries = match &self.binaries_in {
            Some(directory) => Binaries::in_directory(directory)?,
            None => Binaries::find()?,
        };
        let tools = Tools::new(binaries, ServerUser::detect()?);
        match self.lifetime {
            Lifetime::Shared { name } => {
                let settings = Settings::for_throwaway().overlaid_with(&self.settings);
                let (membership, layout, address) = share::join_or_start(&tools, &name, settings)?;
                Ok(LocalPg::new(
                    tools,
                    layout,
                    address,
                    Hold::Member(membership),
                ))
            }
            Lifetime::Throwaway => {
                sweep(&tools);
                let directory = Directory::thrown(tools.user())?;
                let settings = Settings::for_throwaway().overlaid_with(&self.settings);
                start_alone(tools, directory, StopMode::Immediate, settings, self.listen)
            }
            Lifetime::Kept { wanted, otherwise } => {
                sweep(&tools);
                let directory = Directory::kept(&wanted, otherwise.as_deref(), tools.user())?;
                let tools = tools_for(tools, &directory.layout(), self.binaries_in.as_deref())?;
                let settings = Settings::for_kept().overlaid_with(&self.settings);
                start_alone(tools, directory, StopMode::Fast, settings, self.listen)
            }
        }
    }
}

fn start_alone(
    tools: Tools,
    directory: Directory,
    mode: StopMode,
    settings: Settings,
    listen: Listen,
) -> Result<LocalPg, LocalPgError> {
    let layout = directory.layout();
    let (live, address) = Live::start(tools.clone(), directory, mode, settings, listen)?;
    Ok(LocalPg::new(tools, layout, address, Hold::Alone(live)))
}

/// A cluster can only be opened by the major version that made it.
fn tools_for(
    tools: Tools,
    layout: &Layout,
    binaries_in: Option<&Path>,
) -> Result<Tools, LocalPgError> {
    let Some(major) = layout.cluster_major() else {
        return Ok(tools);
    };
    if major == tools.binaries().major().to_string() {
        return Ok(tools);
    }
    let found = match (binaries_in, major.parse()) {
        (None, Ok(number)) => Binaries::find_major(number).ok(),
        _ => None,
    };
    found
        .map(|binaries| Tools::new(binaries, tools.user().clone()))
        .ok_or(LocalPgError::ClusterVersion {
            directory: layout.root.clone(),
            major,
        })
}
