//! The files that show a run to people: the page, the Markdown, and its pictures.

use super::chart::{self, ScaleKind};
use super::markdown::{self, PictureFile};
use super::model::RunReport;
use super::overall::Overall;
use super::overview::{RunOverview, RunPlace};
use super::{page, pictures};
use anyhow::{Context, Result};
use bench::files::replace_file;
use std::path::Path;

/// `report.html`
pub const PAGE_FILE: &str = "report.html";
/// `report.md`
const MARKDOWN_FILE: &str = "report.md";
/// The folder of the pictures of `report.md`.
const PICTURES: &str = "report";

/// The size of a picture of its own.
const PICTURE: (u32, u32) = (720, 460);

/// Writes the page, the Markdown and its pictures into the run's folder, where older ones are replaced.
///
/// # Errors
/// When a file cannot be written.
pub fn write(report: &RunReport, place: &RunPlace) -> Result<()> {
    let report = &RunReport { summary: report.summary.with_aot_totals(), ..report.clone() };
    let overall = Overall::of(report);
    let overview = RunOverview::of_every_engine(report, place);
    let pictures = pictures_of(report, &overall);
    let folder = report.folder.join(PICTURES);
    std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    for (picture, svg) in &pictures {
        write_file(&report.folder.join(&picture.file), svg)?;
    }
    let pictures: Vec<PictureFile> = pictures.into_iter().map(|(picture, _)| picture).collect();
    write_file(&report.folder.join(MARKDOWN_FILE), &markdown::text(report, &overall, &overview, &pictures))?;
    write_file(&report.folder.join(PAGE_FILE), &page::html(report, &overall, &overview))
}

fn write_file(path: &Path, content: &str) -> Result<()> {
    replace_file(path, content.as_bytes()).with_context(|| format!("writing {}", path.display()))
}

/// The pictures and their content.
fn pictures_of(report: &RunReport, overall: &Overall) -> Vec<(PictureFile, String)> {
    let mut files = Vec::new();
    if let Some(scatter) = pictures::compile_and_call(report, overall, ScaleKind::Logarithmic) {
        let file = PictureFile {
            file: format!("{PICTURES}/compile-and-call.svg"),
            words: "Compile time against run time".to_owned(),
        };
        files.push((file, chart::file(&scatter.picture(PICTURE.0, PICTURE.1))));
    }
    for (quantity, bars) in pictures::totals(report, overall) {
        let name = quantity.name().to_lowercase().replace(' ', "-");
        let file = PictureFile {
            file: format!("{PICTURES}/{name}.svg"),
            words: format!("{}, {}", quantity.name(), quantity.formula()),
        };
        files.push((file, chart::file(&bars.picture(PICTURE.0))));
    }
    files
}
