//! Memberships and committee seats, as they are given and shown.

use chrono::{DateTime, NaiveDate, Utc};
use creditbank_domain::authz::Role;
use creditbank_domain::calendar::parse_day;
use creditbank_domain::fault::Fault;
use creditbank_domain::ids::PersonId;
use creditbank_domain::person::Login;
use creditbank_domain::text::{InstitutionCode, PersonName, bounded};
use creditbank_ledger::flows::{Appointee, Appointment, NewCommittee, NewMember};
use creditbank_ledger::reads;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::extract::cut;
use crate::problem::{Place, Placed, PlacedFault};

/// A login at an identity provider, and what whoever has it is called. Personal: never printed.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoginBody {
    /// The provider, as its tokens name it.
    #[schema(max_length = 255, example = "https://id.example.edu.cn")]
    pub(crate) issuer: String,
    /// The provider's name for the person: the `sub` of its tokens.
    #[schema(max_length = 255, example = "t-20031")]
    pub(crate) subject: String,
    /// What the person is called, for whoever is not known yet; kept sealed.
    #[schema(max_length = 120, example = "王小明")]
    pub(crate) name: String,
}

/// Whom a body names, by one of both.
pub(super) fn appointee(
    placed: &mut Placed<'_>,
    person: Option<Uuid>,
    login: Option<&LoginBody>,
) -> Option<Appointee> {
    match (person, login) {
        (Some(person), None) => Some(Appointee::Known(PersonId::from_uuid(person))),
        (None, Some(body)) => {
            let login = placed.take("login", Login::new(&body.issuer, &body.subject));
            let name = placed.take("login", PersonName::new(&body.name));
            login
                .zip(name)
                .map(|(login, name)| Appointee::Login(login, name))
        }
        _ => {
            let fault = Fault::new(
                "PERSON_AMBIGUOUS",
                "请写明 person_id 或 login 之一",
                "name the person by person_id or by login, one of the two",
            );
            placed.refuse("person_id", fault);
            None
        }
    }
}

/// Appoints somebody.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::appointment()))]
pub(crate) struct MembershipBody {
    /// Somebody who is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) person_id: Option<Uuid>,
    /// Or whoever signs in by this login.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(nested)]
    pub(crate) login: Option<LoginBody>,
    /// The code of the institution; the bank itself where absent, which the secretariat only gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "90002")]
    pub(crate) institution: Option<String>,
    /// As what.
    #[validate(length(min = 1, max = 10))]
    #[schema(min_items = 1, max_items = 10, extensions(("x-words" = json!(Role::WORDS))))]
    pub(crate) roles: Vec<String>,
    /// From when; from now on where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<DateTime<Utc>>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<DateTime<Utc>>,
}

