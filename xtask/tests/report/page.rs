//! The page and the Markdown of a run: what they hold, that they stay small, and that nothing in a run's
//! files becomes markup or a formula. How the page behaves is tested in a browser.

use crate::made_up::MadeUp;
use crate::{Place, edit};
use std::fs;

/// What the page may have at most with 40 engines and 44 samples.
const MOST_BYTES: usize = 3_000_000;

fn written(place: &Place, file: &str) -> String {
    fs::read_to_string(place.run("run").join(file)).unwrap()
}

/// The data in the page.
fn data(page: &str) -> serde_json::Value {
    let start = page.find("id=\"data\">").unwrap() + "id=\"data\">".len();
    let end = start + page[start..].find("</script>").unwrap();
    serde_json::from_str(&page[start..end]).unwrap()
}

#[test]
fn a_report_writes_a_page_and_markdown_with_pictures_and_names_the_page_last() {
    let place = Place::with(&MadeUp { engines: 8, rounds: 12, ..MadeUp::default() });
    let text = place.printed(&[]);
    assert!(text.ends_with("report: generated/results/run/report.html\n"), "{text}");
    let markdown = written(&place, "report.md");
    insta::assert_snapshot!(markdown);
    let pictures = markdown.match_indices("](report/").map(|(at, _)| {
        let name = &markdown[at + 2..];
        name[..name.find(')').unwrap()].to_owned()
    });
    let pictures: Vec<String> = pictures.collect();
    assert_eq!(pictures.len(), 5, "{pictures:?}");
    for picture in pictures {
        let svg = written(&place, &picture);
        assert!(
            svg.starts_with("<svg xmlns") && svg.contains("<title>") && svg.ends_with("</svg>\n"),
            "{svg}"
        );
    }
}

