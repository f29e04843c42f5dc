//! `committees` and `committee_members` as people see them.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable, Text};

use crate::error::LedgerError;
use crate::reads::{CommitteeView, SeatView};
use crate::store::Tx;

#[derive(QueryableByName)]
struct SeatRow {
    #[diesel(sql_type = Text)]
    committee_code: String,
    #[diesel(sql_type = Text)]
    title: String,
    #[diesel(sql_type = Nullable<Text>)]
    member: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    institution: Option<String>,
    #[diesel(sql_type = Nullable<Date>)]
    member_since: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    member_until: Option<NaiveDate>,
}

/// All committees, or the one of a code, by code, each with its seats.
pub(crate) fn list(
    conn: &mut PgConnection,
    only: Option<&str>,
) -> Result<Vec<CommitteeView>, LedgerError> {
    let rows: Vec<SeatRow> = diesel::sql_query(
        "select c.committee_code, c.title, m.member, i.code as institution, m.member_since, \
             m.member_until \
         from committees c left join committee_members m using (committee_code) \
             left join institutions i using (institution_id) \
         where $1 is null or c.committee_code = $1 \
         order by c.committee_code, m.member_since, m.member",
    )
    .bind::<Nullable<Text>, _>(only)
    .load(conn)?;
    let mut views: Vec<CommitteeView> = Vec::new();
    for row in rows {
        if views
            .last()
            .is_none_or(|last| last.code != row.committee_code)
        {
            views.push(CommitteeView {
                code: row.committee_code,
                title: row.title,
                seats: Vec::new(),
            });
        }
        let seat = row.member.zip(row.member_since);
        if let (Some(view), Some((member, since))) = (views.last_mut(), seat) {
            view.seats.push(SeatView {
                member,
                institution: row.institution,
                since,
                until: row.member_until,
            });
        }
    }
    Ok(views)
}

pub(crate) fn find(
    conn: &mut PgConnection,
    code: &str,
) -> Result<Option<CommitteeView>, LedgerError> {
    Ok(list(conn, Some(code))?.into_iter().next())
}

/// False where the member has no seat without an end that began by then.
pub(crate) fn end_seat(
    tx: &mut Tx<'_>,
    committee: &str,
    member: &str,
    last_day: NaiveDate,
) -> Result<bool, LedgerError> {
    let ended = diesel::sql_query(
        "update committee_members set member_until = $3 \
         where committee_code = $1 and member = $2 and member_until is null \
             and member_since <= $3",
    )
    .bind::<Text, _>(committee)
    .bind::<Text, _>(member)
    .bind::<Date, _>(last_day)
    .execute(tx.conn())?;
    Ok(ended > 0)
}
