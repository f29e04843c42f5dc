//! One throwaway server for all tests of a run, and a database of its own for each.

use std::sync::OnceLock;

use creditbank_localpg::LocalPg;
use uuid::Uuid;

static SERVER: OnceLock<LocalPg> = OnceLock::new();

const TEMPLATE: &str = "bank_template";

fn server() -> &'static LocalPg {
    SERVER.get_or_init(|| {
        LocalPg::builder()
            .shared_throwaway("tests")
            .start()
            .unwrap_or_else(|error| panic!("no test server: {error}"))
    })
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
        let server = server();
        let name = format!("bank_{}", Uuid::now_v7().simple());
        let copy = format!("create database {name} template {TEMPLATE} strategy file_copy");
        if server.psql("postgres", &copy).is_err() {
            make_template(server);
            server
                .psql("postgres", &copy)
                .unwrap_or_else(|error| panic!("{error}"));
        }
        Self { name }
    }

    /// Its libpq address, as its owner.
    #[must_use]
    pub fn url(&self) -> String {
        server().url(&self.name)
    }

    /// Runs SQL as the superuser and gives what psql prints, without decoration.
    ///
    /// # Errors
    /// What the server says.
    pub fn sql(&self, script: &str) -> Result<String, String> {
        server()
            .psql(&self.name, script)
            .map_err(|error| error.to_string())
    }

    /// Runs SQL with the rights of the application and nothing more.
    ///
    /// # Errors
    /// What the server says.
    pub fn sql_as_application(&self, script: &str) -> Result<String, String> {
        self.sql(&format!("set role creditbank_app; {script}"))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let dropped = server().psql(
            "postgres",
            &format!("drop database {} with (force)", self.name),
        );
        if let Err(error) = dropped
            && !std::thread::panicking()
        {
            panic!("the test's database could not be dropped: {error}");
        }
    }
}

/// Migrates under another name and renames, so that nobody copies half a template; several
/// processes may try, one wins.
fn make_template(server: &LocalPg) {
    let building = format!("bank_building_{}", Uuid::now_v7().simple());
    server
        .create_database_if_missing(&building)
        .unwrap_or_else(|error| panic!("{error}"));
    creditbank_ledger::migrate(&server.url(&building)).unwrap_or_else(|error| panic!("{error:?}"));
    let rename = format!("alter database {building} rename to {TEMPLATE}");
    if server.psql("postgres", &rename).is_err() {
        let drop = format!("drop database {building} with (force)");
        server
            .psql("postgres", &drop)
            .unwrap_or_else(|error| panic!("{error}"));
    }
}
