//! What a trial shows.

use super::*;

fn good() -> DatabaseSettings {
    DatabaseSettings {
        version_number: 150_004,
        fsync: "on".to_owned(),
        synchronous_commit: "on".to_owned(),
        lc_messages: "C".to_owned(),
        wal_compression: "lz4".to_owned(),
        max_wal_megabytes: 8_192,
        checkpoint_seconds: 1_800,
        connections_max: 100,
        login: "creditbank_server".to_owned(),
        login_leaves_wall: false,
    }
}

fn told(found: &DatabaseSettings) -> String {
    let findings = database_findings(found, 8);
    findings.iter().map(|it| format!("{it}\n")).collect()
}

#[test]
fn a_server_set_as_it_should_be_has_nothing_against_it() {
    assert_eq!(told(&good()), "✓ Postgres 15\n");
}

#[test]
fn a_trusted_sender_is_named_by_its_digest_and_one_whose_certificate_has_ended_is_told() {
    let day = |text: &str| format!("{text}T00:00:00Z").parse().unwrap();
    let sender = TrustedSender {
        subject: "O=某大学".to_owned(),
        sha256: [171; 32],
        not_before: day("2026-01-01"),
        not_after: day("2027-01-01"),
    };
    let told = |now: &str| sender_finding(&sender, day(now)).to_string();
    assert!(told("2026-06-01").starts_with("✓ 可信发送方 trusted sender O=某大学 SHA-256 abab"));
    assert!(told("2027-01-01").starts_with('✓'));
    for outside in ["2025-12-31", "2027-01-02"] {
        assert!(told(outside).starts_with("! ") && told(outside).contains("not valid now"));
    }
}

#[test]
fn the_names_with_which_the_demo_signs_are_told_and_those_of_a_bank_are_not() {
    let origin = |name: &str, source| Origin {
        name: name.to_owned(),
        variable: String::new(),
        value: Some("creditbank".to_owned()),
        source,
    };
    let told = |issuer, audience| {
        let origins = [
            origin("token-issuer", issuer),
            origin("token-audience", audience),
            origin("listen", Source::Default),
        ];
        names_of_the_demo(&origins).map(|it| it.to_string())
    };
    let both = told(Source::Default, Source::Default).unwrap();
    assert!(
        both.starts_with("! ") && both.contains("(token-issuer, token-audience)"),
        "{both}"
    );
    assert!(
        told(Source::File, Source::Default)
            .unwrap()
            .contains("(token-audience)")
    );
    assert_eq!(told(Source::Environment, Source::Flag), None);
}

#[test]
fn each_setting_that_endangers_the_books_is_refused_and_one_that_costs_speed_is_named() {
    type Spoil = fn(&mut DatabaseSettings);
    let spoils: [(Spoil, &str); 10] = [
        (|it| it.login_leaves_wall = true, "! 服务所用的数据库登录名"),
        (|it| it.version_number = 140_011, "✗ POSTGRES_VERSION"),
        (|it| it.version_number = 190_000, "✗ POSTGRES_VERSION"),
        (|it| it.fsync = "off".to_owned(), "✗ COMMITS_MAY_BE_LOST"),
        (
            |it| it.synchronous_commit = "off".to_owned(),
            "✗ COMMITS_MAY_BE_LOST",
        ),
        (
            |it| it.lc_messages = "zh_CN.UTF-8".to_owned(),
            "✗ LC_MESSAGES",
        ),
        (|it| it.connections_max = 13, "✗ TOO_FEW_CONNECTIONS"),
        (
            |it| it.wal_compression = "off".to_owned(),
            "! wal_compression",
        ),
        (|it| it.max_wal_megabytes = 1_024, "! max_wal_size"),
        (|it| it.checkpoint_seconds = 300, "! checkpoint_timeout"),
    ];
    for (spoil, expected) in spoils {
        let mut found = good();
        spoil(&mut found);
        assert!(
            told(&found).contains(expected),
            "{expected}: {}",
            told(&found)
        );
    }
}
