//! Tables in memory, and what the statements of the sample do with them.

use crate::expression::{column, evaluate};
use crate::row::{Error, Row};
use crate::value::Value;
use sqlparser::ast::{
    BinaryOperator, Expr, Join, JoinConstraint, JoinOperator, ObjectName, Query, Select, SelectItem, SetExpr,
    Statement, TableFactor,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Rows and the names of their columns: the table's, and the column's own.
#[derive(Clone, Debug, Default)]
struct Table {
    columns: Vec<(String, String)>,
    rows: Vec<Row>,
}

/// All tables.
#[derive(Debug, Default)]
pub struct Database {
    tables: BTreeMap<String, Table>,
}

impl Database {
    /// Executes `statements` and writes the rows of every answer to `text`.
    pub fn execute(&mut self, statements: &str, text: &mut String) -> Result<(), Error> {
        let statements = Parser::parse_sql(&GenericDialect {}, statements).map_err(Error::Syntax)?;
        for statement in &statements {
            match statement {
                Statement::CreateTable { name, columns, .. } => {
                    let name = name.to_string();
                    let columns = columns.iter().map(|column| (name.clone(), column.name.value.clone()));
                    let table = Table { columns: columns.collect(), rows: Vec::new() };
                    self.tables.insert(name, table);
                }
                Statement::Insert { table_name, source, .. } => self.insert(table_name, source)?,
                Statement::Query(query) => {
                    for row in self.query(query)? {
                        print(&row, text);
                    }
                }
                other => return Err(Error::Unsupported(other.to_string())),
            }
        }
        Ok(())
    }

    fn insert(&mut self, table: &ObjectName, source: &Query) -> Result<(), Error> {
        let SetExpr::Values(values) = &*source.body else {
            return Err(Error::Unsupported(source.to_string()));
        };
        let name = table.to_string();
        let table = self.tables.get_mut(&name).ok_or(Error::Unknown(name))?;
        for row in &values.0 {
            let row = row.iter().map(|value| evaluate(value, &[], &[])).collect::<Result<Row, Error>>()?;
            table.rows.push(row);
        }
        Ok(())
    }

    fn query(&self, query: &Query) -> Result<Vec<Row>, Error> {
        let SetExpr::Select(select) = &*query.body else {
            return Err(Error::Unsupported(query.to_string()));
        };
        let source = self.source(select)?;
        let mut rows = answers(select, &source, &order(query, select))?;
        rows.sort_by(|a, b| compare(&a.1, &b.1));
        if let Some(limit) = &query.limit {
            let limit = evaluate(limit, &[], &[])?.integer().and_then(|limit| usize::try_from(limit).ok());
            rows.truncate(limit.unwrap_or(0));
        }
        Ok(rows.into_iter().map(|(row, _)| row).collect())
    }

    /// The rows of FROM, joined and filtered.
    fn source(&self, select: &Select) -> Result<Table, Error> {
        let [from] = select.from.as_slice() else { return Err(Error::Unsupported(select.to_string())) };
        let mut table = self.table(&from.relation)?;
        for join in &from.joins {
            table = self.join(&table, join)?;
        }
        if let Some(condition) = &select.selection {
            let mut rows = Vec::new();
            for row in table.rows {
                if evaluate(condition, &table.columns, &[&row])?.is_true() {
                    rows.push(row);
                }
            }
            table.rows = rows;
        }
        Ok(table)
    }

    fn table(&self, factor: &TableFactor) -> Result<Table, Error> {
        let TableFactor::Table { name, alias, .. } = factor else {
            return Err(Error::Unsupported(factor.to_string()));
        };
        let name = name.to_string();
        let mut table = self.tables.get(&name).cloned().ok_or(Error::Unknown(name))?;
        if let Some(alias) = alias {
            table.columns.iter_mut().for_each(|column| column.0.clone_from(&alias.name.value));
        }
        Ok(table)
    }

    /// Joins `left` with another table on the equality of two columns.
    fn join(&self, left: &Table, join: &Join) -> Result<Table, Error> {
        let right = self.table(&join.relation)?;
        let JoinOperator::Inner(JoinConstraint::On(on)) = &join.join_operator else {
            return Err(Error::Unsupported(join.to_string()));
        };
        let Expr::BinaryOp { left: a, op: BinaryOperator::Eq, right: b } = on else {
            return Err(Error::Unsupported(on.to_string()));
        };
        let (a, b) = (column(a, &left.columns)?, column(b, &right.columns)?);
        let mut index: BTreeMap<&Value, Vec<&Row>> = BTreeMap::new();
        for row in right.rows.iter().filter(|row| row[b] != Value::Null) {
            index.entry(&row[b]).or_default().push(row);
        }
        let pairs = left.rows.iter().flat_map(|row| {
            let others = index.get(&row[a]).into_iter().flatten();
            others.map(move |other| [row.as_slice(), other].concat())
        });
        let rows = pairs.collect();
        Ok(Table { columns: [left.columns.as_slice(), &right.columns].concat(), rows })
    }
}

/// What ORDER BY asks for, with aliases replaced by what they stand for, and whether descending.
fn order(query: &Query, select: &Select) -> Vec<(Expr, bool)> {
    let meant = |key: &Expr| {
        let named = select.projection.iter().find_map(|item| match item {
            SelectItem::ExprWithAlias { expr, alias } if *key == Expr::Identifier(alias.clone()) => {
                Some(expr)
            }
            _ => None,
        });
        named.unwrap_or(key).clone()
    };
    query.order_by.iter().map(|key| (meant(&key.expr), key.asc == Some(false))).collect()
}

/// The keys that a row is sorted by, and whether descending.
type Keys = Vec<(Value, bool)>;

/// The projected rows of each group, with their sort keys.
fn answers(select: &Select, source: &Table, order: &[(Expr, bool)]) -> Result<Vec<(Row, Keys)>, Error> {
    let mut answers = Vec::new();
    for group in groups(select, source)? {
        let mut row = Vec::with_capacity(select.projection.len());
        for item in &select.projection {
            let (SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }) = item else {
                return Err(Error::Unsupported(item.to_string()));
            };
            row.push(evaluate(expr, &source.columns, &group)?);
        }
        let keys = order.iter().map(|(key, down)| Ok((evaluate(key, &source.columns, &group)?, *down)));
        answers.push((row, keys.collect::<Result<Keys, Error>>()?));
    }
    Ok(answers)
}

