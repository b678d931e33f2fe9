//! Optimises a module with Binaryen's `wasm-opt`: `optimize oz|o4 INPUT OUTPUT`. Only features of
//! WebAssembly's first release are used, so that every engine takes what it took before.

use anyhow::{Context, Result, bail};
use wasm_opt::OptimizationOptions;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [level, input, output] = arguments.as_slice() else { bail!("optimize oz|o4 INPUT OUTPUT") };
    let mut options = match level.as_str() {
        "oz" => OptimizationOptions::new_optimize_for_size_aggressively(),
        "o4" => OptimizationOptions::new_opt_level_4(),
        other => bail!("there is no level `{other}`; there is: oz, o4"),
    };
    options.mvp_features_only().run(input, output).with_context(|| format!("optimising {input}"))
}
