//! A committee (专门委员会) and its members as one JSON document.

use chrono::NaiveDate;
use creditbank_domain::calendar::in_range;
use creditbank_domain::text::{InstitutionCode, bounded};
use creditbank_ledger::flows::{NewCommittee, NewMember};
use serde::Deserialize;

use crate::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CommitteeFile {
    code: String,
    title: String,
    members: Vec<MemberFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberFile {
    member: String,
    institution: Option<String>,
    since: NaiveDate,
}

/// Reads and checks the shape of every value.
pub(crate) fn read_committee(bytes: &[u8]) -> Result<NewCommittee, Problem> {
    let file: CommitteeFile = serde_json::from_slice(bytes).map_err(|error| {
        Problem::new(
            "COMMITTEE_FILE",
            format!("委员会文件格式有误({error})"),
            format!("the committee file is malformed ({error})"),
        )
    })?;
    let members = file.members.iter().enumerate();
    Ok(NewCommittee {
        code: at("/code", bounded("code", &file.code, 80))?,
        title: at("/title", bounded("title", &file.title, 200))?,
        members: members
            .map(|(position, member)| read_member(position, member))
            .collect::<Result<_, _>>()?,
    })
}

fn read_member(position: usize, member: &MemberFile) -> Result<NewMember, Problem> {
    let place = |field: &str| format!("/members/{position}/{field}");
    let institution = member.institution.as_deref().map(InstitutionCode::new);
    at(&place("since"), in_range(member.since))?;
    Ok(NewMember {
        member: at(&place("member"), bounded("member", &member.member, 80))?,
        institution: at(&place("institution"), institution.transpose())?,
        since: member.since,
    })
}

fn at<T, E: std::fmt::Display>(pointer: &str, read: Result<T, E>) -> Result<T, Problem> {
    read.map_err(|wrong| {
        Problem::new(
            "COMMITTEE_FILE",
            format!("委员会文件 {pointer} 有误"),
            format!("the committee file at {pointer}: {wrong}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_committee_is_read_with_its_members() {
        let file = br#"{"code": "C-1", "title": "credit-bank committee", "members": [
            {"member": "chair", "institution": "10357", "since": "2021-06-18"},
            {"member": "expert", "institution": null, "since": "2021-06-18"}]}"#;
        let committee = read_committee(file).unwrap();
        assert_eq!(
            (committee.code.as_str(), committee.members.len()),
            ("C-1", 2)
        );
        assert!(committee.members[1].institution.is_none());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let file = br#"{"code": "C-1", "title": "t", "members": [
            {"member": "", "institution": null, "since": "2021-06-18"}]}"#;
        let problem = read_committee(file).unwrap_err();
        assert!(
            problem.to_string().contains("/members/0/member"),
            "{problem}"
        );
        assert_eq!(read_committee(b"{}").unwrap_err().code(), "COMMITTEE_FILE");
    }
}
