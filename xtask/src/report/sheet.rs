//! How every table of the command line looks: one rule above, below the header and at the end, numbers
//! to the right, and no cell folded, so that lines can be searched and cut. A table that is wider than
//! the window continues below with further columns.

use super::text;
use comfy_table::{CellAlignment, LineStyle, Row, Table, TableStyle};

const STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::new('─', '─', '─', '─'))
    .header_separator(LineStyle::new('─', '─', '─', '─'))
    .bottom_border(LineStyle::new('─', '─', '─', '─'));

/// What a column takes beside its content, and a table beside its columns.
const BESIDE: usize = 3;
const EDGE: usize = 1;

/// What stands in a cell without a value that has none by design.
const NO_VALUE: &str = "n/a";

/// The most characters of a reason that is shown for a whole column.
const REASON_WIDTH: usize = 60;

/// An empty table with this header.
pub fn table<T: Into<Row>>(header: T) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(header);
    table
}

/// Aligns the columns from number `first` (from 0) to the right.
pub fn numbers_from(table: &mut Table, first: usize) {
    for column in table.column_iter_mut().skip(first) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// One cell of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum SheetCell {
    /// What it shows.
    Value(String),
    /// Nothing, and nothing is missing.
    Blank,
    /// No value, for a reason that stands below the table.
    Without {
        /// What stands in the cell.
        mark: &'static str,
        /// The reason.
        reason: String,
    },
}

impl SheetCell {
    /// No value for this reason.
    pub fn without(reason: impl Into<String>) -> SheetCell {
        SheetCell::Without { mark: NO_VALUE, reason: reason.into() }
    }

    /// `value`, or none for this reason.
    pub fn or_without(value: Option<String>, reason: &str) -> SheetCell {
        value.map_or_else(|| SheetCell::without(reason), SheetCell::Value)
    }
}

/// A table with its heading and, below it, why cells are empty. Columns without any value are left out.
#[derive(Clone, Debug)]
pub struct Sheet {
    heading: String,
    keys: Vec<String>,
    columns: Vec<String>,
    rows: Vec<(Vec<String>, Vec<SheetCell>)>,
    /// What stands below, before the reasons.
    below: Vec<String>,
}

impl Sheet {
    /// A table without rows: `keys` are the columns that name a row, `columns` the others.
    pub fn new<S: Into<String>>(
        heading: impl Into<String>,
        keys: &[&str],
        columns: impl IntoIterator<Item = S>,
    ) -> Sheet {
        Sheet {
            heading: heading.into(),
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
            columns: columns.into_iter().map(Into::into).collect(),
            rows: Vec::new(),
            below: Vec::new(),
        }
    }

    /// Adds a row: one text for each key, one cell for each column.
    pub fn row(&mut self, keys: Vec<String>, cells: Vec<SheetCell>) {
        self.rows.push((keys, cells));
    }

    /// The heading.
    pub fn heading(&self) -> &str {
        &self.heading
    }

    /// The header: the keys, then the columns.
    pub fn header(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().chain(&self.columns).map(String::as_str)
    }

    /// The rows: their keys and their cells.
    pub fn rows(&self) -> &[(Vec<String>, Vec<SheetCell>)] {
        &self.rows
    }

    /// Adds a line that stands below the table.
    pub fn below(&mut self, line: String) {
        self.below.push(line);
    }

    /// The table in lines of at most `width` characters, as far as its cells let it.
    pub fn render(&self, width: usize) -> String {
        let (kept, dropped): (Vec<usize>, Vec<usize>) =
            (0..self.columns.len()).partition(|column| self.has_value(*column));
        let mut lines = vec![String::new()];
        lines.extend(text::wrapped(&self.heading, width, 2));
        let mut reasons = Vec::new();
        let texts: Vec<Vec<String>> = self
            .rows
            .iter()
            .map(|(_, cells)| kept.iter().map(|column| shown(&cells[*column], &mut reasons)).collect())
            .collect();
        for part in self.parts(&kept, &texts, width) {
            lines.extend(self.part(&kept, &texts, &part).lines().map(str::to_owned));
        }
        let mut below: Vec<String> = self.below.clone();
        below.extend(reasons.iter().enumerate().map(|(number, reason)| format!("[{}] {reason}", number + 1)));
        below.extend(self.left_out(&dropped));
        for line in below {
            let wrapped = text::wrapped(&line, width.saturating_sub(2), 2);
            lines.extend(wrapped.into_iter().map(|line| format!("  {line}")));
        }
        lines.join("\n") + "\n"
    }

    fn has_value(&self, column: usize) -> bool {
        self.rows.iter().any(|(_, cells)| matches!(cells[column], SheetCell::Value(_)))
    }

