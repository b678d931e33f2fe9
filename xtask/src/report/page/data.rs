//! The data that the page's script draws and lists: every value of every cell with its ends, in lists by
//! cell, since there are many. A cell's place is `case * engines + engine`.

use super::super::answer;
use super::super::model::RunReport;
use super::super::overall::OverallQuantity;
use super::failures;
use super::numbers::{number, numbers};
use bench::analysis::break_even::{COUNTINGS, CallCosts, CostCounting};
use bench::analysis::overview::Choices;
use bench::analysis::{AOT_TOTAL, CellSeries, Series};
use bench::probe::memory::Peak;
use bench::record::{CaseFacts, CellId};
use bench::stats::{Point, compare_ratios, geometric_mean};
use protocol::{Pass, Phase};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What has a time in the page: its name in the data, and where it is read.
const TIMES: [(&str, Choices); 18] = [
    ("engine", &[(Pass::Jit, Phase::Engine), (Pass::Run, Phase::Engine)]),
    ("parse", &[(Pass::Parse, Phase::AParse)]),
    ("jit-ab", &[(Pass::Jit, Phase::AbCompile)]),
    ("jit-c", &[(Pass::Jit, Phase::CInstantiateFirst)]),
    ("jit-d", &[(Pass::Jit, Phase::DCallFirst)]),
    // Where one compilation serves both, it is that of the JIT pass.
    ("aot-ab", &[(Pass::Aot, Phase::AbCompile), (Pass::Jit, Phase::AbCompile)]),
    ("aot-b", &[(Pass::Aot, Phase::BSave)]),
    ("run-load", &[(Pass::Run, Phase::CLoad), (Pass::Load, Phase::CLoad)]),
    ("run-c", &[(Pass::Run, Phase::CInstantiateFirst)]),
    ("run-d", &[(Pass::Run, Phase::DCallFirst)]),
    ("c-warm", &[(Pass::WarmInstantiate, Phase::CInstantiateWarm)]),
    ("d-warm", &[(Pass::WarmCall, Phase::DCallWarm)]),
    ("jit", &[(Pass::Jit, Phase::Jit)]),
    ("aot-compile", &[(Pass::Aot, Phase::AotCompile)]),
    ("aot-execute", &[(Pass::Run, Phase::AotExecute)]),
    ("aot-total", &[AOT_TOTAL]),
    ("cold-jit", &[(Pass::ColdJit, Phase::Jit)]),
    ("cold-run", &[(Pass::ColdRun, Phase::AotExecute)]),
];

/// Those of them whose rounds can be looked at one by one.
const WITH_ROUNDS: [&str; 7] = ["jit-ab", "aot-ab", "jit", "aot-compile", "aot-execute", "c-warm", "d-warm"];

/// The most values of single rounds in a page; with more, each cell shows fewer of its rounds.
const MOST_ROUNDS: usize = 150_000;

/// The phases whose memory is shown: their name in the data, and where it is read.
const MEMORY: [(&str, Pass, Phase); 7] = [
    ("jit-ab", Pass::Jit, Phase::AbCompile),
    ("jit-c", Pass::Jit, Phase::CInstantiateFirst),
    ("jit-d", Pass::Jit, Phase::DCallFirst),
    ("aot-b", Pass::Aot, Phase::BSave),
    ("run-load", Pass::Run, Phase::CLoad),
    ("run-c", Pass::Run, Phase::CInstantiateFirst),
    ("run-d", Pass::Run, Phase::DCallFirst),
];

/// The data of `report`, whose summary has the AOT totals.
pub fn of(report: &RunReport) -> Value {
    let cells = Cells { report };
    let times: Map<String, Value> =
        TIMES.iter().map(|(name, choices)| ((*name).to_owned(), cells.times(choices))).collect();
    json!({
        "engines": report.engines.iter().map(|name| json!({ "name": name, "native": report.is_baseline(name) })).collect::<Value>(),
        "cases": report.cases.iter().map(|case| cells.case(case)).collect::<Value>(),
        "roundCount": report.rounds,
        "times": times,
        "rounds": cells.rounds(),
        "ratios": cells.ratios(),
        "native": cells.native(),
        "leads": cells.leads(),
        "artifacts": cells.artifacts(),
        "artifactParts": cells.artifact_parts(),
        "emptyCalls": report.engines.iter().map(|name| report.empty_calls.get(name).map_or(Value::Null, |time_ns| number(*time_ns))).collect::<Value>(),
        "memory": cells.memory(),
        "failures": failures::grouped(report),
        "modules": report.run.modules.iter().map(|one| json!([one.sample, one.variant, one.bytes, one.code_section_bytes, one.sha256])).collect::<Value>(),
    })
}

struct Cells<'a> {
    report: &'a RunReport,
}

