//! The command line with what stands below it: the environment, then the settings file, then what
//! is usual.
//!
//! The file is TOML, its keys are the names of the flags. What it says is put in as what is usual,
//! so that clap itself decides which source goes before which and checks every value alike.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches};
use toml::de::{DeTable, DeValue};

use crate::cli::Cli;
use crate::problem::Problem;

/// Commands whose own arguments are settings too.
const SERVING: [&str; 2] = ["serve", "demo"];

/// Where a setting's value is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Given on the command line.
    Flag,
    /// From the environment.
    Environment,
    /// From the settings file.
    File,
    /// Nobody said anything.
    Default,
}

/// A setting as it came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    /// The flag, and the key in the file.
    pub(crate) name: String,
    /// The variable.
    pub(crate) variable: String,
    /// None where it is not set; of a secret only that it is.
    pub(crate) value: Option<String>,
    pub(crate) source: Source,
}

/// Reads the command line and everything below it. What clap answers itself (help, a wrong flag)
/// ends the process as clap does.
pub(crate) fn read(arguments: &[OsString]) -> Result<Cli, Problem> {
    let command = Cli::command();
    let file = file_named(&command, arguments);
    let lines = match &file {
        Some(file) => file_lines(file, &command)?,
        None => Vec::new(),
    };
    let mut matches = with_usual(command, &lines).get_matches_from(arguments);
    let origins = origins(&Cli::command(), &matches, &lines);
    let mut cli = Cli::from_arg_matches_mut(&mut matches).unwrap_or_else(|error| error.exit());
    cli.settings.origins = origins;
    Ok(cli)
}

/// A line of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    name: String,
    value: String,
}

/// The file, before anything else is looked at. A command line that is wrong names none.
fn file_named(command: &Command, arguments: &[OsString]) -> Option<PathBuf> {
    let lenient = command.clone().ignore_errors(true);
    let matches = lenient.try_get_matches_from(arguments).ok()?;
    matches.get_one::<PathBuf>("config").cloned()
}

/// Every argument that a file may set.
fn settings(command: &Command) -> Vec<&Arg> {
    let of_serving = command
        .get_subcommands()
        .filter(|sub| SERVING.contains(&sub.get_name()))
        .flat_map(Command::get_arguments);
    let mut settings: Vec<&Arg> = Vec::new();
    for argument in command.get_arguments().chain(of_serving) {
        let set = argument.get_env().is_some() && argument.get_id() != "config";
        if set && !settings.iter().any(|it| it.get_id() == argument.get_id()) {
            settings.push(argument);
        }
    }
    settings
}

fn name(argument: &Arg) -> &str {
    argument.get_long().unwrap_or_default()
}

fn file_lines(file: &Path, command: &Command) -> Result<Vec<Line>, Problem> {
    let shown = file.display();
    let text = fs::read_to_string(file).map_err(|error| {
        Problem::new(
            "CONFIG_UNREADABLE",
            format!("设置文件 {shown} 无法读取({error})"),
            format!("the settings file {shown} cannot be read ({error})"),
        )
        .todo(
            "请核对 CREDITBANK_CONFIG 或 --config",
            "check CREDITBANK_CONFIG or --config",
        )
    })?;
    parse(&text, command).map_err(|fault| fault.at(file, &text))
}

/// What is wrong, and at which byte.
struct FileFault {
    byte: usize,
    zh: String,
    en: String,
}

impl FileFault {
    fn at(self, file: &Path, text: &str) -> Problem {
        let before = text.get(..self.byte).unwrap_or(text);
        let line = before.matches('\n').count().saturating_add(1);
        let (shown, zh, en) = (file.display(), self.zh, self.en);
        Problem::new(
            "CONFIG_FAULT",
            format!("{shown} 第 {line} 行:{zh}"),
            format!("{shown}, line {line}: {en}"),
        )
        .todo(
            "creditbank config example 会列出所有设置",
            "creditbank config example prints every setting",
        )
    }
}

