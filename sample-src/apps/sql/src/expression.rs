//! The value of an expression: of one row, or of a group of rows, which aggregates look at.

use crate::row::{Error, Row};
use crate::value::Value;
use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, UnaryOperator, Value as Literal,
};

/// The columns of rows: the name of their table, and their own.
pub type Columns = [(String, String)];

/// The value of `expression` for a group of rows; outside aggregates the first row counts.
pub fn evaluate(expression: &Expr, columns: &Columns, group: &[&Row]) -> Result<Value, Error> {
    let value = |expression: &Expr| evaluate(expression, columns, group);
    Ok(match expression {
        Expr::Nested(inner) => value(inner)?,
        Expr::Value(literal) => constant(literal)?,
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => {
            let index = column(expression, columns)?;
            group.first().map_or(Value::Null, |row| row[index].clone())
        }
        Expr::IsNull(inner) => Value::Boolean(value(inner)? == Value::Null),
        Expr::IsNotNull(inner) => Value::Boolean(value(inner)? != Value::Null),
        Expr::UnaryOp { op, expr } => unary(op, &value(expr)?)?,
        Expr::BinaryOp { left, op, right } => binary(op, &value(left)?, &value(right)?)?,
        Expr::Between { expr, negated, low, high } => {
            let inner = value(expr)?;
            negate(value(low)? <= inner && inner <= value(high)?, &inner, *negated)
        }
        Expr::InList { expr, list, negated } => {
            let inner = value(expr)?;
            let mut found = false;
            for item in list {
                found |= value(item)? == inner;
            }
            negate(found, &inner, *negated)
        }
        Expr::Like { expr, pattern, negated, .. } => {
            let inner = value(expr)?;
            let found = like(&inner.to_string(), &value(pattern)?.to_string());
            negate(found, &inner, *negated)
        }
        Expr::Case { conditions, results, else_result, .. } => {
            let chosen = case(conditions, results, |condition| Ok(value(condition)?.is_true()))?;
            chosen.or(else_result.as_deref()).map_or(Ok(Value::Null), value)?
        }
        Expr::Function(function) => call(function, columns, group)?,
        other => return Err(Error::Unsupported(other.to_string())),
    })
}

/// The place of the column that `name` names.
pub fn column(name: &Expr, columns: &Columns) -> Result<usize, Error> {
    let found = match name {
        Expr::Identifier(own) => columns.iter().position(|column| column.1 == own.value),
        Expr::CompoundIdentifier(parts) => {
            columns.iter().position(|(table, own)| parts.iter().map(|part| &part.value).eq([table, own]))
        }
        _ => None,
    };
    found.ok_or_else(|| Error::Unknown(name.to_string()))
}

fn constant(literal: &Literal) -> Result<Value, Error> {
    match literal {
        Literal::Null => Ok(Value::Null),
        Literal::Boolean(truth) => Ok(Value::Boolean(*truth)),
        Literal::Number(digits, _) => Ok(digits.parse::<i64>().ok().into()),
        Literal::SingleQuotedString(text) => Ok(Value::Text(text.clone())),
        other => Err(Error::Unsupported(other.to_string())),
    }
}

fn negate(found: bool, of: &Value, negated: bool) -> Value {
    (*of != Value::Null).then_some(found != negated).into()
}

fn case<'a>(
    conditions: &[Expr],
    results: &'a [Expr],
    holds: impl Fn(&Expr) -> Result<bool, Error>,
) -> Result<Option<&'a Expr>, Error> {
    for (condition, result) in conditions.iter().zip(results) {
        if holds(condition)? {
            return Ok(Some(result));
        }
    }
    Ok(None)
}

fn unary(operator: &UnaryOperator, value: &Value) -> Result<Value, Error> {
    match (operator, value) {
        (_, Value::Null) => Ok(Value::Null),
        (UnaryOperator::Minus, _) => Ok(value.integer().and_then(i64::checked_neg).into()),
        (UnaryOperator::Not, _) => Ok(Value::Boolean(!value.is_true())),
        _ => Err(Error::Unsupported(operator.to_string())),
    }
}

fn binary(operator: &BinaryOperator, left: &Value, right: &Value) -> Result<Value, Error> {
    use BinaryOperator as Op;
    let known = *left != Value::Null && *right != Value::Null;
    let compared = |truth: bool| Value::from(known.then_some(truth));
    let computed = |operation: fn(i64, i64) -> Option<i64>| {
        Value::from(left.integer().zip(right.integer()).and_then(|(left, right)| operation(left, right)))
    };
    Ok(match operator {
        Op::And => Value::Boolean(left.is_true() && right.is_true()),
        Op::Or => Value::Boolean(left.is_true() || right.is_true()),
        Op::Eq => compared(left == right),
        Op::NotEq => compared(left != right),
        Op::Lt => compared(left < right),
        Op::LtEq => compared(left <= right),
        Op::Gt => compared(left > right),
        Op::GtEq => compared(left >= right),
        Op::Plus => computed(i64::checked_add),
        Op::Minus => computed(i64::checked_sub),
        Op::Multiply => computed(i64::checked_mul),
        Op::Divide => computed(i64::checked_div),
        Op::Modulo => computed(i64::checked_rem),
        Op::StringConcat if known => Value::Text(format!("{left}{right}")),
        Op::StringConcat => Value::Null,
        other => return Err(Error::Unsupported(other.to_string())),
    })
}

/// SQL's patterns: `%` is any text, `_` any character.
fn like(text: &str, pattern: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('%') => {
            let ends = text.char_indices().map(|(index, _)| index).chain([text.len()]);
            ends.map(|index| &text[index..]).any(|text| like(text, rest.as_str()))
        }
        Some(wanted) => {
            let mut letters = text.chars();
            let found = letters.next().is_some_and(|letter| wanted == '_' || letter == wanted);
            found && like(letters.as_str(), rest.as_str())
        }
    }
}

fn call(function: &Function, columns: &Columns, group: &[&Row]) -> Result<Value, Error> {
    let unsupported = || Error::Unsupported(function.to_string());
    let argument = match function.args.as_slice() {
        [FunctionArg::Unnamed(FunctionArgExpr::Expr(argument))] => argument,
        [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)] => return Ok(Value::Integer(group.len() as i64)),
        _ => return Err(unsupported()),
    };
    let name = function.name.to_string();
    if name == "UPPER" || name == "LENGTH" {
        let text = evaluate(argument, columns, group)?.to_string();
        let length = text.chars().count() as i64;
        return Ok(if name == "UPPER" { Value::Text(text.to_uppercase()) } else { Value::Integer(length) });
    }
    let mut values = Vec::with_capacity(group.len());
    for row in group {
        values.push(evaluate(argument, columns, &[row])?);
    }
    aggregate(&name, values).ok_or_else(unsupported)
}

/// The aggregate of that name over `values`; NULL does not count.
fn aggregate(name: &str, mut values: Vec<Value>) -> Option<Value> {
    values.retain(|value| *value != Value::Null);
    let count = values.len() as i64;
    let sum: i64 = values.iter().filter_map(Value::integer).sum();
    Some(match name {
        "COUNT" => Value::Integer(count),
        "SUM" => (count > 0).then_some(sum).into(),
        "AVG" => sum.checked_div(count).into(),
        "MIN" => values.into_iter().min().unwrap_or(Value::Null),
        "MAX" => values.into_iter().max().unwrap_or(Value::Null),
        _ => return None,
    })
}
