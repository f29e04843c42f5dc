//! One server for all tests of a run, and a database of its own for each.
//!
//! A private throwaway server, or the one that `DATABASE_URL` names: its user must be allowed to
//! create databases and roles.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use creditbank_localpg::LocalPg;
use uuid::Uuid;

/// Where the databases are made.
enum Server {
    Private(LocalPg),
    Given { url: String },
}

impl Server {
    fn get() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| {
            if let Ok(url) = std::env::var("DATABASE_URL") {
                return Self::Given { url };
            }
            let started = LocalPg::builder().shared_throwaway("tests").start();
            Self::Private(started.unwrap_or_else(|error| panic!("no test server: {error}")))
        })
    }

    fn url(&self, database: &str) -> String {
        match self {
            Self::Private(server) => server.url(database),
            Self::Given { url } => with_database(url, database),
        }
    }

    /// A session that lasts, and where it is told what to do.
    fn session(&self, database: &str) -> (Child, ChildStdin) {
        let mut process = begin_psql(&self.url(database)).expect("psql");
        let input = process.stdin.take().expect("a pipe");
        (process, input)
    }

    fn sql(&self, database: &str, script: &str) -> Result<String, String> {
        match self {
            Self::Private(server) => server
                .psql(database, script)
                .map_err(|error| error.to_string()),
            Self::Given { url } => psql(&with_database(url, database), script),
        }
    }
}

/// `postgresql://user@host/any?options` with another database.
fn with_database(url: &str, database: &str) -> String {
    let (address, options) = url.split_once('?').map_or((url, ""), |(a, o)| (a, o));
    let scheme_end = address.find("://").map_or(0, |at| at + 3);
    let authority = address[scheme_end..].split('/').next().unwrap_or_default();
    let mark = if options.is_empty() { "" } else { "?" };
    format!(
        "{}{authority}/{database}{mark}{options}",
        &address[..scheme_end]
    )
}

