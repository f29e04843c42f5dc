//! Handing files in: what a test of the import does again and again.

use std::collections::BTreeMap;
use std::path::Path;

use creditbank_domain::amount::{Amount, Hundredths, Unit};
use creditbank_domain::authz::{Grant, ReadImport, Role, RunImport};
use creditbank_domain::catalogue::{AmountRule, Category};
use creditbank_domain::grade::MinimumGrade;
use creditbank_domain::identifier::IdentifierKind;
use creditbank_domain::ids::ImportId;
use creditbank_domain::learner_no::LearnerNo;
use creditbank_domain::text::CourseCode;
use creditbank_import::{
    ColumnMapping, ImportError, ImportOptions, Progress, result_file_from_ledger, run_import,
};
use creditbank_ledger::Ledger;
use creditbank_ledger::flows::{
    ImportMode, NewCatalogueVersion, PostAnswer, VersionDetails, publish_catalogue,
};
use creditbank_ledger::reads::{self, ImportView, StoredLineResult};

use crate::bank::TestBank;
use crate::build::{day, hundredths, outcome, person};
use crate::log_watch::remember_file;
use crate::rules::keeper;
use crate::world::{UNIVERSITY, code};

/// The entry that [`TestBank::learners_by_student_number`] knocks with.
const PROBE: &str = "KIT-PROBE";
/// Larger files are of synthetic thousands, and looking each up in the log would take minutes.
const FILE_REMEMBERED_MAX: u64 = 64 << 10;
/// More than any page of line results in a test.
const RESULTS_MAX: u32 = 100_000;

/// A course of an institution that gives this many credits, valid since 2010.
#[must_use]
pub fn course(owner: &str, number: &str, credits: &str) -> NewCatalogueVersion {
    let amount = Amount::new(Unit::Credit, hundredths(credits)).unwrap();
    NewCatalogueVersion {
        owner: code(owner),
        code: CourseCode::new(number).unwrap(),
        co_owners: Vec::new(),
        title: format!("课程{number}"),
        category: Category::Course,
        level: None,
        minimum_grade: MinimumGrade::Pass,
        amounts: vec![AmountRule::Fixed(amount)],
        valid_from: day("2010-01-01"),
        valid_to: None,
        usable_months: None,
        repeatable: false,
        details: VersionDetails::default(),
    }
}

/// As [`course`], giving what the institution states, up to this many credits.
#[must_use]
pub fn course_up_to(owner: &str, number: &str, credits: &str) -> NewCatalogueVersion {
    let most = Amount::new(Unit::Credit, hundredths(credits)).unwrap();
    NewCatalogueVersion {
        amounts: vec![AmountRule::StatedUpTo(most)],
        ..course(owner, number, credits)
    }
}

/// The courses of the sample of a 强智 export, `spreadsheets/zh-qiangzhi-gbk.csv`, at the university.
#[must_use]
pub fn qiangzhi_courses() -> Vec<NewCatalogueVersion> {
    let fixed = [
        ("08012301", "3.50"),
        ("08012302", "2.00"),
        ("08012303", "1.00"),
        ("08012304", "3.00"),
        ("08012305", "4.00"),
        ("08012306", "3.00"),
        ("08012307", "3.00"),
        ("08012309", "12.00"),
    ];
    let stated = course_up_to(UNIVERSITY, "08012308", "2.00");
    let fixed = fixed.map(|(code, credits)| course(UNIVERSITY, code, credits));
    fixed.into_iter().chain([stated]).collect()
}

/// A posting import with nothing special about it.
#[must_use]
pub fn posting() -> ImportOptions {
    ImportOptions::new("transcript", ImportMode::Post)
}

/// The same that only says what would happen.
#[must_use]
pub fn dry_run() -> ImportOptions {
    ImportOptions::new("transcript", ImportMode::DryRun)
}

impl TestBank {
    /// Publishes catalogue versions.
    ///
    /// # Panics
    /// Where the ledger refuses them.
    pub fn publish(&self, versions: &[NewCatalogueVersion]) {
        publish_catalogue(self.ledger(), &keeper(), versions, self.now()).unwrap();
    }

