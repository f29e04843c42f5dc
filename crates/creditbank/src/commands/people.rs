//! `creditbank people`

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use creditbank_domain::authz::{KeepRegister, Role};
use creditbank_domain::ids::{MembershipId, PersonId};
use creditbank_domain::person::{Login, Membership};
use creditbank_domain::text::{InstitutionCode, PersonName};
use creditbank_ledger::flows::{self, NewMembership};
use creditbank_ledger::{Ledger, reads};
use uuid::Uuid;

use crate::output::say;
use crate::problem::Problem;
use crate::settings::Settings;
use crate::{clock, operator};

/// What can be done with people who act.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a person known and print the id / 登记人员
    Add {
        /// What the person is called
        #[arg(long)]
        name: String,
        #[command(flatten)]
        login: Option<LoginArguments>,
    },
    /// Print everybody who acts / 列出人员
    List,
    /// Give a person roles at an institution, or at the bank itself / 任命
    Give {
        /// The person's id
        #[arg(long)]
        person: Uuid,
        /// The code of the institution; the bank itself where it is left out
        #[arg(long)]
        institution: Option<String>,
        /// What the person is to be; can be repeated
        #[arg(long = "role", required = true)]
        roles: Vec<Role>,
        /// From when, as 2027-01-31T08:00:00Z; from now on where it is left out
        #[arg(long)]
        from: Option<DateTime<Utc>>,
        /// Until when
        #[arg(long)]
        until: Option<DateTime<Utc>>,
    },
    /// End a membership from now on / 结束任职
    End {
        /// The membership's id
        #[arg(long)]
        membership: Uuid,
    },
    /// Link one more login to a person / 关联登录
    Link {
        /// The person's id
        #[arg(long)]
        person: Uuid,
        #[command(flatten)]
        login: LoginArguments,
    },
    /// End a login: nobody signs in by it any more / 停用登录
    Unlink {
        #[command(flatten)]
        login: LoginArguments,
    },
    /// Take an account away from whoever claimed it / 解除账户认领
    Release {
        /// The learner number
        #[arg(long)]
        learner_no: String,
    },
}

/// A login at an identity provider.
#[derive(Debug, Args)]
#[group(requires_all = ["issuer", "subject"])]
pub(crate) struct LoginArguments {
    /// The provider, as its tokens name it
    #[arg(long, required = false)]
    issuer: String,
    /// The provider's name for the person: the `sub` of its tokens
    #[arg(long, required = false)]
    subject: String,
}

impl LoginArguments {
    fn read(&self) -> anyhow::Result<Login> {
        Ok(Login::new(&self.issuer, &self.subject)?)
    }
}

/// Does it, and prints ids.
pub(crate) fn run(settings: &Settings, command: &Command) -> anyhow::Result<ExitCode> {
    let ledger = settings.ledger()?;
    let grant = operator::for_bank::<KeepRegister>()?;
    let now = clock::now();
    match command {
        Command::Add { name, login } => {
            let name = PersonName::new(name)?;
            let login = login.as_ref().map(LoginArguments::read).transpose()?;
            let added = flows::add_person(&ledger, &grant, &name, login.as_ref(), now);
            say!("{}", added.map_err(Problem::from)?);
        }
        Command::List => list(&ledger)?,
        Command::Give {
            person,
            institution,
            roles,
            from,
            until,
        } => {
            let institution = institution.as_deref().map(InstitutionCode::new);
            let new = NewMembership {
                person: PersonId::from_uuid(*person),
                institution: institution.transpose()?,
                roles: roles.clone(),
                from: from.unwrap_or(now),
                until: *until,
            };
            let given = flows::give_membership(&ledger, &grant, &new, now);
            say!("{}", given.map_err(Problem::from)?);
        }
        Command::End { membership } => {
            let membership = MembershipId::from_uuid(*membership);
            flows::end_membership(&ledger, &grant, membership, now).map_err(Problem::from)?;
            say!("{membership} ended");
        }
        Command::Link { person, login } => {
            let person = PersonId::from_uuid(*person);
            flows::link_login(&ledger, &grant, person, &login.read()?, now)
                .map_err(Problem::from)?;
            say!("{person} linked");
        }
        Command::Unlink { login } => {
            flows::end_login(&ledger, &grant, &login.read()?, now).map_err(Problem::from)?;
            say!("ended");
        }
        Command::Release { learner_no } => {
            let number = operator::learner_no(learner_no)?;
            flows::release_account(&ledger, &grant, number, now).map_err(Problem::from)?;
            say!("{number} released");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(ledger: &Ledger) -> Result<(), Problem> {
    let grant = operator::for_bank::<KeepRegister>()?;
    for person in reads::list_people(ledger, &grant)? {
        let name = person.name.as_ref().map_or("–", PersonName::reveal);
        say!("{} {name}", person.person);
        for (id, membership) in &person.memberships {
            say!("  {id} {}", told(membership));
        }
        if let Some(number) = person.learner {
            say!("  {}", number.printed());
        }
    }
    Ok(())
}

fn told(membership: &Membership) -> String {
    let roles: Vec<&str> = membership.roles.iter().map(|role| role.as_str()).collect();
    let at = membership.institution_code.as_deref().unwrap_or("bank");
    let until = membership.until.map(|until| format!(" until {until}"));
    format!(
        "{} @ {at} from {}{}",
        roles.join(", "),
        membership.from,
        until.unwrap_or_default()
    )
}