fn psql(url: &str, script: &str) -> Result<String, String> {
    let mut child = begin_psql(url).map_err(|error| format!("psql: {error}"))?;
    let mut input = child.stdin.take().expect("a pipe");
    input
        .write_all(script.as_bytes())
        .map_err(|error| format!("psql: {error}"))?;
    drop(input);
    let output = child
        .wait_with_output()
        .map_err(|error| format!("psql: {error}"))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn begin_psql(url: &str) -> std::io::Result<Child> {
    Command::new("psql")
        .args([
            "-X",
            "-q",
            "-A",
            "-t",
            "-v",
            "ON_ERROR_STOP=1",
            "-f",
            "-",
            url,
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

/// Named after the migrations, so that a server that was there before never lends an old schema.
fn template() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let mut migrations: Vec<_> = std::fs::read_dir(folder)
        .expect("the migrations")
        .map(|entry| entry.expect("a migration").path().join("up.sql"))
        .collect();
    migrations.sort();
    let mut hasher = DefaultHasher::new();
    for migration in migrations {
        std::fs::read(&migration)
            .expect("an up.sql")
            .hash(&mut hasher);
    }
    format!("bank_template_{:016x}", hasher.finish())
}

/// A database with every migration applied, dropped with this value.
#[derive(Debug)]
pub struct Database {
    name: String,
}

impl Database {
    /// Copies the template; the first test of a run makes it.
    ///
    /// # Panics
    /// Where the server or the migrations fail.
    #[must_use]
    pub fn create() -> Self {
        let server = Server::get();
        let name = format!("bank_{}", Uuid::now_v7().simple());
        let template = template();
        let copy = format!("create database {name} template {template} strategy file_copy");
        if server.sql("postgres", &copy).is_err() {
            make_template(server, &template);
            server
                .sql("postgres", &copy)
                .unwrap_or_else(|error| panic!("{error}"));
        }
        Self { name }
    }

    /// Its libpq address, as its owner.
    #[must_use]
    pub fn url(&self) -> String {
        Server::get().url(&self.name)
    }

    /// Runs SQL as the superuser and gives what psql prints, without decoration.
    ///
    /// # Errors
    /// What the server says.
    pub fn sql(&self, script: &str) -> Result<String, String> {
        Server::get().sql(&self.name, script)
    }

    /// A connection that stays, for what is asked thousands of times.
    pub(crate) fn session(&self) -> Session {
        let (mut process, input) = Server::get().session(&self.name);
        let output = BufReader::new(process.stdout.take().expect("a pipe"));
        Session {
            process,
            input,
            output,
        }
    }

    /// Lets nobody write into a table until the lock is released.
    ///
    /// # Panics
    /// Where it cannot be had.
    #[must_use]
    pub fn hold_lock(&self, table: &str) -> HeldLock {
        let (mut process, mut input) = Server::get().session(&self.name);
        writeln!(
            input,
            "begin; lock table {table} in share mode; select 'held';"
        )
        .expect("a pipe");
        let mut lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        let held = lines.any(|line| line.is_ok_and(|line| line == "held"));
        assert!(held, "{table} could not be locked");
        HeldLock { process, input }
    }

    /// Runs SQL with the rights of the application and nothing more, told that it sees the bank.
    ///
    /// # Errors
    /// What the server says.
    pub fn sql_as_application(&self, script: &str) -> Result<String, String> {
        self.sql_seeing("bank=1;books=1;gate=1;keys=1", script)
    }

    /// The same, told that it sees this, or nothing where that is empty. Only the superuser can
    /// sign so, besides the program.
    ///
    /// # Errors
    /// What the server says.
    pub fn sql_seeing(&self, sight: &str, script: &str) -> Result<String, String> {
        let signed = format!(
            "do $sign$ begin perform set_config('creditbank.sees', '{sight}|' || \
             encode(sha256(outer_pad || sha256(inner_pad || convert_to('{sight}|' || \
             pg_backend_pid(), 'UTF8'))), 'hex'), false) from wall_keys; end $sign$;"
        );
        let told = if sight.is_empty() { "" } else { &signed };
        self.sql(&format!(
            "{told} set session authorization creditbank_app; {script}"
        ))
    }
}

/// A lock on a table, held by a session of its own.
#[derive(Debug)]
pub struct HeldLock {
    process: Child,
    input: ChildStdin,
}

impl HeldLock {
    /// Lets others write.
    ///
    /// # Panics
    /// Where the session has ended.
    pub fn release(self) {
        self.release_in(0.0);
    }

    /// Lets others write after some seconds; comes back at once.
    ///
    /// # Panics
    /// Where the session has ended.
    pub fn release_in(mut self, seconds: f32) {
        let script = format!("select pg_sleep({seconds}); commit;\n");
        self.input.write_all(script.as_bytes()).expect("a pipe");
        drop(self.input);
        std::thread::spawn(move || self.process.wait());
    }
}

/// See [`Database::session`].
#[derive(Debug)]
pub(crate) struct Session {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Session {
    /// The one row that a query gives.
    pub(crate) fn row(&mut self, query: &str) -> String {
        writeln!(self.input, "{query};").expect("a pipe");
        let mut row = String::new();
        self.output.read_line(&mut row).expect("a row");
        row
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // It may have ended with its database.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let drop = format!("drop database {} with (force)", self.name);
        if let Err(error) = Server::get().sql("postgres", &drop)
            && !std::thread::panicking()
        {
            panic!("the test's database could not be dropped: {error}");
        }
    }
}

/// Migrates under another name and renames, so that nobody copies half a template; several
/// processes may try, one wins.
fn make_template(server: &Server, template: &str) {
    let building = format!("bank_building_{}", Uuid::now_v7().simple());
    let run = |script: &str| server.sql("postgres", script);
    run(&format!("create database {building}")).unwrap_or_else(|error| panic!("{error}"));
    creditbank_ledger::migrate(&server.url(&building)).unwrap_or_else(|error| panic!("{error:?}"));
    if run(&format!("alter database {building} rename to {template}")).is_err() {
        run(&format!("drop database {building} with (force)"))
            .unwrap_or_else(|error| panic!("{error}"));
    }
}
