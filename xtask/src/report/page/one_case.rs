//! The part of the page about one case, which the reader chooses; its pictures are drawn by the script.

use super::parts::{scale, table};
use maud::{Markup, html};

/// A picture that the script draws: its name, its caption, what the caption adds, and what stands there
/// without any value.
struct Drawn(&'static str, &'static str, &'static str, &'static str);

const NOTHING: &str = "No engine has this in this run.";

/// The part.
pub fn section() -> Markup {
    html! {
        section aria-labelledby="one-case" {
            h2 id="one-case" { "One case: " span class="case-name" {} }
            (controls())
            (totals())
            (phases())
            (break_even())
            (calls())
            (memory())
            (cold())
            (rounds())
            (sizes())
        }
    }
}

fn controls() -> Markup {
    html! {
        div class="controls" role="group" aria-label="What the pictures show" {
            label { "Case " select id="case" {} }
            label { "Engines " input type="search" id="engines" placeholder="all, or parts of names" size="24"; }
            span class="said" id="engines-said" aria-live="polite" {}
            (scale("case"))
        }
    }
}

fn drawn(Drawn(name, caption, more, nothing): &Drawn) -> Markup {
    html! {
        figure data-chart=(name) data-nothing=(nothing) {
            figcaption { (caption) " " span class="note" { (more) } }
            div class="drawing" {}
            div class="under" { button type="button" class="save" data-save=(caption) { "Save as SVG" } }
        }
    }
}

fn grid(pictures: &[Drawn]) -> Markup {
    html! { div class="grid" { @for picture in pictures { (drawn(picture)) } } }
}

fn totals() -> Markup {
    html! {
        h3 { "Totals" }
        p class="note" {
            "On the logarithmic scale a dot is the value, on the linear one a bar; the line through it is its interval. Native code is grey."
        }
        (grid(&[
            Drawn("jit", "JIT", "a+b+c+d, from bytes to the first result", NOTHING),
            Drawn("aot-compile", "AOT compile", "a+b+b', the build step", NOTHING),
            Drawn("aot-execute", "AOT execute", "c'+c+d, the run step", NOTHING),
            Drawn("aot-total", "AOT total", "both steps", NOTHING),
        ]))
        (table("totals", "Table: totals of every case"))
    }
}

fn key(look: &str, words: &str) -> Markup {
    html! { span class="key" { i class=(look) {} (words) } }
}

fn phases() -> Markup {
    html! {
        h3 { "Phases" }
        p {
            (key("p0", "a+b compile")) (key("p1", "b' save")) (key("p2", "c' load"))
            (key("p3", "c instantiate")) (key("p4", "d call"))
        }
        (grid(&[
            Drawn("phases-jit", "JIT by phase", "first times; the interval is that of the total", NOTHING),
            Drawn("phases-aot", "AOT by phase", "both steps; the interval is that of the total", NOTHING),
        ]))
        (table("phases", "Table: phases of every case"))
    }
}

fn break_even() -> Markup {
    html! {
        h3 { "Break-even: total cost against the number of calls" }
        p class="note" {
            "The first call includes everything before it; each further call is a warm one. Coloured lines are the engines that are ahead somewhere, grey ones the others; shaded parts are 95% intervals of the numbers of calls where one engine overtakes the other."
        }
        (grid(&[
            Drawn("even-jit", "Starting with JIT", "", NOTHING),
            Drawn("even-aot", "Starting with AOT execute", "compiled before", NOTHING),
        ]))
        p { "Starting with JIT: " span id="leads-jit" {} "." }
        p { "Starting with AOT execute: " span id="leads-aot-execute" {} "." }
        (table("breakEven", "Table: which engine is ahead after how many calls, for every case"))
    }
}

fn calls() -> Markup {
    html! {
        h3 { "Warm calls and instances" }
        (grid(&[
            Drawn("call-warm", "Call, warm", "d", NOTHING),
            Drawn("instance-warm", "Instantiate, warm", "c", NOTHING),
        ]))
        (table("calls", "Table: warm calls and instances of every case, and calls against native code"))
    }
}

fn memory() -> Markup {
    let nothing = "Memory was not read in this run, or not in this pass.";
    html! {
        h3 { "Memory by phase" }
        p {
            (key("stroke", "idle")) (key("p0", "a+b compile")) (key("p1", "b' save")) (key("p2", "c' load"))
            (key("p3", "c instantiate")) (key("p4", "d call"))
        }
        p class="note" {
            "Peak resident memory of the process in each phase, read once, so without intervals. Engines of one runtime may share a program: compare how far the peak is above idle."
        }
        (grid(&[
            Drawn("memory-jit", "JIT pass", "", nothing),
            Drawn("memory-aot", "AOT and run passes", "", nothing),
        ]))
        (table("memory", "Table: memory of every case"))
    }
}

fn cold() -> Markup {
    let nothing = "No cold start was measured: quick runs leave them out.";
    html! {
        h3 { "Cold against later" }
        p { (key("dot2", "the first pass of a fresh process")) (key("dot1", "a later pass")) }
        p class="note" { "The number is how many times as long the cold pass takes. The engine's creation is not in it." }
        (grid(&[
            Drawn("cold-jit", "JIT", "a+b+c+d", nothing),
            Drawn("cold-run", "AOT execute", "c'+c+d", nothing),
        ]))
        (table("cold", "Table: cold starts of every case"))
    }
}

fn rounds() -> Markup {
    html! {
        h3 { "Rounds" }
        p class="note" {
            "One dot is the median of one round, whose processes are fresh; the line is the value. Two clusters of dots are two modes, such as two memory layouts: the value is then one or the other."
        }
        div class="under" { label { "What " select id="rounds-of" {} } }
        (drawn(&Drawn("rounds", "Rounds", "one dot a round", NOTHING)))
        (table("rounds", "Table: every round of the chosen time"))
    }
}

fn sizes() -> Markup {
    html! {
        h3 { "Artifact size" }
        p { (key("dot1", "this variant")) (key("dot2", "the sample's other variants, where they were measured")) }
        p class="note" { code { "--variants stripped,unstripped" } " measures what custom sections cost." }
        (drawn(&Drawn("sizes", "Artifact bytes", "", "No engine saved an artifact in this run.")))
        (table("sizes", "Table: sizes and compile times of every case and variant"))
    }
}