impl MembershipBody {
    pub(crate) fn read(&self, now: DateTime<Utc>) -> Result<Appointment, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let who = appointee(&mut placed, self.person_id, self.login.as_ref());
        let institution = self.institution.as_deref().map(InstitutionCode::new);
        let institution = placed.take("institution", institution.transpose());
        let roles: Result<Vec<Role>, _> = self.roles.iter().map(|role| role.parse()).collect();
        let roles = placed.take("roles", roles);
        match (who, institution, roles) {
            (Some(who), Some(institution), Some(roles)) => Ok(Appointment {
                who,
                institution,
                roles,
                from: self.from.unwrap_or(now),
                until: self.until,
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

/// What somebody is, and for whom.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::membership_view()))]
pub(crate) struct MembershipView {
    /// Its id.
    pub(crate) membership_id: Uuid,
    /// Who.
    pub(crate) person_id: Uuid,
    /// What they are called, where that was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The institution's code; the bank itself where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) institution: Option<String>,
    /// As what.
    #[schema(extensions(("x-words" = json!(Role::WORDS))))]
    pub(crate) roles: Vec<String>,
    /// From when.
    pub(crate) from: DateTime<Utc>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<DateTime<Utc>>,
    /// From when it was taken away.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended_at: Option<DateTime<Utc>>,
}

impl From<&reads::AppointmentView> for MembershipView {
    fn from(row: &reads::AppointmentView) -> Self {
        Self {
            membership_id: row.membership.as_uuid(),
            person_id: row.person.as_uuid(),
            name: row.name.as_ref().map(|name| name.reveal().to_owned()),
            institution: row.institution.clone(),
            roles: row.roles.iter().map(ToString::to_string).collect(),
            from: row.from,
            until: row.until,
            ended_at: row.ended_at,
        }
    }
}

/// A page of memberships.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::memberships_view()))]
pub(crate) struct MembershipsView {
    /// In the order in which they were given, the ended ones too.
    pub(crate) memberships: Vec<MembershipView>,
    /// Where the next page begins, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

impl MembershipsView {
    /// A page of at most `limit`, from rows of which one more was fetched.
    pub(crate) fn page(rows: &[reads::AppointmentView], limit: u32) -> Self {
        let (page, next_cursor) = cut(rows, limit, |row| row.membership.as_uuid());
        Self {
            memberships: page.iter().map(MembershipView::from).collect(),
            next_cursor,
        }
    }
}

/// A committee and who is to sit in it.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::committee()))]
pub(crate) struct CommitteeBody {
    /// Its code, as rule sets name it.
    #[schema(max_length = 80, example = "CREDIT-BANK")]
    pub(crate) code: String,
    /// What it is called.
    #[schema(max_length = 200)]
    pub(crate) title: String,
    /// Who is to sit in it beside those who do.
    #[validate(length(max = 200))]
    #[schema(max_items = 200)]
    pub(crate) members: Vec<SeatBody>,
}

/// A seat.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeatBody {
    /// The person, by the id of their membership list.
    pub(crate) person_id: Uuid,
    /// The code of the college that the person belongs to, in whose own rules they are recused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) institution: Option<String>,
    /// First day.
    #[schema(format = Date)]
    pub(crate) since: String,
}

impl CommitteeBody {
    pub(crate) fn read(&self) -> Result<NewCommittee, Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let code = placed.take("code", bounded("code", &self.code, 80));
        let title = placed.take("title", bounded("title", &self.title, 200));
        let mut members = Vec::with_capacity(self.members.len());
        let at = root.child("members");
        for (index, seat) in self.members.iter().enumerate() {
            members.extend(placed.take_all(seat.read(&at.child(index))));
        }
        match (code, title) {
            (Some(code), Some(title)) if placed.is_empty() => Ok(NewCommittee {
                code,
                title,
                members,
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

impl SeatBody {
    fn read(&self, at: &Place) -> Result<NewMember, Vec<PlacedFault>> {
        let mut placed = Placed::at(at);
        let institution = self.institution.as_deref().map(InstitutionCode::new);
        let institution = placed.take("institution", institution.transpose());
        let since = placed.take("since", parse_day(&self.since));
        match (institution, since) {
            (Some(institution), Some(since)) => Ok(NewMember {
                member: self.person_id.to_string(),
                institution,
                since,
            }),
            _ => Err(placed.into_faults()),
        }
    }
}

/// Ends a seat.
#[derive(Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!(crate::dto::examples::departure()))]
pub(crate) struct DepartureBody {
    /// The member, as the committee's list has it.
    #[schema(max_length = 80)]
    pub(crate) member: String,
    /// The last day.
    #[schema(format = Date)]
    pub(crate) last_day: String,
}

impl DepartureBody {
    pub(crate) fn read(&self) -> Result<(String, NaiveDate), Vec<PlacedFault>> {
        let root = Place::root();
        let mut placed = Placed::at(&root);
        let member = placed.take("member", bounded("member", &self.member, 80));
        let last_day = placed.take("last_day", parse_day(&self.last_day));
        member.zip(last_day).ok_or_else(|| placed.into_faults())
    }
}

/// A committee.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::committee_view()))]
pub(crate) struct CommitteeView {
    /// Its code.
    pub(crate) code: String,
    /// What it is called.
    pub(crate) title: String,
    /// Who sits or sat in it, without names.
    pub(crate) seats: Vec<SeatView>,
}

/// A seat, as long as somebody has it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub(crate) struct SeatView {
    /// The person's id, or an account of the command line.
    pub(crate) member: String,
    /// The code of the college.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) institution: Option<String>,
    /// First day.
    pub(crate) since: NaiveDate,
    /// Last day, open where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<NaiveDate>,
}

impl From<&reads::CommitteeView> for CommitteeView {
    fn from(row: &reads::CommitteeView) -> Self {
        let seats = row.seats.iter().map(|seat| SeatView {
            member: seat.member.clone(),
            institution: seat.institution.clone(),
            since: seat.since,
            until: seat.until,
        });
        Self {
            code: row.code.clone(),
            title: row.title.clone(),
            seats: seats.collect(),
        }
    }
}

/// All committees.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(crate::dto::examples::committees_view()))]
pub(crate) struct CommitteesView {
    /// By code.
    pub(crate) committees: Vec<CommitteeView>,
}