#[test]
fn the_page_fetches_nothing_and_runs_its_own_script_alone() {
    let place = Place::with(&MadeUp::default());
    place.printed(&[]);
    let page = written(&place, "report.html");
    let policy = "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-";
    assert!(page.contains(policy), "{}", &page[..500]);
    for forbidden in
        ["http://", "https://", "unsafe-inline", "unsafe-eval", " style=\"", " onclick=", "@import", "url("]
    {
        // The name of SVG's elements is no address that is fetched.
        let page = page.replace("http://www.w3.org/2000/svg", "");
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn the_page_has_the_same_values_as_the_files() {
    let place = Place::with(&MadeUp { rounds: 12, every_phase: true, ..MadeUp::default() });
    place.printed(&[]);
    let data = data(&written(&place, "report.html"));
    assert_eq!(
        (data["engines"].as_array().unwrap().len(), data["cases"].as_array().unwrap().len()),
        (11, 11)
    );
    // wasmer-cranelift, the seventh engine, on nbody, the third case.
    let cell = 2 * 11 + 6;
    let compile = &data["times"]["jit-ab"][cell];
    // The geometric mean of rounds that lie evenly around the made-up time is a little below it.
    let value = compile[0].as_f64().unwrap();
    assert!((6.99e6..=7e6).contains(&value), "{compile}");
    let (low, high) = (compile[1].as_f64().unwrap(), compile[2].as_f64().unwrap());
    assert!(low < 7e6 && high > 7e6, "{compile}");
    assert_eq!(data["rounds"]["jit-ab"][cell].as_array().unwrap().len(), 12);
    assert_eq!(data["times"]["jit-ab"][2 * 11], 0, "native code is not compiled from wasm");
    assert_eq!(data["ratios"]["Compile"][cell].as_array().unwrap().len(), 3);
    let ahead = data["leads"]["jit"][2].as_array().unwrap();
    assert!(ahead.len() > 1 && ahead[0][1] == 0 && ahead[1].as_array().unwrap().len() == 4, "{ahead:?}");
}

#[test]
fn a_page_of_40_engines_and_44_samples_stays_small() {
    let place =
        Place::with(&MadeUp { engines: 40, samples: 44, rounds: 10, every_phase: true, ..MadeUp::default() });
    place.printed(&[]);
    let page = written(&place, "report.html");
    assert!(page.len() < MOST_BYTES, "{} bytes", page.len());
    // What the script adds is bounded as well, which the tests in a browser check.
    assert!(page.matches("<text").count() < 1_500, "{}", page.matches("<text").count());
}

#[test]
fn names_and_reasons_never_become_markup_or_formulas() {
    let place = Place::with(&MadeUp { engines: 14, rounds: 3, ..MadeUp::default() });
    let hostile = "<script>alert(1)</script>";
    for file in ["run.json", "samples.csv", "sizes.csv", "memory.csv", "failures.csv"] {
        let path = place.run("run").join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("sieve", hostile).replace("nbody", "=cmd()")).unwrap();
    }
    edit(&place.run("run").join("failures.csv"), "wrong result: ", "</script><img src=x> wrong result: ");
    place.printed(&[]);
    let page = written(&place, "report.html");
    assert!(!page.contains(hostile) && !page.contains("<img"), "markup");
    assert_eq!(page.matches("</script>").count(), 2);
    assert_eq!(data(&page)["cases"][3]["sample"], hostile);
    // The formula stays as it is in the data; a saved table gets an apostrophe, which the tests in a browser check.
    assert_eq!(data(&page)["cases"][2]["sample"], "=cmd()");
    let markdown = written(&place, "report.md");
    assert!(!markdown.contains("<script") && markdown.contains("&lt;script&gt;"), "{markdown}");
    for picture in fs::read_dir(place.run("run").join("report")).unwrap() {
        assert!(!fs::read_to_string(picture.unwrap().path()).unwrap().contains("<script"));
    }
}

#[test]
fn a_killed_run_has_a_page_that_says_so_and_one_without_readings_has_one_too() {
    let place = Place::with(&MadeUp { finished: false, ..MadeUp::default() });
    place.printed(&[]);
    let words = "cut short: killed or still under way, after 3 of 10 planned rounds";
    assert!(written(&place, "report.html").contains(words) && written(&place, "report.md").contains(words));
    for file in ["samples.csv", "rounds.csv", "sizes.csv", "failures.csv", "memory.csv"] {
        fs::remove_file(place.run("run").join(file)).unwrap();
    }
    place.printed(&[]);
    let page = written(&place, "report.html");
    assert!(page.contains("no reading was taken") && page.contains("No time was measured"), "{page}");
}

#[test]
fn a_run_of_an_older_version_has_a_page_that_says_what_its_files_lack() {
    let place = Place::with(&MadeUp::default());
    let file = place.run("run").join("run.json");
    let mut json: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    for field in ["format", "cases", "entries", "precision"] {
        assert!(json.as_object_mut().unwrap().remove(field).is_some(), "{field}");
    }
    fs::write(&file, json.to_string()).unwrap();
    place.printed(&[]);
    assert!(written(&place, "report.html").contains("older version: run.json lists no cases"));
}

#[test]
fn a_hundred_thousand_readings_of_a_cell_leave_the_page_as_small_as_it_was() {
    let place = Place::with(&MadeUp { engines: 3, ..MadeUp::default() });
    place.printed(&[]);
    let before = written(&place, "report.html").len();
    let readings = place.run("run").join("samples.csv");
    let mut text = fs::read_to_string(&readings).unwrap();
    let line =
        text.lines().find(|line| line.contains("rust-native,subject,nop") && line.contains("warm-call"));
    let line = format!("{}\n", line.unwrap());
    text.push_str(&line.repeat(100_000));
    fs::write(&readings, text).unwrap();
    place.printed(&[]);
    let after = written(&place, "report.html").len();
    assert!(after.abs_diff(before) < 1_000, "{before} {after}");
}

#[test]
fn a_folder_that_cannot_be_written_to_costs_the_page_and_not_the_summary() {
    let place = Place::with(&MadeUp::default());
    // A file stands where the folder of the pictures goes.
    fs::write(place.run("run").join("report"), "").unwrap();
    let partly = place.report(&[]).assert().code(3);
    let output = partly.get_output();
    assert!(String::from_utf8_lossy(&output.stdout).contains("times × fastest"));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.starts_with("report.html was not written: making ") && stderr.lines().count() == 1,
        "{stderr}"
    );
}
