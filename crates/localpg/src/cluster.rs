//! A running private server, as its user sees it.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::builder::Builder;
use crate::directory::Layout;
use crate::error::LocalPgError;
use crate::server::Live;
use crate::share::Membership;
use crate::tools::Tools;
use crate::url::Address;

/// What keeps the server running.
#[derive(Debug)]
pub(crate) enum Hold {
    /// We started it and we stop it.
    Alone(Live),
    /// Others may still use it when we leave.
    Member(#[expect(dead_code, reason = "held for what closing it does")] Membership),
}

/// A private Postgres server; it stops when this value is dropped or its process ends.
#[derive(Debug)]
pub struct LocalPg {
    tools: Tools,
    layout: Layout,
    address: Address,
    stop: StopHandle,
}

impl LocalPg {
    /// Begins to say what server is wanted.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn new(tools: Tools, layout: Layout, address: Address, hold: Hold) -> Self {
        let stop = StopHandle {
            hold: Arc::new(Mutex::new(Some(hold))),
        };
        Self {
            tools,
            layout,
            address,
            stop,
        }
    }

    /// The libpq connection URL of a database, as the superuser
    /// [`SUPERUSER`](crate::SUPERUSER). By TCP it holds a password: do not log it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.address.url(&self.layout.socket, database)
    }

    /// The directory that was chosen; its `server.log` is the server's log.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.layout.root
    }

    /// The directory of the Unix socket, as `psql -h` takes it.
    #[must_use]
    pub fn socket_dir(&self) -> &Path {
        &self.layout.socket
    }

    /// The port, by TCP or in the name of the socket.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The major version of the server.
    #[must_use]
    pub fn major_version(&self) -> u32 {
        self.tools.binaries().major()
    }

    /// Creates an empty database of that name unless there is one.
    ///
    /// # Errors
    /// [`LocalPgError::ToolFailed`] with the server's complaint.
    pub fn create_database_if_missing(&self, name: &str) -> Result<(), LocalPgError> {
        const CREATE: &str = "select format('create database %I', :'name') \
            where not exists (select from pg_database where datname = :'name') \\gexec\n";
        const COUNT: &str = "select count(*) from pg_database where datname = :'name';";
        let variables = [("name", name)];
        let created = self.ask("postgres", &variables, CREATE);
        // Two processes may have found it missing at once; then the loser's failure is no failure.
        if created.is_err() && self.ask("postgres", &variables, COUNT)?.trim() == "1" {
            return Ok(());
        }
        created.map(drop)
    }

    /// Makes a login that is a member of a role and nothing else, where there is none yet, and
    /// gives the address at which it comes to a database. Its password is a new one each time.
    ///
    /// # Errors
    /// [`LocalPgError::ToolFailed`], for example where there is no such role.
    pub fn login_of(
        &self,
        database: &str,
        role: &str,
        login: &str,
    ) -> Result<String, LocalPgError> {
        const ADD: &str = "select format('create role %I login', :'login') \
            where not exists (select from pg_roles where rolname = :'login') \\gexec\n\
            select format('alter role %I login password %L', :'login', :'password') \\gexec\n\
            select format('grant %I to %I', :'role', :'login') \\gexec\n";
        let password = crate::server::new_password()?;
        let variables = [("login", login), ("password", &password), ("role", role)];
        self.ask("postgres", &variables, ADD)?;
        let socket = &self.layout.socket;
        Ok(self.address.url_of((login, &password), socket, database))
    }

    /// Runs a SQL script through `psql` and gives what it printed: unaligned, without headings.
    ///
    /// # Errors
    /// [`LocalPgError::ToolFailed`] with the complaint about the first statement that failed.
    pub fn psql(&self, database: &str, script: &str) -> Result<String, LocalPgError> {
        self.ask(database, &[], script)
    }

    /// Runs another program of the same installation, told where the server is, and gives what it
    /// printed: `pgbench`, `pg_dump`. It runs as the server's account.
    ///
    /// # Errors
    /// [`LocalPgError::ToolFailed`] with its complaint.
    pub fn run_tool(&self, tool: &'static str, arguments: &[&str]) -> Result<String, LocalPgError> {
        let mut command = self.tools.command(tool);
        command
            .arg("-h")
            .arg(&self.layout.socket)
            .args([
                "-p",
                &self.address.port().to_string(),
                "-U",
                crate::SUPERUSER,
            ])
            .args(arguments);
        Tools::run(tool, command)
    }

    fn ask(
        &self,
        database: &str,
        variables: &[(&str, &str)],
        script: &str,
    ) -> Result<String, LocalPgError> {
        if self.stop.lock().is_none() {
            return Err(LocalPgError::Stopped);
        }
        self.tools.psql(
            &self.layout.socket,
            self.address.port(),
            database,
            variables,
            script,
        )
    }

    /// Ends the server as a power cut would: no farewell to anybody, nothing written down.
    /// [`LocalPg::recover`] starts it again. For tests of what survives that.
    ///
    /// # Errors
    /// [`LocalPgError::Stopped`] when there is no server of our own, [`LocalPgError::Unresponsive`]
    /// when it does not die.
    pub fn crash(&self) -> Result<(), LocalPgError> {
        match self.stop.lock().as_ref() {
            Some(Hold::Alone(live)) => live.crash(),
            Some(Hold::Member(_)) | None => Err(LocalPgError::Stopped),
        }
    }

    /// Starts a crashed server again, at the same address, and waits until it has recovered.
    ///
    /// # Errors
    /// [`LocalPgError::Stopped`] when there is no server of our own, [`LocalPgError::DidNotStart`].
    pub fn recover(&self) -> Result<(), LocalPgError> {
        match self.stop.lock().as_ref() {
            Some(Hold::Alone(live)) => live.recover(),
            Some(Hold::Member(_)) | None => Err(LocalPgError::Stopped),
        }
    }

    /// A handle for whoever hears the signal to end, in any thread.
    #[must_use]
    pub fn stop_handle(&self) -> StopHandle {
        self.stop.clone()
    }

    /// Stops the server (a shared one is only left), and says how that went.
    ///
    /// # Errors
    /// When the server does not stop within a minute or a throwaway cluster cannot be removed.
    pub fn stop(self) -> Result<(), LocalPgError> {
        self.stop.stop()
    }
}

impl Drop for LocalPg {
    fn drop(&mut self) {
        // There is nobody to tell; a watchdog and the next start's sweep try again.
        let _ = self.stop.stop();
    }
}

/// Stops a private server from elsewhere, say from the thread that handles Ctrl-C.
#[derive(Debug, Clone)]
pub struct StopHandle {
    hold: Arc<Mutex<Option<Hold>>>,
}

impl StopHandle {
    /// Stops the server; when that was done before, or is being done by another thread, waits for
    /// it and does nothing.
    ///
    /// # Errors
    /// As [`LocalPg::stop`].
    pub fn stop(&self) -> Result<(), LocalPgError> {
        match self.lock().take() {
            Some(Hold::Alone(live)) => live.end(),
            Some(Hold::Member(_)) | None => Ok(()),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Hold>> {
        self.hold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
