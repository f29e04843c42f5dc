//! Statements of our own text that a connection prepares once and then only executes.
//!
//! Diesel never keeps what `sql_query` sends, so each call is parsed and planned anew: for a short
//! statement that is most of its time. [`cached`] reads like `sql_query` and is for statements
//! about a few rows that are asked all the time. Over thousands of rows a plan made for the
//! occasion is worth its price, since the planner then sees how many there are: [`cached_for`].

use std::borrow::Cow;

use diesel::expression::expression_types::Untyped;
use diesel::expression::{AsExpression, TypedExpressionType};
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::SqlType;
use diesel::{QueryResult, RunQueryDsl};

/// Up to so many rows one plan serves all.
const ROWS_FEW: usize = 128;

/// See the module.
pub(crate) struct Cached<B> {
    sql: Cow<'static, str>,
    binds: B,
    kept: bool,
}

/// A statement with `$1`, `$2` …, to which values are bound in this order.
pub(crate) fn cached(sql: impl Into<Cow<'static, str>>) -> Cached<()> {
    cached_for(0, sql)
}

/// As [`cached`] where it is about a few rows; planned anew where it is about many.
pub(crate) fn cached_for(rows: usize, sql: impl Into<Cow<'static, str>>) -> Cached<()> {
    Cached {
        sql: sql.into(),
        binds: (),
        kept: rows <= ROWS_FEW,
    }
}

/// A statement that is told what it sees by its own value `told`: `asking` names `told.said` where it
/// looks for its rows, which is true. So it cannot be asked before it is told (each row of the first
/// part is there before the second begins, which a later part of a join alone would not say: the
/// `offset` keeps it a part of its own), and outside of a transaction it is forgotten at its end.
pub(crate) fn telling(told: usize, asking: &str) -> String {
    format!(
        "select asked.* from (select set_config('creditbank.sees', ${told}, true) is not null as said) told \
         cross join lateral ({asking} offset 0) asked"
    )
}

/// What is bound already and one value more. Not a tuple: diesel walks those twice at each level
/// of nesting, so that thirty values would take a thousand million steps.
pub(crate) struct And<B, E> {
    earlier: B,
    value: E,
}

impl<B: QueryFragment<Pg>, E: QueryFragment<Pg>> QueryFragment<Pg> for And<B, E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.earlier.walk_ast(out.reborrow())?;
        self.value.walk_ast(out.reborrow())?;
        out.push_sql(" ");
        Ok(())
    }
}

impl<B> Cached<B> {
    /// Binds the next value.
    pub(crate) fn bind<ST, T>(self, value: T) -> Cached<And<B, T::Expression>>
    where
        ST: SqlType + TypedExpressionType,
        T: AsExpression<ST>,
    {
        Cached {
            sql: self.sql,
            binds: And {
                earlier: self.binds,
                value: value.as_expression(),
            },
            kept: self.kept,
        }
    }
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
        if !self.kept {
            out.unsafe_to_cache_prepared();
        }
        // Diesel writes a placeholder where it takes a value. In a comment that changes nothing,
        // and the text below can name each value where and as often as it likes.
        out.push_sql("/* ");
        self.binds.walk_ast(out.reborrow())?;
        out.push_sql("*/ ");
        out.push_sql(&self.sql);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use diesel::sql_types::{Integer, Text};

    use super::*;

    #[test]
    fn values_are_bound_in_their_order_and_named_in_the_text() {
        let query = cached("select $2, $1, $3, $1")
            .bind::<Integer, _>(1)
            .bind::<Text, _>("a")
            .bind::<Integer, _>(2);
        let shown = diesel::debug_query::<Pg, _>(&query).to_string();
        assert_eq!(
            shown,
            r#"/* $1 $2 $3 */ select $2, $1, $3, $1 -- binds: [1, "a", 2]"#
        );
    }
}