    /// The columns that stand side by side: places in `kept`.
    fn parts(&self, kept: &[usize], texts: &[Vec<String>], width: usize) -> Vec<Vec<usize>> {
        let length = |text: &str| text.chars().count();
        let widest = |header: &str, cells: &mut dyn Iterator<Item = usize>| {
            BESIDE + cells.chain([length(header)]).max().unwrap_or(0)
        };
        let key_width = |(place, key): (usize, &String)| {
            widest(key, &mut self.rows.iter().map(|(keys, _)| length(&keys[place])))
        };
        let keys = EDGE + self.keys.iter().enumerate().map(key_width).sum::<usize>();
        let (mut parts, mut used): (Vec<Vec<usize>>, usize) = (Vec::new(), 0);
        for (place, column) in kept.iter().enumerate() {
            let own = widest(&self.columns[*column], &mut texts.iter().map(|row| length(&row[place])));
            match parts.last_mut() {
                Some(part) if used + own <= width => part.push(place),
                _ => {
                    parts.push(vec![place]);
                    used = keys;
                }
            }
            used += own;
        }
        parts
    }

    fn part(&self, kept: &[usize], texts: &[Vec<String>], part: &[usize]) -> String {
        let columns = part.iter().map(|place| &self.columns[kept[*place]]);
        let mut table = table(self.keys.iter().chain(columns).collect::<Vec<_>>());
        for ((keys, _), texts) in self.rows.iter().zip(texts) {
            table.add_row(keys.iter().chain(part.iter().map(|place| &texts[*place])).collect::<Vec<_>>());
        }
        numbers_from(&mut table, self.keys.len());
        table.to_string()
    }

    /// Names the columns without a value, those with the same reason together; `None` without any.
    fn left_out(&self, dropped: &[usize]) -> Option<String> {
        let mut by_reason: Vec<(Option<&str>, Vec<&str>)> = Vec::new();
        for column in dropped {
            let (name, reason) = (self.columns[*column].as_str(), self.usual_reason(*column));
            match by_reason.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, names)) => names.push(name),
                None => by_reason.push((reason, vec![name])),
            }
        }
        let texts = by_reason.iter().map(|(reason, names)| {
            let reason = reason.map(|reason| format!(" ({})", text::cut(reason, REASON_WIDTH)));
            format!("{}{}", names.join(", "), reason.unwrap_or_default())
        });
        let texts: Vec<String> = texts.collect();
        (!texts.is_empty()).then(|| format!("left out, without a value in any row: {}", texts.join("; ")))
    }

    /// The reason that most of a column's cells have, apart from those that failed.
    fn usual_reason(&self, column: usize) -> Option<&str> {
        let mut counts: Vec<(&str, usize)> = Vec::new();
        for (_, cells) in &self.rows {
            let SheetCell::Without { mark: NO_VALUE, reason } = &cells[column] else { continue };
            match counts.iter_mut().find(|(known, _)| known == reason) {
                Some((_, count)) => *count += 1,
                None => counts.push((reason, 1)),
            }
        }
        counts.into_iter().max_by_key(|(_, count)| *count).map(|(reason, _)| reason)
    }
}

/// What a cell shows; a reason gets its number in `reasons`.
fn shown(cell: &SheetCell, reasons: &mut Vec<String>) -> String {
    match cell {
        SheetCell::Value(text) => text.clone(),
        SheetCell::Blank => String::new(),
        SheetCell::Without { mark, reason } => {
            let number = reasons.iter().position(|known| known == reason).unwrap_or_else(|| {
                reasons.push(reason.clone());
                reasons.len() - 1
            });
            format!("{mark} [{}]", number + 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> SheetCell {
        SheetCell::Value(text.to_owned())
    }

    #[test]
    fn a_wide_table_continues_below_and_every_part_names_its_rows() {
        let mut sheet = Sheet::new("A heading", &["sample", "engine"], ["one", "two", "three"]);
        let wide = || value("[1.000 1.000 1.000] ms");
        sheet.row(vec!["nop".into(), "a".into()], vec![wide(), wide(), wide()]);
        sheet.row(vec![String::new(), "b".into()], vec![wide(), wide(), SheetCell::without("it failed")]);
        let text = sheet.render(70);
        assert!(text.lines().all(|line| line.chars().count() <= 70), "{text}");
        assert_eq!(text.matches("engine").count(), 2, "{text}");
        assert!(text.contains("n/a [1]") && text.ends_with("  [1] it failed\n"), "{text}");
        assert_eq!(sheet.render(200).matches("engine").count(), 1);
    }

    #[test]
    fn a_column_without_a_value_is_left_out_and_its_reason_is_not_numbered() {
        let mut sheet = Sheet::new("A heading", &["engine"], ["one", "next run", "blank"]);
        sheet.row(
            vec!["a".into()],
            vec![value("1"), SheetCell::without("from 10 rounds on"), SheetCell::Blank],
        );
        let text = sheet.render(80);
        let below = "  left out, without a value in any row: next run (from 10 rounds on); blank\n";
        assert!(text.ends_with(below) && !text.contains('['), "{text}");
    }
}
