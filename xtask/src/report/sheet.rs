//! How every table of the command line looks: one rule above, below the header and at the end,
//! numbers to the right, and never folded, so that lines can be searched and cut.

use bench::record::CellId;
use comfy_table::{CellAlignment, LineStyle, Row, Table, TableStyle};

const STYLE: TableStyle = TableStyle::new()
    .top_border(LineStyle::new('─', '─', '─', '─'))
    .header_separator(LineStyle::new('─', '─', '─', '─'))
    .bottom_border(LineStyle::new('─', '─', '─', '─'));

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

/// Adds a row for every case (sample, variant and size) and engine; `cells` gives what stands
/// beside the two names.
pub fn fill(
    table: &mut Table,
    cases: &[(&str, &str, &str)],
    engines: &[&str],
    mut cells: impl FnMut(&CellId) -> Vec<String>,
) {
    let several_variants = cases.iter().any(|case| case.1 != cases[0].1);
    for &(sample, variant, size) in cases {
        let mut label = if several_variants { format!("{sample} {variant}") } else { sample.to_owned() };
        for &engine in engines {
            let id = CellId {
                engine: engine.to_owned(),
                entry: bench::record::EngineEntry::Subject,
                sample: sample.to_owned(),
                variant: variant.to_owned(),
                size: size.to_owned(),
            };
            // The sample's name stands once, at the first of its rows.
            let names = [std::mem::take(&mut label), engine.to_owned()];
            table.add_row(names.into_iter().chain(cells(&id)));
        }
    }
    numbers_from(table, 2);
}

/// What stands below a table: why cells are empty, each reason once.
#[derive(Debug, Default)]
pub struct Notes(Vec<String>);

impl Notes {
    /// `mark` with the number of `note`.
    pub fn cite(&mut self, mark: &str, note: &str) -> String {
        let number = self.0.iter().position(|known| known == note).unwrap_or_else(|| {
            self.0.push(note.to_owned());
            self.0.len() - 1
        });
        format!("{mark} [{}]", number + 1)
    }

    /// The notes, one a line.
    pub fn lines(&self) -> String {
        self.0.iter().enumerate().map(|(number, note)| format!("  [{}] {note}\n", number + 1)).collect()
    }
}
