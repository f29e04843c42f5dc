//! Who may do what over HTTP: every operation by every role, at home and elsewhere.

use creditbank_api::{ENDPOINTS, Endpoint};
use creditbank_domain::authz::{Role, RunImport};
use creditbank_domain::import_job::{LinesTogether, QuestionsWanted};
use creditbank_domain::learner_no::LearnerNo;
use creditbank_ledger::flows::{
    ApplicantStep, DecisionOrder, ImportMode, NewImport, NewImportJob, open_import, open_import_job,
};
use kit::{
    Caller, RECEIVING, SCHOOL, TestApp, UNIVERSITY, evidence_form, order_for, outcome, pdf, tokens,
};
use serde_json::json;

use audited::Audited;
pub(crate) use audited::DONE_BY_OTHERS;
use duplicates::{Duplicates, duplicates_at};
use governing::Governing;

mod asked;
mod audited;
mod bodies;
mod duplicates;
mod fields;
mod governing;
mod once;
mod open;
mod places;

/// Status by operation and role: for what belongs to the caller's own institution or account, and
/// then for what belongs to somebody else, where that differs.
///
/// A foreign thing is 404 wherever it has an address. Posting in another's name cannot be written
/// down at all: a foreign registrar names an entry it does not own (403, in a batch a rejected
/// line), a foreign school asks for a learner for whom it posted nothing (422, the same answer as
/// for nobody). What the secretariat sees to of duplicates comes in pairs, one for each of its two
/// callers. A request is decided by its row, so what follows finds it decided (409); another one,
/// that was refused, is there to be appealed against. Imports end at the kit's busy desk (503), past
/// the policy. A reversal is the bank's and done once, so the secretariat's second one, wherever it
/// is at home, is a conflict (409), and so is the second redelivery. An operator exists on the command
/// line only, never by a token.
const MATRIX: &str = include_str!("authz/matrix.md");

/// One of everything that an operation can be about.
struct Things {
    app: TestApp,
    /// Of the school, with a request that the receiving university has to decide.
    learner: LearnerNo,
    /// Of the school, with a certificate that nobody asked to convert yet.
    convertible: LearnerNo,
    /// Somebody else altogether.
    stranger: LearnerNo,
    entry: String,
    import: String,
    /// A job of the university that waits for its file.
    job: String,
    request: String,
    /// One that was refused.
    refused: String,
    /// One that was taken back.
    withdrawn: String,
    cohort: String,
    /// One that a file asks for.
    cohort_file: String,
    /// A draft of the school, and for whom.
    draft: (String, LearnerNo),
    correction: String,
    hold: String,
    lot: String,
    governing: Governing,
    /// Of the learner, recorded by the school.
    consent: String,
    /// Attached to the request.
    evidence: String,
    /// An endpoint of the school and a ping that was delivered there.
    webhook: [String; 2],
    /// Two of each, one for either caller of a row: a thing is settled once.
    duplicates: [Duplicates; 2],
}

