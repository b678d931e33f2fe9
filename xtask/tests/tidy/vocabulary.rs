//! The words that were given up, what is said instead, and where each is an ordinary word.

/// A word that was given up.
pub struct Word {
    /// The word.
    pub word: &'static str,
    /// What is said instead.
    pub instead: &'static str,
    /// Names in code that have one of these words as a part: `turn` is in `next_turn`, `CellTurn`.
    pub parts: &'static [&'static str],
    /// Whole names in code, where a part would say too little.
    pub names: &'static [&'static str],
    /// A pattern for every text, comments and messages included; case does not matter.
    pub prose: &'static str,
    /// Patterns of ordinary uses, and why they are.
    pub ordinary: &'static [(&'static str, &'static str)],
    /// The only places where the word is looked for; everywhere if there are none.
    pub only_in: &'static [&'static str],
    /// Files and folders that may have it, and why.
    pub allowed_in: &'static [(&'static str, &'static str)],
    /// Why it is not looked for, if it is not.
    pub not_looked_for: &'static str,
    /// Code (ending in `;` or `}`) and prose that have it.
    pub examples: &'static [&'static str],
}

/// What an entry has unless it says otherwise.
const WORD: Word = Word {
    word: "",
    instead: "",
    parts: &[],
    names: &[],
    prose: "",
    ordinary: &[],
    only_in: &[],
    allowed_in: &[("CHANGELOG.md", HISTORY)],
    not_looked_for: "",
    examples: &[],
};

const HISTORY: &str = "it names what was renamed";

