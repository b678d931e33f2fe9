//! sqlparser parses SQL, and a small engine in memory evaluates it: a hand-written parser with
//! large enums, sorting, grouping, joining, and string building.

mod database;
mod expression;
mod row;
mod value;

use common::Checksum;
use database::Database;
use row::Error;

const SCHEMA: &str = include_str!("../schema.sql");
const ROWS: &str = include_str!("../../inputs/orders.sql");
const QUERIES: &str = include_str!("../queries.sql");

/// Makes a database of `size` rows with one statement for each, queries it, and returns a
/// checksum of the answers.
#[unsafe(no_mangle)]
pub extern "C" fn run(size: u32) -> u64 {
    match answers(size as usize) {
        Ok(text) => Checksum::of(text.as_bytes()),
        Err(error) => panic!("{error:?}"),
    }
}

fn answers(rows: usize) -> Result<String, Error> {
    let mut database = Database::default();
    let mut text = String::new();
    for statements in [SCHEMA].into_iter().chain(ROWS.lines().cycle().take(rows)).chain([QUERIES]) {
        database.execute(statements, &mut text)?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(sql: &str) -> String {
        let mut database = Database::default();
        let mut text = String::new();
        database.execute("CREATE TABLE t (a INTEGER, b TEXT)", &mut text).expect("a table");
        for row in ["1, 'one'", "2, 'two'", "3, 'three'", "NULL, 'none'"] {
            database.execute(&format!("INSERT INTO t VALUES ({row})"), &mut text).expect("a row");
        }
        database.execute(sql, &mut text).expect("an answer");
        text
    }

    #[test]
    fn conditions_choose_rows_and_null_is_not_true() {
        assert_eq!(query("SELECT b FROM t WHERE a > 1 ORDER BY b DESC"), "two\nthree\n");
        assert_eq!(query("SELECT b FROM t WHERE NOT a > 1"), "one\n");
        assert_eq!(query("SELECT a, b FROM t WHERE a IS NULL"), "NULL|none\n");
        assert_eq!(query("SELECT b FROM t WHERE b LIKE 't%e_'"), "three\n");
    }

    #[test]
    fn groups_are_aggregated() {
        assert_eq!(query("SELECT COUNT(*), COUNT(a), SUM(a), AVG(a), MAX(b) FROM t"), "4|3|6|2|two\n");
        assert_eq!(
            query("SELECT LENGTH(b) AS l, COUNT(*) FROM t GROUP BY LENGTH(b) ORDER BY l"),
            "3|2\n4|1\n5|1\n"
        );
        assert_eq!(query("SELECT COUNT(*), SUM(a) FROM t WHERE a > 9"), "0|NULL\n");
    }

    #[test]
    fn tables_are_joined_on_equal_columns() {
        let joined = query("SELECT x.b, y.b FROM t AS x JOIN t AS y ON x.a = y.a ORDER BY x.a LIMIT 2");
        assert_eq!(joined, "one|one\ntwo|two\n");
    }

    #[test]
    fn the_shipped_queries_answer() {
        assert!(answers(400).expect("answers").lines().count() > 40);
    }
}
