//! What tables and expressions share: the values of a row, and why a statement cannot be executed.

use crate::value::Value;
use sqlparser::parser::ParserError;

/// The values of one row.
pub type Row = Vec<Value>;

/// Why a statement cannot be executed.
#[derive(Debug)]
#[expect(dead_code, reason = "it is read through Debug")]
pub enum Error {
    /// It is not SQL.
    Syntax(ParserError),
    /// It is SQL that this engine does not know.
    Unsupported(String),
    /// It names a table or a column that is not there.
    Unknown(String),
}