impl Cells<'_> {
    fn ids(&self) -> impl Iterator<Item = CellId> + '_ {
        let engines = &self.report.engines;
        self.report.cases.iter().flat_map(move |case| engines.iter().map(|engine| case.subject(engine)))
    }

    fn case(&self, case: &CaseFacts) -> Value {
        let modules = &self.report.run.modules;
        let module = modules.iter().find(|one| one.sample == case.sample && one.variant == case.variant);
        json!({
            "sample": case.sample,
            "variant": case.variant,
            "size": case.size,
            "fresh": case.fresh_instance,
            "bytes": module.map(|one| one.bytes),
            "code": module.and_then(|one| one.code_section_bytes),
        })
    }

    /// The series of a cell, where it did not fail.
    fn series(&self, cell: &CellId) -> Option<&CellSeries> {
        self.report.summary.cell(cell)
    }

    fn times(&self, choices: Choices) -> Value {
        let time = |cell: CellId| {
            let series = first(self.series(&cell)?, choices)?;
            let time = series.estimate()?;
            Some(numbers(&[time.value, time.low, time.high]))
        };
        self.ids().map(|cell| time(cell).unwrap_or(json!(0))).collect()
    }

    /// The rounds of each cell in hundredths of a percent above or below its value.
    fn rounds(&self) -> Value {
        let cells = self.report.engines.len() * self.report.cases.len();
        let most = (MOST_ROUNDS / (cells * WITH_ROUNDS.len()).max(1)).max(3);
        let of_quantity = |(name, choices): &(&str, Choices)| {
            let of_cell = |cell: CellId| {
                let series = first(self.series(&cell)?, choices)?;
                let value = series.estimate()?.value;
                Some(spread(series, value, most))
            };
            let lists: Value = self.ids().map(|cell| of_cell(cell).unwrap_or(json!(0))).collect();
            ((*name).to_owned(), lists)
        };
        let chosen = TIMES.iter().filter(|(name, _)| WITH_ROUNDS.contains(name));
        Value::Object(chosen.map(of_quantity).collect())
    }

    /// Each cell's time in proportion to that of the fastest engine on its case, with its interval.
    fn ratios(&self) -> Value {
        let of_quantity = |quantity: OverallQuantity| {
            let (_, choices) = quantity.source();
            let lists = self.report.cases.iter().flat_map(|case| {
                let fastest = self.fastest(case, choices);
                self.report.engines.iter().map(move |engine| {
                    let ratio = fastest.and_then(|fastest| self.ratio(case, engine, fastest, choices));
                    ratio.unwrap_or(json!(0))
                })
            });
            (quantity.name().to_owned(), lists.collect::<Value>())
        };
        Value::Object(OverallQuantity::ALL.into_iter().map(of_quantity).collect())
    }

    /// Each cell's warm call in proportion to that of native code, the first of the baselines.
    fn native(&self) -> Value {
        let Some(native) = self.report.baselines.first() else { return Value::Null };
        let (_, choices) = OverallQuantity::Call.source();
        let lists = self.report.cases.iter().flat_map(|case| {
            self.report
                .engines
                .iter()
                .map(move |engine| self.ratio(case, engine, native, choices).unwrap_or(json!(0)))
        });
        json!({ "name": native, "ratios": lists.collect::<Value>() })
    }

    fn fastest(&self, case: &CaseFacts, choices: Choices) -> Option<&str> {
        let times = self.report.engines.iter().filter_map(|engine| {
            let series = first(self.series(&case.subject(engine))?, choices)?;
            Some((series.estimate()?.value, engine.as_str()))
        });
        times.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, engine)| engine)
    }

    fn ratio(&self, case: &CaseFacts, engine: &str, other: &str, choices: Choices) -> Option<Value> {
        let (ours, theirs) = (self.series(&case.subject(engine))?, self.series(&case.subject(other))?);
        // Where both have a pass in common, their readings are neighbours in time.
        let both =
            choices.iter().find_map(|&(pass, phase)| ours.wall(pass, phase).zip(theirs.wall(pass, phase)));
        let (ours, theirs) = both.or_else(|| first(ours, choices).zip(first(theirs, choices)))?;
        let ratio = ours.ratio_to(theirs);
        let mean = geometric_mean(ratio.by_round().values().copied())?;
        Some(match compare_ratios(ratio.by_round()).filter(|_| engine != other) {
            Some(compared) => numbers(&[mean, compared.low, compared.high]),
            None => numbers(&[mean]),
        })
    }

    /// For each start and case the engines that are ahead one after the other, each with the number of
    /// calls after which it is and that number's interval; native code aside.
    fn leads(&self) -> Value {
        let of_start = |counting: CostCounting| {
            let of_cases: Value =
                self.report.cases.iter().map(|case| self.leads_on(case, counting)).collect();
            (counting.start.1.to_string(), of_cases)
        };
        // Runs of an artifact are counted in break_even.csv.
        Value::Object(COUNTINGS.into_iter().take(2).map(of_start).collect())
    }

    fn leads_on(&self, case: &CaseFacts, counting: CostCounting) -> Value {
        let runs_wasm = |(_, name): &(usize, &String)| !self.report.is_baseline(name);
        let engines = self.report.engines.iter().enumerate().filter(runs_wasm);
        let costs: Vec<(usize, CallCosts<'_>)> = engines
            .filter_map(|(place, engine)| {
                let cell = case.subject(engine);
                Some((place, CallCosts::of(&self.report.summary, &cell, counting, case.fresh_instance)?))
            })
            .collect();
        let start_of = |costs: &CallCosts<'_>| costs.start.estimate().map_or(f64::INFINITY, |one| one.value);
        let first = costs.iter().min_by(|a, b| start_of(&a.1).total_cmp(&start_of(&b.1)));
        let Some(mut ahead) = first else { return json!([]) };
        let mut leads = vec![json!([ahead.0, 0])];
        let mut since = 0.0;
        while let Some((calls, next)) = overtaking(ahead, &costs, since) {
            let ends = match next.1.break_even(&ahead.1).map(|found| found.point) {
                Some(Point::After { low, high, .. }) => [number(low), number(high)],
                Some(Point::NotBefore { low }) => [number(low), Value::Null],
                Some(Point::FromTheStart { within, .. }) => [json!(0), number(within)],
                _ => [Value::Null, Value::Null],
            };
            leads.push(json!([next.0, number(calls), ends[0], ends[1]]));
            (since, ahead) = (calls, next);
        }
        Value::Array(leads)
    }

    /// Code, data, maps, names and the rest of each artifact, in bytes; 0 where they are not known.
    fn artifact_parts(&self) -> Value {
        let parts = |cell: CellId| {
            let size = self.report.artifact(&cell.engine, &CaseFacts::of_cell(&cell))?;
            let parts =
                [size.code_bytes, size.data_bytes, size.maps_bytes, size.names_bytes, size.other_bytes];
            parts.into_iter().collect::<Option<Vec<u64>>>()
        };
        self.ids().map(|cell| parts(cell).map_or(json!(0), |parts| json!(parts))).collect()
    }

    fn artifacts(&self) -> Value {
        let size = |case: &CaseFacts, engine: &str| {
            self.report.artifact(engine, case).map_or(json!(0), |size| json!(size.artifact_bytes))
        };
        let engines = &self.report.engines;
        let cases = self.report.cases.iter();
        cases.flat_map(|case| engines.iter().map(move |engine| size(case, engine))).collect()
    }

    /// The bytes that are resident when idle, and at the peak of each phase; `null` where none were read.
    fn memory(&self) -> Value {
        if self.report.all_peaks().is_empty() {
            return Value::Null;
        }
        let mut by_cell: BTreeMap<CellId, Vec<&Peak>> = BTreeMap::new();
        for peak in self.report.all_peaks() {
            by_cell.entry(peak.cell()).or_default().push(peak);
        }
        let peaks = |cell: &CellId| by_cell.get(cell).map(Vec::as_slice).unwrap_or_default();
        let bytes = |bytes: Option<u64>| bytes.map_or(json!(0), |bytes| number(bytes as f64));
        let mut memory = Map::new();
        let idle = |cell: CellId| bytes(peaks(&cell).iter().filter_map(|peak| peak.idle_bytes).min());
        memory.insert("idle".to_owned(), self.ids().map(idle).collect());
        for (name, pass, phase) in MEMORY {
            let peak = |cell: CellId| {
                let here = |peak: &&&Peak| peak.pass == pass && peak.phase == Some(phase);
                bytes(peaks(&cell).iter().find(here).and_then(|peak| peak.peak_bytes))
            };
            memory.insert(name.to_owned(), self.ids().map(peak).collect());
        }
        Value::Object(memory)
    }
}

fn first(cell: &CellSeries, choices: Choices) -> Option<&Series> {
    choices.iter().find_map(|&(pass, phase)| cell.wall(pass, phase))
}

/// At most `most` rounds of a series, evenly over the run.
fn spread(series: &Series, middle: f64, most: usize) -> Value {
    let rounds: Vec<f64> = series.by_round().values().copied().collect();
    let shown = rounds.len().min(most);
    let chosen = (0..shown).map(|place| rounds[place * rounds.len() / shown]);
    chosen.map(|value| number((1e4 * (value / middle - 1.0)).round())).collect()
}

/// The engine that overtakes `ahead` first after `since` calls, and after how many.
fn overtaking<'a, 'b>(
    ahead: &(usize, CallCosts<'b>),
    costs: &'a [(usize, CallCosts<'b>)],
    since: f64,
) -> Option<(f64, &'a (usize, CallCosts<'b>))> {
    let crossing = |next: &'a (usize, CallCosts<'b>)| {
        let calls = answer::untested(&next.1, &ahead.1)?;
        (calls >= since && next.0 != ahead.0).then_some((calls, next))
    };
    costs.iter().filter_map(crossing).min_by(|a, b| a.0.total_cmp(&b.0))
}