fn parse(text: &str, command: &Command) -> Result<Vec<Line>, FileFault> {
    let table = DeTable::parse(text).map_err(|error| FileFault {
        byte: error.span().map_or(0, |span| span.start),
        zh: format!("不是有效的 TOML({})", error.message()),
        en: format!("this is not TOML ({})", error.message()),
    })?;
    let known = settings(command);
    let mut lines = Vec::new();
    for (key, value) in table.into_inner() {
        let byte = key.span().start;
        let key = key.into_inner().into_owned();
        let fault = |zh: String, en: String| FileFault { byte, zh, en };
        let Some(argument) = known.iter().find(|argument| name(argument) == key) else {
            return Err(fault(
                format!("没有名为 {key} 的设置"),
                format!("there is no setting {key}"),
            ));
        };
        let Some(value) = plain(value.get_ref()) else {
            return Err(fault(
                format!("{key} 应为文本、整数或 true/false"),
                format!("{key} has to be a text, an integer or true or false"),
            ));
        };
        if let Err(error) = checked(argument, &value) {
            return Err(fault(
                format!("{key} 的值无效({error})"),
                format!("the value of {key} is not valid ({error})"),
            ));
        }
        lines.push(Line { name: key, value });
    }
    Ok(lines)
}

fn plain(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Boolean(yes) => Some(yes.to_string()),
        _ => None,
    }
}

/// Asks the argument itself what it thinks of a value. The reason never repeats the value of a
/// secret.
fn checked(argument: &Arg, value: &str) -> Result<(), String> {
    let switch = matches!(argument.get_action(), ArgAction::SetTrue);
    if switch && !matches!(value, "true" | "false") {
        return Err("true | false".to_owned());
    }
    let argument = argument.clone().default_value(value.to_owned());
    let alone = Command::new("setting").arg(argument.env(None));
    match alone.try_get_matches_from(["setting"]) {
        Ok(_) => Ok(()),
        Err(error) => {
            let why = std::error::Error::source(&error);
            Err(why.map_or_else(|| error.kind().to_string(), ToString::to_string))
        }
    }
}

fn with_usual(command: Command, lines: &[Line]) -> Command {
    lines.iter().fold(command, |command, line| {
        let usual = |argument: Arg| {
            if argument.get_long() == Some(&line.name) {
                argument.default_value(line.value.clone())
            } else {
                argument
            }
        };
        SERVING
            .iter()
            .fold(command.mut_args(usual), |command, serving| {
                command.mut_subcommand(serving, |sub| sub.mut_args(usual))
            })
    })
}

fn origins(command: &Command, matches: &ArgMatches, lines: &[Line]) -> Vec<Origin> {
    settings(command)
        .into_iter()
        .filter(|argument| command.get_arguments().any(|it| it == *argument))
        .map(|argument| origin(argument, matches, lines))
        .collect()
}

fn origin(argument: &Arg, matches: &ArgMatches, lines: &[Line]) -> Origin {
    let id = argument.get_id().as_str();
    let in_file = lines.iter().any(|line| line.name == name(argument));
    let source = match matches.value_source(id) {
        Some(ValueSource::CommandLine) => Source::Flag,
        Some(ValueSource::EnvVariable) => Source::Environment,
        _ if in_file => Source::File,
        _ => Source::Default,
    };
    let value = matches
        .get_raw(id)
        .and_then(|mut values| values.next())
        .map(|value| value.to_string_lossy().into_owned())
        .map(|value| {
            if argument.is_hide_env_values_set() {
                "••••".to_owned()
            } else {
                value
            }
        });
    Origin {
        name: name(argument).to_owned(),
        variable: argument
            .get_env()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        value,
        source,
    }
}

/// A file with every setting in it, each as it usually is and commented out.
pub(crate) fn example() -> String {
    let command = Cli::command();
    let mut text = "# creditbank: 设置文件 / settings file\n\
                    # Flags go before the environment, the environment before this file.\n"
        .to_owned();
    for argument in settings(&command) {
        let help = argument.get_help().map(ToString::to_string);
        let variable = argument.get_env().unwrap_or_default().to_string_lossy();
        let usual = argument
            .get_default_values()
            .first()
            .map(|value| value.to_string_lossy().into_owned());
        let value = match (argument.get_action(), usual) {
            (ArgAction::SetTrue, _) => "false".to_owned(),
            (_, Some(number)) if number.parse::<u64>().is_ok() => number,
            (_, Some(text)) => format!("{text:?}"),
            (_, None) => "\"\"".to_owned(),
        };
        let help = help.unwrap_or_default();
        text.push_str(&format!(
            "\n# {help} ({variable})\n# {} = {value}\n",
            name(argument)
        ));
    }
    text
}

#[cfg(test)]
mod tests;
