//! Documents, meetings and what they resolved, and where institutions are, as JSON packs.

use creditbank_domain::calendar::parse_day;
use creditbank_domain::conversion::Document;
use creditbank_domain::ids::{PersonId, RuleSetId};
use creditbank_domain::text::{InstitutionCode, TextError, bounded};
use creditbank_ledger::flows::{
    NewAttendee, NewDocument, NewMeeting, NewPlace, NewRemit, NewResolution,
};
use creditbank_ledger::reads::DocumentFacts;
use serde::Deserialize;
use uuid::Uuid;

use super::pack::{at, read_json};
use crate::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GovernanceFile {
    #[serde(default)]
    documents: Vec<DocumentEntry>,
    #[serde(default)]
    meetings: Vec<MeetingEntry>,
    #[serde(default)]
    places: Vec<PlaceEntry>,
    #[serde(default)]
    remits: Vec<RemitEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentEntry {
    number: String,
    title: String,
    title_en: Option<String>,
    kind: String,
    issued_by: Option<String>,
    issued_on: Option<String>,
    in_force_from: Option<String>,
    in_force_until: Option<String>,
    supersedes: Option<String>,
    text_sha256: Option<String>,
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MeetingEntry {
    code: String,
    kind: String,
    title_zh: String,
    title_en: Option<String>,
    held_on: String,
    place: Option<String>,
    called_by: Option<String>,
    minutes: Option<String>,
    committee: Option<String>,
    business_zh: Option<String>,
    source: Option<String>,
    #[serde(default)]
    attendees: Vec<AttendeeEntry>,
    #[serde(default)]
    resolutions: Vec<ResolutionEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AttendeeEntry {
    part: String,
    person_id: Option<Uuid>,
    institution: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResolutionEntry {
    no: i16,
    text_zh: String,
    text_en: Option<String>,
    outcome: String,
    document_number: Option<String>,
    rule_set_id: Option<Uuid>,
    institution: Option<String>,
    committee: Option<String>,
    votes_for: Option<i32>,
    votes_against: Option<i32>,
    votes_abstained: Option<i32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaceEntry {
    institution: String,
    valid_from: String,
    area_code: String,
    #[serde(default)]
    sectors: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RemitEntry {
    regulator: String,
    area_code: Option<String>,
    sector: Option<String>,
    valid_from: String,
    valid_to: Option<String>,
}

/// What one file says.
#[derive(Debug, Default)]
pub(crate) struct GovernancePack {
    pub(crate) documents: Vec<NewDocument>,
    pub(crate) meetings: Vec<NewMeeting>,
    pub(crate) places: Vec<NewPlace>,
    pub(crate) remits: Vec<NewRemit>,
}

/// Reads the shape of every value; the ledger checks what it names.
pub(crate) fn read_governance(bytes: &[u8]) -> Result<GovernancePack, Problem> {
    let file: GovernanceFile = read_json(bytes)?;
    let mut pack = GovernancePack::default();
    for (position, read) in file.documents.into_iter().enumerate() {
        pack.documents
            .push(document(&format!("/documents/{position}"), read)?);
    }
    for (position, read) in file.meetings.into_iter().enumerate() {
        pack.meetings
            .push(meeting(&format!("/meetings/{position}"), read)?);
    }
    for (position, read) in file.places.into_iter().enumerate() {
        pack.places
            .push(place(&format!("/places/{position}"), read)?);
    }
    for (position, read) in file.remits.into_iter().enumerate() {
        pack.remits
            .push(remit(&format!("/remits/{position}"), read)?);
    }
    Ok(pack)
}

fn document(place: &str, read: DocumentEntry) -> Result<NewDocument, Problem> {
    let on = |field: &str| format!("{place}/{field}");
    let some = |field: &'static str, text: Option<String>, most| {
        let read = text.map(|text| bounded(field, &text, most));
        at(&on(field), read.transpose())
    };
    let day = |field: &str, text: Option<String>| {
        at(&on(field), text.as_deref().map(parse_day).transpose())
    };
    let text_sha256 = read.text_sha256.map(|text| sha256(&text)).transpose();
    let facts = DocumentFacts {
        title_en: some("title_en", read.title_en, 300)?,
        kind: at(&on("kind"), read.kind.parse().map_err(told))?,
        issued_by: some("issued_by", read.issued_by, 200)?,
        issued_on: day("issued_on", read.issued_on)?,
        in_force_from: day("in_force_from", read.in_force_from)?,
        in_force_until: day("in_force_until", read.in_force_until)?,
        supersedes: some("supersedes", read.supersedes, 80)?,
        text_sha256: at(&on("text_sha256"), text_sha256)?,
        source: some("source", read.source, 500)?,
    };
    if facts
        .in_force_from
        .zip(facts.in_force_until)
        .is_some_and(|(from, to)| to < from)
    {
        return at(&on("in_force_until"), Err("it ends before it begins"));
    }
    Ok(NewDocument {
        document: Document {
            number: at(&on("number"), bounded("number", &read.number, 80))?,
            title: at(&on("title"), bounded("title", &read.title, 200))?,
        },
        facts,
    })
}

fn told(wrong: creditbank_domain::words::UnknownWord) -> String {
    wrong.to_string()
}

fn sha256(text: &str) -> Result<[u8; 32], &'static str> {
    let mut bytes = [0_u8; 32];
    match hex::decode_to_slice(text, &mut bytes) {
        Ok(()) => Ok(bytes),
        Err(_) => Err("a SHA-256 is 64 hexadecimal digits"),
    }
}

fn code(text: Option<String>) -> Result<Option<InstitutionCode>, TextError> {
    text.map(|text| InstitutionCode::new(&text)).transpose()
}

fn meeting(place: &str, read: MeetingEntry) -> Result<NewMeeting, Problem> {
    let on = |field: &str| format!("{place}/{field}");
    let some = |field: &'static str, text: Option<String>, most| {
        let read = text.map(|text| bounded(field, &text, most));
        at(&on(field), read.transpose())
    };
    let title_zh = at(&on("title_zh"), bounded("title_zh", &read.title_zh, 200))?;
    let mut attendees = Vec::with_capacity(read.attendees.len());
    for (position, entry) in read.attendees.into_iter().enumerate() {
        let on = |field: &str| format!("{place}/attendees/{position}/{field}");
        attendees.push(NewAttendee {
            part: at(&on("part"), bounded("part", &entry.part, 80))?,
            person: entry.person_id.map(PersonId::from_uuid),
            institution: at(&on("institution"), code(entry.institution))?,
        });
    }
    let mut resolutions = Vec::with_capacity(read.resolutions.len());
    for (position, entry) in read.resolutions.into_iter().enumerate() {
        resolutions.push(resolution(
            &format!("{place}/resolutions/{position}"),
            entry,
        )?);
    }
    Ok(NewMeeting {
        code: at(&on("code"), bounded("code", &read.code, 80))?,
        kind: at(&on("kind"), read.kind.parse().map_err(told))?,
        title: (title_zh, some("title_en", read.title_en, 300)?),
        held_on: at(&on("held_on"), parse_day(&read.held_on))?,
        place: some("place", read.place, 200)?,
        called_by: some("called_by", read.called_by, 80)?,
        minutes: some("minutes", read.minutes, 80)?,
        committee: some("committee", read.committee, 80)?,
        business_zh: some("business_zh", read.business_zh, 2000)?,
        source: some("source", read.source, 500)?,
        attendees,
        resolutions,
    })
}

fn resolution(place: &str, read: ResolutionEntry) -> Result<NewResolution, Problem> {
    let on = |field: &str| format!("{place}/{field}");
    let some = |field: &'static str, text: Option<String>, most| {
        let read = text.map(|text| bounded(field, &text, most));
        at(&on(field), read.transpose())
    };
    if read.no < 1 {
        return at(&on("no"), Err("resolutions are numbered from 1"));
    }
    let votes = [read.votes_for, read.votes_against, read.votes_abstained];
    if votes.iter().flatten().any(|votes| *votes < 0) {
        return at(&on("votes_for"), Err("votes are not below zero"));
    }
    Ok(NewResolution {
        no: read.no,
        text_zh: at(&on("text_zh"), bounded("text_zh", &read.text_zh, 1000))?,
        text_en: some("text_en", read.text_en, 1000)?,
        outcome: at(&on("outcome"), read.outcome.parse().map_err(told))?,
        document_number: some("document_number", read.document_number, 80)?,
        rule_set: read.rule_set_id.map(RuleSetId::from_uuid),
        institution: at(&on("institution"), code(read.institution))?,
        committee: some("committee", read.committee, 80)?,
        votes,
    })
}

/// Six digits for an institution, also two or four for what a regulator supervises.
fn area(text: &str, lengths: &[usize]) -> Result<String, &'static str> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    match digits && !text.starts_with('0') && lengths.contains(&text.len()) {
        true => Ok(text.to_owned()),
        false => Err("an area is a code of GB/T 2260"),
    }
}

