use std::io::Write as _;

use super::*;

fn lines(text: &str) -> Result<Vec<Line>, String> {
    parse(text, &Cli::command()).map_err(|fault| fault.at(Path::new("bank.toml"), text).to_string())
}

fn read_with(file: &str, arguments: &[&str]) -> Cli {
    let mut kept = tempfile::NamedTempFile::new().unwrap();
    kept.write_all(file.as_bytes()).unwrap();
    let mut line: Vec<OsString> = vec!["creditbank".into()];
    line.extend(arguments.iter().map(OsString::from));
    line.extend(["--config".into(), kept.path().into()]);
    read(&line).unwrap()
}

fn origin_of(cli: &Cli, name: &str) -> (Source, Option<String>) {
    let found = cli.settings.origins.iter().find(|it| it.name == name);
    let found = found.unwrap();
    (found.source, found.value.clone())
}

#[test]
fn a_flag_goes_before_the_file_and_the_file_before_what_is_usual() {
    let file = "pool-size = 17\nlog = \"info\"\nlog-json = true\nlisten = \"127.0.0.1:9\"\n";
    let cli = read_with(file, &["migrate", "--log", "debug"]);
    let settings = &cli.settings;
    assert_eq!((settings.pool_size, settings.log.as_str()), (17, "debug"));
    assert!(settings.log_json);
    assert_eq!(
        origin_of(&cli, "pool-size"),
        (Source::File, Some("17".to_owned()))
    );
    assert_eq!(
        origin_of(&cli, "log"),
        (Source::Flag, Some("debug".to_owned()))
    );
    assert_eq!(origin_of(&cli, "token-issuer").0, Source::Default);
}

#[test]
fn a_switch_that_the_file_leaves_off_stays_off() {
    let cli = read_with("log-json = false\nno-webhooks = true\n", &["migrate"]);
    assert!(!cli.settings.log_json);
    assert!(cli.settings.no_webhooks);
}

#[test]
fn a_secret_of_the_file_is_used_and_never_shown() {
    let secret = "ab".repeat(32);
    let cli = read_with(&format!("identity-key = \"{secret}\"\n"), &["migrate"]);
    assert_eq!(cli.settings.identity_key.as_deref(), Some(secret.as_str()));
    assert_eq!(
        origin_of(&cli, "identity-key"),
        (Source::File, Some("••••".to_owned()))
    );
    assert!(!format!("{:?}", cli.settings.origins).contains(&secret));
}

#[test]
fn what_is_wrong_in_a_file_is_told_with_its_line() {
    for (text, line, part) in [
        ("pool-size = 8\npool-sise = 9\n", 2, "pool-sise"),
        ("\n\npool-size = 0\n", 3, "pool-size"),
        ("pool-size = 101\n", 1, "101"),
        ("pool-size = \"many\"\n", 1, "pool-size"),
        ("log-json = \"yes\"\n", 1, "true | false"),
        ("log = [\"info\"]\n", 1, "log"),
        ("# fine\nlog = \n", 2, "TOML"),
        ("[log]\n", 1, "log"),
        ("pool-size = 8\npool-size = 9\n", 2, "TOML"),
        ("config = \"other.toml\"\n", 1, "config"),
        ("listen = \"nowhere\"\n", 1, "listen"),
    ] {
        let told = lines(text).unwrap_err();
        assert!(told.starts_with("CONFIG_FAULT"), "{told}");
        assert!(told.contains(&format!("line {line}:")), "{text}: {told}");
        assert!(told.contains(part), "{text}: {told}");
    }
}

#[test]
fn the_example_names_every_setting_and_is_a_file_that_can_be_used() {
    let example = example();
    let used: String = example
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(setting) if setting.contains(" = ") && !setting.ends_with("\"\"") => setting,
            _ => "",
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let set = lines(&used).unwrap();
    assert!(set.len() > 10, "{used}");
    for argument in settings(&Cli::command()) {
        assert!(example.contains(&format!("# {} = ", name(argument))));
    }
}
