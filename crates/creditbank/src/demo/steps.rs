//! The demo from beginning to end.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use creditbank_domain::authz::{AuditBooks, ReadLearner};
use creditbank_domain::calendar::bank_day;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::reads::{self, CohortView, RequestState};
use creditbank_ledger::{AuditScope, Ledger, audit_books};

use super::place::Place;
use super::serving::{Samples, tell_curl_lines};
use super::summary::Summary;
use super::teller::{Teller, tell};
use super::{clients, conversion, import_files, postgres, register};
use crate::commands::audit::say_fault;
use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, operator, screen, server};

/// What is wanted of the demo.
pub(crate) struct Wishes {
    /// Where it keeps what it makes.
    pub(crate) data_dir: PathBuf,
    /// Where it serves afterwards; not at all where there is none.
    pub(crate) listen: Option<SocketAddr>,
    /// Who listens.
    pub(crate) teller: Teller,
}

/// Runs it and says whether the books were in order.
pub(crate) fn run(given: &Settings, wishes: &Wishes) -> Result<bool, Problem> {
    let teller = wishes.teller;
    // A port that is taken is said before a minute of work.
    let listener = wishes.listen.map(server::bind).transpose()?;
    let place = Place::open(&wishes.data_dir)?;
    let given_url = given.database_url.as_deref().filter(|url| !url.is_empty());
    let (private, url) = match given_url {
        Some(url) => (None, url.to_owned()),
        None => {
            let private = postgres::start(&place)?;
            let url = postgres::url(&private);
            (Some(private), url)
        }
    };
    match &private {
        Some(server) => {
            let (version, place) = (server.major_version(), server.data_dir().display());
            tell!(
                teller,
                "自带 Postgres {version} / a private Postgres {version}: {place}"
            );
        }
        None => tell!(
            teller,
            "使用 DATABASE_URL 指定的服务器 / using the server of DATABASE_URL"
        ),
    }
    creditbank_ledger::migrate(&url)?;
    let server_url = private.as_ref().map(postgres::url_of_server).transpose()?;
    let settings = place.settings(given, &server_url.unwrap_or(url))?;
    let outcome = run_on(&settings, &place, wishes, listener);
    // Dropped by hand, so that the server has ended before the last word.
    drop(private);
    outcome
}

fn run_on(
    settings: &Settings,
    place: &Place,
    wishes: &Wishes,
    listener: Option<TcpListener>,
) -> Result<bool, Problem> {
    let (teller, now) = (wishes.teller, clock::now());
    let ledger = settings.ledger()?;
    register::fill(&ledger, teller, now)?;
    clients::people(&ledger, now)?;
    let imports = import_files::run(&ledger, place, teller, now)?;
    let cohort = conversion::run(&ledger, teller, now)?;
    conversion::tell_cohort(teller, &cohort)?;
    let faults = audit(&ledger, teller)?;
    let learner_no = shown(&cohort)?;
    let grant = operator::for_learner::<ReadLearner>(learner_no)?;
    match teller {
        Teller::Person => {
            teller.chapter("一名学习者的账户", "one learner's account");
            screen::say_account(&ledger, &grant)?;
        }
        Teller::Program => {
            let balance = reads::balance(&ledger, &grant, bank_day(now))?;
            say_summary(&Summary::new(&imports, &cohort, faults, &balance))?;
        }
    }
    if let (Some(listener), Some(listen)) = (listener, wishes.listen) {
        let samples = Samples {
            imports: &imports,
            cohort: &cohort,
            learner_no,
        };
        serve(&ledger, settings, place, &samples, (listener, listen), now)?;
    }
    Ok(faults == 0)
}

fn say_summary(summary: &Summary) -> Result<(), Problem> {
    let text = serde_json::to_string_pretty(summary);
    say!("{}", text.map_err(|error| Problem::internal(&error))?);
    Ok(())
}

/// A learner who met the cap: that account shows the most.
fn shown(cohort: &CohortView) -> Result<LearnerNo, Problem> {
    let partly = |request: &&reads::RequestView| request.state == RequestState::Partly;
    let found = cohort
        .requests
        .iter()
        .find(partly)
        .or(cohort.requests.first());
    let none = || Problem::new("DEMO_COHORT", "演示没有学员", "the demo's cohort is empty");
    found.map(|request| request.learner_no).ok_or_else(none)
}

fn audit(ledger: &Ledger, teller: Teller) -> Result<usize, Problem> {
    let grant = operator::for_bank::<AuditBooks>()?;
    let faults = audit_books(ledger, &grant, AuditScope::Bank)?;
    teller.chapter("核对账目", "audit");
    if teller == Teller::Person {
        faults.iter().for_each(say_fault);
    }
    tell!(teller, "  {} 处差错 faults", faults.len());
    Ok(faults.len())
}

fn serve(
    ledger: &Ledger,
    settings: &Settings,
    place: &Place,
    samples: &Samples<'_>,
    (listener, listen): (TcpListener, SocketAddr),
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let listen = listener.local_addr().unwrap_or(listen);
    tell_curl_lines(ledger, settings, place, samples, listen, now)?;
    postgres::leave_signals_to_the_server();
    let logins = server::DemoLogins::Allowed;
    server::serve(ledger.clone(), settings, listener, logins)
}