/// Every word of the "not" column, in the table's order.
pub const GIVEN_UP: &[Word] = &[
    Word {
        word: "family",
        instead: "an engine folder holds a runtime; a way to run it is an engine (configuration)",
        parts: &["family", "families"],
        prose: r"\bfamil(?:y|ies)\b",
        ordinary: &[
            (r"\bfamily[- _]wise\b", "a term of statistics"),
            (r"\bfamily of (?:tests|comparisons)\b", "the tests that are corrected together"),
            (r"\bcorrection over (?:the|this|a) family\b", "the tests that are corrected together"),
            (r"\bcpu family\b", "a line of /proc/cpuinfo"),
            (r"\bfont-family\b", "a property of CSS"),
            (r"\bscale family\b|\bin_family\b", "the samples of one program in many sizes"),
        ],
        allowed_in: &[
            ("CHANGELOG.md", HISTORY),
            ("bench/src/stats", "the tests that are corrected together"),
            ("bench/src/analysis/comparisons.rs", "the tests that are corrected together"),
            ("bench/tests/simulation.rs", "the tests that are corrected together"),
            ("xtask/src/report/scaling.rs", "the scale family: one program in many sizes"),
            ("xtask/src/samples/build/generate.rs", "the scale family: one program in many sizes"),
        ],
        examples: &["struct Family;", "the engine families' folders"],
        ..WORD
    },
    Word {
        word: "entrant",
        instead: "engine",
        parts: &["entrant", "entrants"],
        prose: r"\bentrants?\b",
        examples: &["mod entrants;", "every entrant"],
        ..WORD
    },
    Word {
        word: "configuration alone",
        instead: "engine (configuration)",
        not_looked_for: "`configuration` is the key of engine.toml, and in its context the right word",
        ..WORD
    },
    Word {
        word: "turn",
        instead: "the kind is a pass, the event a batch",
        parts: &["turn", "turns"],
        prose: r"\b(?:an?|the|this|that|each|every|one|its|their|our|per|any|which|whole|last|first|next|other|own|same|warm|cold)\s+turn\b|\b(?:the|these|those|its|their|our|of|own|some|all|several|two|three|four|many|more|such|warm|cold|\d+)\s+turns\b",
        ordinary: &[
            (r"\bin turns?\b|\bby turns\b", "one after the other"),
            (r"\btak(?:e|es|en|ing) (?:\w+ )?turns?\b", "one after the other"),
        ],
        allowed_in: &[("CHANGELOG.md", HISTORY), ("sample-src/f32-math.rs", "the program rotates vectors")],
        examples: &[
            "enum Turn {}",
            "fn next_turn() {}",
            "the readings of one engine's own turn",
            "each turn is short",
        ],
        ..WORD
    },
    Word {
        word: "harvest",
        instead: "batch, or its readings",
        parts: &["harvest", "harvests"],
        prose: r"\bharvest(?:s|ed|ing)?\b",
        examples: &["struct Harvest;", "what a worker harvested"],
        ..WORD
    },
    Word {
        word: "twin",
        instead: "control",
        parts: &["twin", "twins"],
        prose: r"\btwins?\b",
        examples: &["fn twin_of() {}", "the engine's twin"],
        ..WORD
    },
    Word {
        word: "~aa",
        instead: "what an entry is (a control, and whose) is a field and a column, no suffix of its name",
        prose: r"~aa\b",
        examples: &["const CONTROL: &str = \"engine~aa\";"],
        ..WORD
    },
    Word {
        word: "planted",
        instead: "an injected difference",
        parts: &["plant", "planted"],
        prose: r"\bplant(?:s|ed|ing)?\b|~planted\b",
        examples: &["fn planted() {}", "a planted difference"],
        ..WORD
    },
    Word {
        word: "claim",
        instead: "a comparison has a verdict; a table says that engines differ",
        parts: &["claim", "claims", "claimed"],
        prose: r"\bclaim(?:s|ed|ing)?\b",
        allowed_in: &[("CHANGELOG.md", HISTORY), ("LICENSE-MIT", "the licence's own text")],
        examples: &["let claims = 3;", "a change may be claimed"],
        ..WORD
    },
    Word {
        word: "finding",
        instead: "a comparison and its verdict; of selfcheck, a check's outcome",
        parts: &["findings"],
        names: &["finding", "Finding"],
        prose: r"\b(?:an?|the|this|each|every|one|its|their|no|two|any|all|whose)\s+findings?\b|\bfindings\b",
        ordinary: &[(r"\bfinding\(", "a function's verb")],
        examples: &["struct Finding;", "every finding is listed"],
        ..WORD
    },
    Word {
        word: "judgement",
        instead: "comparison group, with a verdict for each comparison",
        parts: &["judgement", "judgements", "judgment", "judgments"],
        prose: r"\bjudge?ments?\b",
        examples: &["struct Judgement;", "one judgement a phase"],
        ..WORD
    },
    Word {
        word: "standing",
        instead: "a comparison has a verdict; a block has a precision",
        parts: &["standing", "standings"],
        prose: r"\bstandings\b|\b(?:a|the|each|its|their)\s+standing\b",
        examples: &["struct Standings;", "the standing of each block"],
        ..WORD
    },
    Word {
        word: "missing",
        instead: "a failure where it should have worked, unsupported where the engine does not offer it",
        names: &["Missing", "MISSING"],
        prose: r"\bmissing\.(?:csv|rs)\b",
        // As an adjective ("the file is missing", a list of what is missing) it is ordinary.
        examples: &["struct Missing;", "rows of missing.csv"],
        ..WORD
    },
    Word {
        word: "verdict (of a cell)",
        instead: "a cell has a failure or is unsupported; a verdict is of a comparison",
        parts: &["verdict", "verdicts"],
        prose: r"\bverdicts?\b",
        only_in: &[
            "bench/src/process",
            "bench/src/schedule",
            "bench/src/probe",
            "bench/src/record",
            "bench/protocol",
            "bench/worker",
            "bench/engines",
            "xtask/src/engines",
            "xtask/src/own_module",
        ],
        examples: &["let verdict = 1;", "the verdict of a cell"],
        ..WORD
    },
    Word {
        word: "crew",
        instead: "worker pool",
        parts: &["crew", "crews"],
        prose: r"\bcrews?\b",
        examples: &["struct Crew;", "the crew of a round"],
        ..WORD
    },
    Word {
        word: "seat",
        instead: "a worker process of the pool",
        parts: &["seat", "seats"],
        prose: r"\bseats?\b",
        examples: &["struct Seat;", "a free seat"],
        ..WORD
    },
    Word {
        word: "role",
        instead: "what a worker process of the pool is for: its pass",
        parts: &["role", "roles"],
        prose: r"\broles?\b",
        ordinary: &[
            (r#"\brole(?:=|: "\w+")"#, "an attribute of HTML that screen readers use"),
            (r"getByRole\(", "how Playwright finds an element by that attribute"),
        ],
        examples: &["enum Role {}", "a process with this role"],
        ..WORD
    },
    Word {
        word: "line (of selfcheck)",
        instead: "check",
        names: &["Line"],
        prose: r"\b(?:runs|asks) the line\b|\bwhat a line found\b|\b(?:no|which|these|named) lines?\b `|\blines? of selfcheck\b",
        // The line of a file or of output is ordinary.
        only_in: &["xtask/src/selfcheck", "xtask/src/commands/selfcheck.rs", "README.md", "docs"],
        examples: &["struct Line;", "/// Runs the line.\nfn f() {}"],
        ..WORD
    },
    Word {
        word: "lab",
        instead: "what a check is given is its setup",
        parts: &["lab", "labs"],
        prose: r"\blabs?\b",
        examples: &["struct Lab;", "the lab of selfcheck"],
        ..WORD
    },
    Word {
        word: "spent",
        instead: "time use",
        parts: &["spent"],
        prose: r"\bspent\.(?:csv|rs|json)\b|`spent`",
        // As a verb ("time spent") it is ordinary.
        examples: &["struct Spent;", "the check `spent`"],
        ..WORD
    },
    Word {
        word: "mood",
        instead: "level: where the machine's speed stands; drift: how it moves",
        parts: &["mood", "moods"],
        prose: r"\bmoods?\b",
        examples: &["let mood = 1;", "the machine's mood"],
        ..WORD
    },
    Word {
        word: "forecast",
        instead: "level or drift; of a value, prediction",
        parts: &["forecast", "forecasts"],
        prose: r"\bforecasts?\b",
        examples: &["mod forecast;", "a forecast of the block"],
        ..WORD
    },
    Word {
        word: "obituary, farewell",
        instead: "how a worker process exited",
        parts: &["obituary", "obituaries", "farewell", "farewells"],
        prose: r"\bobituar(?:y|ies)\b|\bfarewells?\b",
        examples: &["fn obituary() {}", "the worker's farewell"],
        ..WORD
    },
];
