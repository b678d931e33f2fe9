//! A value in a table.

use std::fmt;

/// A value; their order is that of SQL's `ORDER BY`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Text(String),
}

impl Value {
    /// Whether a condition with this value holds.
    pub fn is_true(&self) -> bool {
        *self == Value::Boolean(true)
    }

    /// The number, where it is one.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Value {
        number.map_or(Value::Null, Value::Integer)
    }
}

impl From<Option<bool>> for Value {
    fn from(truth: Option<bool>) -> Value {
        truth.map_or(Value::Null, Value::Boolean)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => formatter.write_str("NULL"),
            Value::Boolean(truth) => write!(formatter, "{truth}"),
            Value::Integer(number) => write!(formatter, "{number}"),
            Value::Text(text) => formatter.write_str(text),
        }
    }
}
