//! The arrows between crates, and what each may not see. See docs/ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

fn direct_dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo metadata");
    let packages = metadata.packages.into_iter().map(|package| {
        let normal = package.dependencies.into_iter();
        let normal = normal
            .filter(|d| d.kind != DependencyKind::Development)
            .map(|d| d.name);
        (package.name.to_string(), normal.collect())
    });
    packages.collect()
}

#[test]
fn our_crates_depend_one_way() {
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("creditbank-domain", &[][..]),
        ("creditbank-localpg", &[][..]),
        // What is kept is sealed already: it knows ids and kinds of files, no ledger.
        ("creditbank-vault", &["creditbank-domain"][..]),
        // What people write becomes a rule set of the domain; it knows nothing else of the bank.
        ("creditbank-rulebook", &["creditbank-domain"][..]),
        (
            "creditbank-ledger",
            &["creditbank-domain", "creditbank-rulebook"][..],
        ),
        (
            "creditbank-import",
            &["creditbank-domain", "creditbank-ledger"][..],
        ),
        (
            "creditbank-api",
            &[
                "creditbank-domain",
                "creditbank-ledger",
                "creditbank-rulebook",
                "creditbank-vault",
            ][..],
        ),
        (
            "creditbank",
            &[
                "creditbank-api",
                "creditbank-domain",
                "creditbank-import",
                "creditbank-ledger",
                "creditbank-localpg",
                "creditbank-rulebook",
                "creditbank-vault",
            ][..],
        ),
    ]);
    let found = direct_dependencies();
    for (name, allowed) in &allowed {
        let dependencies = found
            .get(*name)
            .unwrap_or_else(|| panic!("no crate {name}"));
        let ours: Vec<&String> = dependencies
            .iter()
            .filter(|d| d.starts_with("creditbank"))
            .collect();
        for dependency in ours {
            assert!(
                allowed.contains(&dependency.as_str()),
                "{name} must not know {dependency}"
            );
        }
    }
    let unknown: Vec<&String> = found
        .keys()
        .filter(|name| {
            !["creditbank-benches", "creditbank-tests"].contains(&name.as_str())
                && !allowed.contains_key(name.as_str())
        })
        .collect();
    assert!(
        unknown.is_empty(),
        "a new crate comes with its arrows and a reason: {unknown:?}"
    );
}

#[test]
fn only_the_ledger_knows_diesel() {
    for (name, dependencies) in direct_dependencies() {
        let diesel = dependencies
            .iter()
            .any(|d| d.starts_with("diesel") || d == "postgres");
        assert_eq!(diesel, name == "creditbank-ledger", "{name}");
    }
}

#[test]
fn the_domain_is_pure() {
    let found = direct_dependencies();
    // unicode-normalization is tables and functions over them, url a parser: no clock, no I/O.
    let pure = BTreeSet::from([
        "chrono",
        "serde",
        "thiserror",
        "unicode-normalization",
        "url",
        "uuid",
    ]);
    for dependency in &found["creditbank-domain"] {
        assert!(
            pure.contains(dependency.as_str()),
            "domain must not know {dependency}"
        );
    }
}

/// A rule document comes in as bytes and days: no clock, no files, no network, no database.
#[test]
fn the_rulebook_only_reads_and_writes_documents() {
    let found = direct_dependencies();
    let pure = BTreeSet::from([
        "chrono",
        "creditbank-domain",
        "hex",
        "saphyr-parser",
        "serde_json",
        "sha2",
        "uuid",
    ]);
    for dependency in &found["creditbank-rulebook"] {
        assert!(
            pure.contains(dependency.as_str()),
            "rulebook must not know {dependency}"
        );
    }
}

#[test]
fn nothing_linked_is_gpl() {
    let metadata = MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .exec()
        .expect("cargo metadata");
    for package in metadata.packages {
        let licence = package.license.unwrap_or_default();
        let choices: Vec<&str> = licence.split(" OR ").collect();
        let free = choices.iter().any(|choice| !choice.contains("GPL"));
        assert!(free, "{} is under {licence}", package.name);
    }
}

#[test]
fn files_stay_readable() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![root.join("crates"), root.join("tests")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the workspace") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let lines = std::fs::read_to_string(&path)
                    .expect("a source file")
                    .lines()
                    .count();
                assert!(
                    lines <= 400,
                    "{} has {lines} lines: split it",
                    path.display()
                );
                seen += 1;
            }
        }
    }
    assert!(seen > 100, "only {seen} files were looked at");
}