fn sector(text: &str) -> Result<String, TextError> {
    bounded("sector", text, 40)
}

fn place(place: &str, read: PlaceEntry) -> Result<NewPlace, Problem> {
    let on = |field: &str| format!("{place}/{field}");
    let sectors: Result<Vec<String>, _> = read.sectors.iter().map(|it| sector(it)).collect();
    let institution = InstitutionCode::new(&read.institution);
    Ok(NewPlace {
        institution: at(&on("institution"), institution)?,
        valid_from: at(&on("valid_from"), parse_day(&read.valid_from))?,
        area_code: at(&on("area_code"), area(&read.area_code, &[6]))?,
        sectors: at(&on("sectors"), sectors)?,
    })
}

fn remit(place: &str, read: RemitEntry) -> Result<NewRemit, Problem> {
    let on = |field: &str| format!("{place}/{field}");
    if read.area_code.is_none() && read.sector.is_none() {
        return at(&on("area_code"), Err("name an area, a sector or both"));
    }
    let area_code = read.area_code.as_deref().map(|text| area(text, &[2, 4, 6]));
    let valid_from = at(&on("valid_from"), parse_day(&read.valid_from))?;
    let valid_to = read.valid_to.as_deref().map(parse_day).transpose();
    let valid_to = at(&on("valid_to"), valid_to)?;
    if valid_to.is_some_and(|to| to < valid_from) {
        return at(&on("valid_to"), Err("it ends before it begins"));
    }
    Ok(NewRemit {
        regulator: at(&on("regulator"), InstitutionCode::new(&read.regulator))?,
        area_code: at(&on("area_code"), area_code.transpose())?,
        sector: at(
            &on("sector"),
            read.sector.as_deref().map(sector).transpose(),
        )?,
        valid_from,
        valid_to,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANHUI: &[u8] = include_bytes!("../../../../packs/governance/anhui-2021.json");

    #[test]
    fn the_pack_has_the_thirteen_documents_and_eight_meetings_of_2021() {
        let pack = read_governance(ANHUI).unwrap();
        let numbers: Vec<String> = (1..=13)
            .map(|no| format!("继教合作联盟〔2021〕{no}号"))
            .collect();
        let read: Vec<&String> = pack
            .documents
            .iter()
            .map(|it| &it.document.number)
            .collect();
        assert_eq!(read, numbers.iter().collect::<Vec<_>>());
        assert_eq!(pack.meetings.len(), 8);
        // What no source says stays empty.
        assert!(pack.documents.iter().all(|it| it.facts.issued_on.is_none()));
    }

    #[test]
    fn a_wrong_value_is_named_by_its_place() {
        let check = |text: &str, place: &str| {
            let refused = read_governance(text.as_bytes()).unwrap_err().to_string();
            assert!(refused.contains(place), "{refused}");
        };
        check(
            r#"{"documents": [{"number": "1", "title": "t", "kind": "letter"}]}"#,
            "/documents/0/kind",
        );
        check(
            r#"{"documents": [{"number": "1", "title": "t", "kind": "other", "text_sha256": "ab"}]}"#,
            "/documents/0/text_sha256",
        );
        check(
            r#"{"meetings": [{"code": "m", "kind": "working", "title_zh": "t",
                "held_on": "2021-13-01"}]}"#,
            "/meetings/0/held_on",
        );
        check(
            r#"{"remits": [{"regulator": "90001", "valid_from": "2026-01-01"}]}"#,
            "/remits/0/area_code",
        );
        check(
            r#"{"places": [{"institution": "90001", "valid_from": "2026-01-01",
                "area_code": "34"}]}"#,
            "/places/0/area_code",
        );
    }
}
