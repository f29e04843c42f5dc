//! The end of the demo: the API, and lines that can be pasted to talk to it.

use std::net::SocketAddr;

use chrono::{DateTime, Duration, Utc};
use creditbank_domain::authz::Role;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::Ledger;
use creditbank_ledger::reads::{ClientView, CohortView, ImportView};

use super::clients;
use super::files::{TRANSCRIPTS, UNIVERSITY};
use super::place::Place;
use super::teller::{Teller, tell};
use crate::keys::TokenSigner;
use crate::problem::Problem;
use crate::settings::Settings;

/// How long the printed tokens are honoured.
const HOURS: i64 = 12;

/// What the printed lines are about.
pub(crate) struct Samples<'a> {
    pub(crate) imports: &'a [ImportView],
    pub(crate) cohort: &'a CohortView,
    /// Whose account was shown.
    pub(crate) learner_no: LearnerNo,
}

/// Prints the tokens once and then one line a thing to try.
pub(crate) fn tell_curl_lines(
    ledger: &Ledger,
    settings: &Settings,
    place: &Place,
    samples: &Samples<'_>,
    listen: SocketAddr,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let teller = Teller::Person;
    let signer = settings.token_signer()?;
    let number = samples.learner_no;
    let registrar = clients::of_institution(ledger, Role::Registrar, UNIVERSITY, now)?;
    teller.chapter("试一试", "try it");
    tell!(teller, "BANK=http://{listen}");
    tell_token(&signer, "REGISTRAR", &registrar, None, now)?;
    tell_token(
        &signer,
        "OFFICER",
        &clients::officer(ledger, now)?,
        None,
        now,
    )?;
    tell_token(
        &signer,
        "REVIEWER",
        &clients::reviewer(ledger, now)?,
        None,
        now,
    )?;
    let learner = clients::learner(ledger, number, now)?;
    tell_token(
        &signer,
        "LEARNER",
        &learner,
        Some(number.as_str().to_owned()),
        now,
    )?;
    tell!(teller, "");
    tell_lines(place, samples);
    tell!(teller, "");
    tell!(teller, "按 Ctrl-C 结束 / Ctrl-C ends it");
    Ok(())
}

fn tell_lines(place: &Place, samples: &Samples<'_>) {
    let learner = format!("/v1/learners/{}", samples.learner_no);
    let cohort = format!("/v1/conversion-cohorts/{}", samples.cohort.cohort_id);
    tell!(Teller::Person, "curl $BANK/health/ready");
    tell!(
        Teller::Person,
        "curl -H 'Content-Type: application/json' -d '{{\"login\":\"secretariat\"}}' \
         $BANK/v1/demo-logins"
    );
    tell_curl("LEARNER", "", &format!("{learner}/balance"));
    tell_curl("LEARNER", "", &format!("{learner}/readings"));
    tell_curl("LEARNER", "", &format!("{learner}/movements"));
    tell_curl("OFFICER", "", &cohort);
    tell_curl("REVIEWER", "", &cohort);
    let of_university = TRANSCRIPTS.iter().zip(samples.imports);
    for (file, import) in of_university.filter(|(file, _)| file.institution == UNIVERSITY) {
        let path = place.handed_in().join(file.name);
        let form = format!("-F dry_run=true -F 'file=@{}' ", path.display());
        tell_curl(
            "REGISTRAR",
            "",
            &format!("/v1/imports/{}", import.import_id),
        );
        tell_curl("REGISTRAR", &form, "/v1/imports");
    }
    tell_curl("REGISTRAR", &outcome_options(), "/v1/outcomes");
}

fn tell_curl(token: &str, options: &str, path: &str) {
    let header = format!("-H \"Authorization: Bearer ${token}\"");
    tell!(Teller::Person, "curl {header} {options}$BANK{path}");
}

fn tell_token(
    signer: &TokenSigner,
    name: &str,
    client: &ClientView,
    learner_no: Option<String>,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let token = signer.sign(client, learner_no, now, Duration::hours(HOURS))?;
    tell!(Teller::Person, "{name}={token}");
    Ok(())
}

/// A single outcome, posted by the university's registrar for a student of the transcript.
fn outcome_options() -> String {
    let body = serde_json::json!({
        "source_ref": "demo-curl-1",
        "learner": {"identifier": {"kind": "student_number", "value": "2020000100"}},
        "entry": {"code": "DE106"},
        "grade": "87",
        "awarded_on": "2025-07-10",
    });
    format!("-H 'Idempotency-Key: demo-curl-1' -H 'Content-Type: application/json' -d '{body}' ")
}