/// The groups of GROUP BY; without it, all rows where there is an aggregate, else each row.
fn groups<'a>(select: &Select, source: &'a Table) -> Result<Vec<Vec<&'a Row>>, Error> {
    if select.group_by.is_empty() {
        let whole = select.projection.iter().any(is_aggregate);
        let rows = source.rows.iter();
        return Ok(if whole { vec![rows.collect()] } else { rows.map(|row| vec![row]).collect() });
    }
    let mut groups: BTreeMap<Row, Vec<&Row>> = BTreeMap::new();
    for row in &source.rows {
        let key = select.group_by.iter().map(|key| evaluate(key, &source.columns, &[row]));
        groups.entry(key.collect::<Result<Row, Error>>()?).or_default().push(row);
    }
    Ok(groups.into_values().collect())
}

fn is_aggregate(item: &SelectItem) -> bool {
    let SelectItem::UnnamedExpr(Expr::Function(function)) = item else { return false };
    ["AVG", "COUNT", "MAX", "MIN", "SUM"].contains(&function.name.to_string().as_str())
}

fn compare(a: &[(Value, bool)], b: &[(Value, bool)]) -> Ordering {
    let keys = a.iter().zip(b).map(|((a, down), (b, _))| if *down { b.cmp(a) } else { a.cmp(b) });
    keys.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn print(row: &[Value], text: &mut String) {
    for (index, value) in row.iter().enumerate() {
        let separator = if index == 0 { "" } else { "|" };
        write!(text, "{separator}{value}").unwrap_or(());
    }
    text.push('\n');
}
