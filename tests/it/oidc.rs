//! People who sign in at a real identity provider: the npm package oidc-provider on loopback, with
//! its own pages, as a browser and an application go through them.

use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use creditbank_api::Clock;
use creditbank_domain::authz::Role;
use kit::{SCHOOL, TestApp, believing};

/// The provider as a process of its own.
struct Provider {
    process: Child,
    ask: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    issuer: String,
}

impl Provider {
    fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("oidc");
        assert!(
            folder.join("node_modules/oidc-provider").is_dir(),
            "the identity provider of the tests is not installed: run scripts/setup.sh test"
        );
        let mut process = Command::new("node")
            .arg("provider.mjs")
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node runs");
        let ask = process.stdin.take().unwrap();
        let mut answers = BufReader::new(process.stdout.take().unwrap()).lines();
        // Its warnings go the same way.
        let issuer = answers
            .find_map(|line| line.ok().filter(|line| line.starts_with("http://")))
            .expect("an address");
        Self {
            process,
            ask,
            answers,
            issuer,
        }
    }

    /// The answer to one request, which begins as it must.
    fn ask(&mut self, request: &str, begins: &str) -> String {
        writeln!(self.ask, "{request}").unwrap();
        self.answers
            .find_map(|line| line.ok().filter(|line| line.starts_with(begins)))
            .expect("an answer")
    }

    /// The access token and the id token of somebody who signs in.
    fn sign_in(&mut self, subject: &str) -> (String, String) {
        let tokens = self.ask(&format!("login {subject}"), "ey");
        let (access, id) = tokens.split_once(' ').unwrap();
        (access.to_owned(), id.to_owned())
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[actix_web::test]
async fn who_signs_in_at_oidc_provider_acts_as_the_register_says() {
    let mut provider = Provider::start();
    let authentication = believing(&[&provider.issuer], &["RS256"]);
    // The provider's clock is the machine's.
    let app = TestApp::start_with(authentication, Clock::system()).await;
    let officer = app.bank().person(&provider.issuer, "officer-7");
    app.bank().give(officer, Some(SCHOOL), Role::SchoolOfficer);

    let (access, id) = provider.sign_in("officer-7");
    let read = async |token: &str| app.bearer(token).get("/v1/events").await;
    let _ = read(&access).await.expect(200);
    // Another's audience: it says who somebody is to the portal, not to the bank.
    read(&id).await.refused(401, "TOKEN_INVALID");
    let (stranger, _) = provider.sign_in("somebody");
    read(&stranger).await.refused(403, "NO_RIGHT");

    assert_eq!(provider.ask("rotate", "rotated"), "rotated");
    let (fresh, _) = provider.sign_in("officer-7");
    assert_ne!(kid(&fresh), kid(&access));
    let _ = read(&fresh).await.expect(200);
}

fn kid(token: &str) -> Option<String> {
    jsonwebtoken::decode_header(token).unwrap().kid
}
