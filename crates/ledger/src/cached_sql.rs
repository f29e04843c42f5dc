//! Statements of our own text that a connection prepares once and then only executes.
//!
//! Diesel never keeps what `sql_query` sends, so each call is parsed and planned anew: for a short
//! statement that is most of its time. This is for statements about a few rows that are asked all
//! the time. Set-based statements over thousands of rows stay with `sql_query`: planned each time,
//! the planner sees how many rows there are.

use diesel::expression::expression_types::Untyped;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::{QueryResult, RunQueryDsl};

/// See [`cached`].
pub(crate) struct Cached<B> {
    sql: &'static str,
    binds: B,
}

/// A statement with `$1`, `$2` … and what is bound to them, in this order: values made with
/// `into_sql`, in tuples.
pub(crate) const fn cached<B>(sql: &'static str, binds: B) -> Cached<B> {
    Cached { sql, binds }
}

impl<B> Query for Cached<B> {
    type SqlType = Untyped;
}

impl<B> QueryId for Cached<B> {
    type QueryId = ();
    // Told apart by their text.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<B> RunQueryDsl<PgConnection> for Cached<B> {}

impl<B: QueryFragment<Pg>> QueryFragment<Pg> for Cached<B> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // Diesel writes a placeholder where it takes a value. In a comment that changes nothing,
        // and the text below can name each value where and as often as it likes.
        out.push_sql("/* ");
        self.binds.walk_ast(out.reborrow())?;
        out.push_sql(" */ ");
        out.push_sql(self.sql);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use diesel::IntoSql as _;
    use diesel::sql_types::{Integer, Text};

    use super::*;

    #[test]
    fn values_are_bound_in_their_order_and_named_in_the_text() {
        let binds = (
            (1.into_sql::<Integer>(), "a".into_sql::<Text>()),
            (2.into_sql::<Integer>(),),
        );
        let query = cached("select $2, $1, $3, $1", binds);
        let shown = diesel::debug_query::<Pg, _>(&query).to_string();
        assert_eq!(
            shown,
            r#"/* $1, $2, $3 */ select $2, $1, $3, $1 -- binds: [1, "a", 2]"#
        );
    }
}