    /// Hands a file in through any handle on this bank, as the institution's registrar, telling
    /// the progress after every transaction.
    ///
    /// # Errors
    /// What the import says.
    pub fn try_import_through(
        &self,
        ledger: &Ledger,
        institution: &str,
        file: &Path,
        options: &ImportOptions,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ImportView, ImportError> {
        let grant: Grant<RunImport> = self.grant(Role::Registrar, institution);
        if std::fs::metadata(file).is_ok_and(|it| it.len() < FILE_REMEMBERED_MAX) {
            remember_file(&std::fs::read(file).unwrap_or_default());
        }
        run_import(ledger, &grant, file, options, self.now(), progress)
    }

    /// Hands a file in.
    ///
    /// # Errors
    /// What the import says.
    pub fn try_import(
        &self,
        institution: &str,
        file: &Path,
        options: &ImportOptions,
    ) -> Result<ImportView, ImportError> {
        self.try_import_through(self.ledger(), institution, file, options, &mut |_| ())
    }

    /// Hands a file in that must be taken as a whole.
    ///
    /// # Panics
    /// Where it is not.
    #[must_use]
    pub fn import(&self, institution: &str, file: &Path, options: &ImportOptions) -> ImportView {
        self.try_import(institution, file, options)
            .unwrap_or_else(|error| panic!("{}: {error:?}", file.display()))
    }

    /// What an import says of its lines that were not plainly posted.
    ///
    /// # Panics
    /// Where there is no such import.
    #[must_use]
    pub fn line_results(&self, institution: &str, import: ImportId) -> Vec<StoredLineResult> {
        let grant: Grant<ReadImport> = self.grant(Role::Registrar, institution);
        reads::import_line_results(self.ledger(), &grant, import, 0, RESULTS_MAX).unwrap()
    }

    /// Writes the institution's own file with its results to `out`.
    ///
    /// # Errors
    /// What the import says.
    pub fn try_result_file(
        &self,
        institution: &str,
        import: ImportId,
        original: &Path,
        mapping: Option<&ColumnMapping>,
        out: &Path,
    ) -> Result<(), ImportError> {
        let grant: Grant<ReadImport> = self.grant(Role::Registrar, institution);
        result_file_from_ledger(self.ledger(), &grant, import, original, mapping, out)
    }

    /// The accounts behind an institution's student numbers, asked at the door that every outcome
    /// comes through and so independently of the import.
    ///
    /// Leaves a failed outcome of an entry of the kit's own with each learner: no lot.
    ///
    /// # Panics
    /// Where one of them has no account yet.
    #[must_use]
    pub fn learners_by_student_number(
        &self,
        institution: &str,
        numbers: &[String],
    ) -> BTreeMap<String, LearnerNo> {
        self.publish(&[course(institution, PROBE, "1.00")]);
        // Without a name: what a file called its learners is the test's own business.
        let probe = |number: &String| {
            let learner = person(&[(IdentifierKind::StudentNumber, number)], "");
            outcome(PROBE).person(learner).grade("not_passed").build()
        };
        let mut found = BTreeMap::new();
        for numbers in numbers.chunks(5_000) {
            let probes: Vec<_> = numbers.iter().map(probe).collect();
            let answers = self.try_post(institution, &probes).unwrap();
            for (number, answer) in numbers.iter().zip(answers) {
                let (PostAnswer::Posted(known) | PostAnswer::AlreadyPosted(known)) = answer else {
                    panic!("{number}: {answer:?}")
                };
                assert!(!known.account_opened, "{number} has no account");
                found.insert(number.clone(), known.learner_no);
            }
        }
        found
    }

    /// The available credits behind an institution's student numbers, as texts.
    ///
    /// # Panics
    /// Where one of them has no account.
    #[must_use]
    pub fn credits_by_student_number(
        &self,
        institution: &str,
        numbers: &[&str],
    ) -> Vec<(String, String)> {
        let numbers: Vec<_> = numbers.iter().map(|number| (*number).to_owned()).collect();
        self.learners_by_student_number(institution, &numbers)
            .into_iter()
            .map(|(number, learner)| (number, self.credits(learner).0))
            .collect()
    }

    /// The available credits of every account, by one query past every read of ours.
    ///
    /// # Panics
    /// Where the query fails.
    #[must_use]
    pub fn credits_of_all(&self) -> BTreeMap<LearnerNo, Hundredths> {
        let rows = self
            .database()
            .sql(
                "select learner_no, coalesce(sum(available) filter (where unit = 'credit'), 0) \
                 from learner_numbers left join lots using (learner_id) group by learner_no",
            )
            .unwrap();
        rows.lines()
            .map(|row| {
                let (number, sum) = row.split_once('|').unwrap();
                let sum = Hundredths::new(sum.parse().unwrap()).unwrap();
                (number.parse().unwrap(), sum)
            })
            .collect()
    }

    /// How many rows there are of everything that a file can add to the books.
    ///
    /// # Panics
    /// Where the query fails.
    #[must_use]
    pub fn row_counts(&self) -> BTreeMap<&'static str, u64> {
        [
            "outcomes",
            "outcome_sources",
            "lots",
            "transfers",
            "learners",
            "learner_numbers",
            "identity.identifiers",
            "identity.names",
        ]
        .into_iter()
        .map(|table| {
            let count = self
                .database()
                .sql(&format!("select count(*) from {table}"));
            (table, count.unwrap().trim().parse().unwrap())
        })
        .collect()
    }
}
