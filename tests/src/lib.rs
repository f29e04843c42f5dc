//! The test kit: a database of its own for each test, actors, builders and a fixed clock.
//!
//! A test arranges with the builders, acts once, and asserts the answer and the books. When a
//! [`TestBank`] is dropped, its books are audited: a test that leaves them wrong fails, whatever it
//! asserted. Before that, everything is told in the change feed and counted into the totals, so that
//! the audit has those to look at too.

mod answer;
mod app;
mod asking;
mod bank;
mod books;
mod build;
mod caller;
mod cataloguing;
mod clock;
mod cluster;
pub mod contract;
mod correcting;
mod evidence;
mod fake_s3;
mod feed;
mod importing;
mod log_watch;
mod merging;
mod people;
mod reviewing;
mod rules;
mod server;
mod together;
pub mod tokens;
mod webhooks;
mod world;

pub use answer::Answer;
pub use app::{TestApp, WRITTEN};
pub use asking::order_for;
pub use bank::{IDENTITY_KEY, TestBank, once};
pub use books::operator;
pub use build::{OutcomeBuilder, day, hundredths, outcome, person, resident_id};
pub use caller::Caller;
pub use cataloguing::{NO_BUILDER, builders, guide, reviewed};
pub use cluster::Database;
pub use correcting::grade;
pub use evidence::{evidence_form, pdf};
pub use fake_s3::FakeS3;
pub use importing::{course, course_up_to, dry_run, posting, qiangzhi_courses};
pub use log_watch::{leak, logged};
pub use merging::{open_collisions, secretariat};
pub use people::{FakeProvider, PROVIDER_AUDIENCE, Played, believing, jwk, signing};
pub use reviewing::{hand, stage};
pub use rules::{PlainRule, PlainRules, document, keeper, put_in_force, put_to_the_vote};
pub use server::TestServer;
pub use together::{THREADS, code_of, codes_together, together};
pub use world::{
    PROGRAMME, RECEIVING, SCHOOL, UNIVERSITY, frameworks, register_world, rule_set_of_the_world,
};

/// Where the samples of real files are; they are not part of the project.
///
/// # Panics
/// Where the folder is missing, saying so.
pub fn samples() -> std::path::PathBuf {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples");
    assert!(
        root.is_dir(),
        "the sample files are missing: {} is no folder; put them beside the project",
        root.display()
    );
    root
}