impl Things {
    async fn arrange() -> Self {
        let app = TestApp::start().await;
        let bank = app.bank();
        let of_the_school =
            |student: &str| bank.post(SCHOOL, outcome("CERT-A").student(student).build());
        let learner = of_the_school("XS20230001").learner_no;
        let second = of_the_school("XS20230002").learner_no;
        let convertible = of_the_school("XS20230003").learner_no;
        let held = bank.post(SCHOOL, outcome("CERT-B").student("XS20230001").build());
        let lot = held.lots[0].lot_id;
        let hold = bank.try_hold(SCHOOL, learner, lot, "4.00").unwrap();
        bank.post(UNIVERSITY, outcome("PE102").source("taken-back").build());
        let correction = bank.withdraw(UNIVERSITY, "taken-back").correction_id;
        let (lot, hold) = (lot.to_string(), hold.to_string());
        let correction = correction.to_string();
        let stranger = outcome("MATH101").student("DX20230001").build();
        let stranger = bank.post(UNIVERSITY, stranger).learner_no;
        let entry = bank
            .database()
            .sql("select min(entry_id::text) from catalogue_entries");
        let entry = entry.unwrap().trim().to_owned();
        let cohort = bank.request(&[learner, second]);
        let request = cohort
            .requests
            .iter()
            .find(|it| it.learner_no == learner)
            .unwrap();
        let (request, cohort) = (request.request_id.to_string(), cohort.cohort_id.to_string());
        let disappointed = bank.request(&[of_the_school("XS20230004").learner_no]);
        let refuse = DecisionOrder::Refuse {
            text: "材料不全".to_owned(),
        };
        bank.try_decide(disappointed.cohort_id, &refuse).unwrap();
        let refused = disappointed.requests[0].request_id.to_string();
        let withdrawn = bank.request(&[of_the_school("XS20230005").learner_no]);
        let withdrawn = withdrawn.requests[0].request_id;
        let withdraw = ApplicantStep::Withdraw {
            text: "报错".to_owned(),
        };
        bank.applicant(withdrawn, &withdraw, bank.now()).unwrap();
        let drafted = of_the_school("XS20230006").learner_no;
        let draft = bank.draft_as(&bank.school_asks(), &order_for(&[drafted]));
        let draft = (draft.unwrap().draft_id.to_string(), drafted);
        let grant = bank.grant::<RunImport>(Role::Registrar, UNIVERSITY);
        let import = NewImport {
            file_name: "a.csv".to_owned(),
            file_sha256: [7; 32],
            reading_sha256: [7; 32],
            byte_count: 3,
            mode: ImportMode::DryRun,
            approved_in: None,
        };
        let import = open_import(bank.ledger(), &grant, &import, bank.now()).unwrap();
        let import = import.import_id.to_string();
        let job = NewImportJob {
            file_name: "a.csv".to_owned(),
            byte_count: 3,
            sha256: None,
            mode: ImportMode::DryRun,
            mapping: None,
            learner: None,
            lines: LinesTogether::Each,
            questions: QuestionsWanted::All,
            again: false,
        };
        let job = open_import_job(bank.ledger(), &grant, &job, bank.now()).unwrap();
        let job = job.job_id.to_string();
        let cohort_file = bodies::cohort_file(bank);
        let duplicates = [duplicates_at(bank, 0), duplicates_at(bank, 1)];
        let officer = app.caller(&[Role::SchoolOfficer], SCHOOL);
        let paper = json!({
            "institution": RECEIVING,
            "purpose": "admission",
            "document_number": "同意书〔2026〕0号",
        });
        let path = format!("/v1/learners/{learner}/consents");
        let consent = officer.post(&path, "consent", &paper).await.expect(201);
        let consent = consent.body["consent_id"].as_str().unwrap().to_owned();
        let path = format!("/v1/conversion-requests/{request}/evidence");
        let form = evidence_form(&path, "other", "a.pdf", &pdf("x"));
        let evidence = officer.send(form).await.expect(201);
        let evidence = evidence.body["evidence_id"].as_str().unwrap().to_owned();
        let (endpoint, _) = bank.open_webhook(SCHOOL, &[]);
        let webhook = [
            endpoint.to_string(),
            bank.ping(SCHOOL, endpoint).to_string(),
        ];
        let governing = Governing::arrange(&app, learner);
        Self {
            app,
            governing,
            learner,
            convertible,
            stranger,
            entry,
            import,
            job,
            request,
            refused,
            withdrawn: withdrawn.to_string(),
            cohort,
            cohort_file,
            draft,
            duplicates,
            correction,
            hold,
            lot,
            consent,
            evidence,
            webhook,
        }
    }

    fn caller(&self, endpoint: &Endpoint, role: Role, own: bool) -> Caller {
        let home = self.home(endpoint.path, role);
        let institution = match (own, home) {
            (true, _) => home,
            (false, UNIVERSITY) => SCHOOL,
            (false, _) => UNIVERSITY,
        };
        match role {
            Role::Learner | Role::Helper => self
                .app
                .of_account(if own { self.learner } else { self.stranger }, role),
            // No client can be registered as one, so the token alone says so.
            Role::Operator => {
                let mut claims = self.app.claims(&[Role::Auditor], institution);
                claims.roles = vec!["operator".to_owned()];
                self.app.bearer(&tokens::signed(&claims))
            }
            role => self.app.caller(&[role], institution),
        }
    }
}

#[actix_web::test]
async fn every_operation_answers_every_role_as_the_matrix_says() {
    let things = Things::arrange().await;
    let mut audited = Audited::begin(&things);
    let mut printed = "| operation | nobody |".to_owned();
    for role in Role::ALL {
        printed += &format!(" {role} |");
    }
    printed += &format!("\n|{}\n", "---|".repeat(2 + Role::ALL.len()));
    for (row, endpoint) in ENDPOINTS
        .iter()
        .filter(|it| it.action.is_some())
        .enumerate()
    {
        let nobody = audited
            .status(endpoint, &things.app.nobody(), "nobody")
            .await;
        printed += &format!("| {} {} | {nobody} |", endpoint.method, endpoint.path);
        for role in Role::ALL.iter().copied() {
            let elsewhere = things.caller(endpoint, role, false);
            let at_home = things.caller(endpoint, role, true);
            let (away, home) = (format!("{row}-{role}"), format!("{row}-{role}-own"));
            let foreign = audited.status(endpoint, &elsewhere, &away).await;
            let own = audited.status(endpoint, &at_home, &home).await;
            printed += &match own == foreign {
                true => format!(" {own} |"),
                false => format!(" {own}, {foreign} |"),
            };
        }
        printed.push('\n');
    }
    assert_eq!(printed, MATRIX, "\n{printed}");
    audited.check();
}
