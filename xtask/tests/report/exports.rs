//! A run in the formats of other tools: each is held against the shape that the tool itself writes, or that
//! its documentation gives.

use crate::Place;
use crate::made_up::MadeUp;
use serde_json::Value;
use std::collections::BTreeSet;

fn place() -> Place {
    Place::with(&MadeUp { rounds: 12, ..MadeUp::default() })
}

fn exported(place: &Place, format: &str) -> String {
    place.printed(&["--export", format])
}

fn json(place: &Place, format: &str) -> Value {
    serde_json::from_str(&exported(place, format)).unwrap()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn hyperfines_json_has_the_fields_of_hyperfine() {
    let place = place();
    let json = json(&place, "hyperfine");
    let first = &json["results"][0];
    // The fields of `hyperfine --parameter-list … --export-json`, version 1.20.
    let of_hyperfine = [
        "command",
        "mean",
        "stddev",
        "median",
        "user",
        "system",
        "min",
        "max",
        "times",
        "exit_codes",
        "parameters",
    ];
    assert_eq!(keys(first), BTreeSet::from(of_hyperfine));
    assert_eq!(first["command"], "nop/v8-liftoff/jit");
    assert_eq!(first["parameters"]["engine"], "v8-liftoff");
    let times: Vec<f64> =
        first["times"].as_array().unwrap().iter().map(|time| time.as_f64().unwrap()).collect();
    assert_eq!((times.len(), first["exit_codes"].as_array().unwrap().len()), (12, 12));
    let number = |field: &str| first[field].as_f64().unwrap();
    // In seconds.
    assert!((number("mean") - times.iter().sum::<f64>() / 12.0).abs() < 1e-12 && number("mean") < 0.1);
    assert!(number("min") <= number("median") && number("median") <= number("max"));
}

#[test]
fn hyperfines_markdown_has_a_table_for_each_case_and_phase() {
    let text = exported(&place(), "hyperfine-markdown");
    let header = |line: &&str| line.starts_with("| Command | Mean [");
    // Eleven samples with JIT, AOT compile, AOT execute, c warm and d warm.
    assert_eq!(text.lines().filter(header).count(), 55);
    assert_eq!(text.lines().filter(|line| *line == "|:---|---:|---:|---:|---:|").count(), 55);
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| `")).collect();
    assert!(rows.iter().all(|row| row.matches('|').count() == 6), "{text}");
    assert!(rows.iter().filter(|row| row.ends_with(" 1.00 |")).count() >= 55, "{text}");
}

#[test]
fn critcmps_json_has_the_fields_that_critcmp_reads() {
    let place = place();
    let json = json(&place, "critcmp");
    assert_eq!(json["name"], "run");
    let benchmark = &json["benchmarks"]["fibonacci/wasmer-llvm/d-call-warm"];
    assert_eq!(
        keys(benchmark),
        BTreeSet::from(["baseline", "fullname", "criterion_benchmark_v1", "criterion_estimates_v1"])
    );
    assert_eq!(benchmark["fullname"], "run/fibonacci/wasmer-llvm/d-call-warm");
    let info = ["group_id", "function_id", "value_str", "throughput", "full_id", "directory_name"];
    assert_eq!(keys(&benchmark["criterion_benchmark_v1"]), BTreeSet::from(info));
    assert_eq!(benchmark["criterion_benchmark_v1"]["full_id"], "fibonacci/wasmer-llvm/d-call-warm");
    let estimates = &benchmark["criterion_estimates_v1"];
    assert_eq!(keys(estimates), BTreeSet::from(["mean", "median", "median_abs_dev", "slope", "std_dev"]));
    for statistic in ["mean", "median", "median_abs_dev", "std_dev"] {
        let statistic = &estimates[statistic];
        let ends = &statistic["confidence_interval"];
        let number = |value: &Value| value.as_f64().unwrap();
        let value = number(&statistic["point_estimate"]);
        assert!(
            number(&ends["lower_bound"]) <= value && value <= number(&ends["upper_bound"]),
            "{statistic}"
        );
        assert!((number(&ends["confidence_level"]) - 0.95).abs() < 1e-12);
        assert!(number(&statistic["standard_error"]) >= 0.0);
    }
}

#[test]
fn benchstats_text_has_a_line_for_each_round() {
    let text = exported(&place(), "benchstat");
    let config: Vec<&str> = text.lines().take_while(|line| !line.starts_with("Benchmark")).collect();
    assert!(
        config
            .iter()
            .all(|line| line.split_once(": ").is_some_and(|(key, _)| key.chars().all(char::is_lowercase)))
    );
    let name = "BenchmarkDCallWarm/sample=fibonacci/engine=wasmer-llvm/variant=stripped/size=small";
    assert_eq!(text.lines().filter(|line| line.split(' ').next() == Some(name)).count(), 12, "{text}");
    for line in text.lines().skip(config.len()) {
        let fields: Vec<&str> = line.split(' ').collect();
        assert!(fields.len() == 4 && fields[1] == "1" && fields[3] == "ns/op", "{line}");
        assert!(fields[2].parse::<f64>().is_ok_and(|ns| ns > 0.0), "{line}");
    }
}

#[test]
fn the_lists_for_dashboards_have_a_value_with_its_ends() {
    let place = place();
    let list = json(&place, "github-action");
    let first = &list[0];
    assert_eq!(keys(first), BTreeSet::from(["name", "unit", "value", "range", "extra"]));
    assert_eq!((&first["unit"], first["value"].is_f64()), (&Value::from("ns"), true));
    assert!(first["range"].as_str().unwrap().starts_with("± "), "{first}");
    let metrics = json(&place, "bencher");
    assert_eq!(metrics.as_object().unwrap().len(), list.as_array().unwrap().len());
    for (name, measures) in metrics.as_object().unwrap() {
        assert_eq!(keys(measures), BTreeSet::from(["latency"]), "{name}");
        let of = |field: &str| measures["latency"][field].as_f64().unwrap();
        assert!(of("lower_value") <= of("value") && of("value") <= of("upper_value"), "{name}");
    }
}

#[test]
fn an_export_goes_to_a_file_where_one_is_named_and_other_formats_are_wrong_usage() {
    let place = place();
    assert_eq!(place.printed(&["run", "--export", "bencher", "--output", "bmf.json"]), "");
    let written = std::fs::read_to_string(place.0.path().join("bmf.json")).unwrap();
    assert_eq!(written, exported(&place, "bencher"));
    place.report(&["--export", "cachegrind"]).assert().code(2).stdout("");
    place.report(&["--export", "bencher", "--json"]).assert().code(2);
    place.report(&["--output", "file"]).assert().code(2);
    let failed = place.report(&["--export", "bencher", "--output", "none/bmf.json"]).assert().code(1);
    assert!(String::from_utf8_lossy(&failed.get_output().stderr).contains("writing none/bmf.json"));
}

#[test]
fn a_hostile_name_stays_a_name() {
    let place = place();
    let name = "<script>|a b/`=cmd()";
    for file in ["run.json", "samples.csv"] {
        let file = place.run("run").join(file);
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace("fibonacci", name)).unwrap();
    }
    assert!(exported(&place, "bencher").contains("\"<script>|a b/`=cmd()/wasmer-llvm/jit\": {"));
    let row = "| `` <script>\\|a b/`=cmd()/wasmer-llvm/jit `` | ";
    assert!(exported(&place, "hyperfine-markdown").contains(row));
    let name = "BenchmarkJit/sample=<script>|a_b_`=cmd()/engine=wasmer-llvm/variant=stripped/size=small 1 ";
    assert!(exported(&place, "benchstat").contains(name));
}
