#!/bin/sh
# Starts deno with the flags of one engine. V8 takes them from the command line, before any program runs. The
# last argument is the engine's name.
for name; do :; done
# Every function is compiled once, when the module is.
one_tier=--no-wasm-lazy-compilation,--no-wasm-tier-up,--no-wasm-dynamic-tiering
case $name in
  deno-liftoff | deno-liftoff:*) WASM_PHASES_V8_FLAGS=--liftoff,--liftoff-only,$one_tier ;;
  deno-turbofan | deno-turbofan:*) WASM_PHASES_V8_FLAGS=--no-liftoff,$one_tier ;;
  # V8's defaults; of a name that it does not know, the worker says so.
  *) WASM_PHASES_V8_FLAGS= ;;
esac
# The thread that waits and the one in the background take turns.
case $name in *:parallel=off) WASM_PHASES_V8_FLAGS=$WASM_PHASES_V8_FLAGS,--wasm-num-compilation-tasks=1 ;; esac
export WASM_PHASES_V8_FLAGS
# For the worker's own sake: %IsLiftoffFunction and the two that compile its loops, `gc`, and JavaScript that stays
# compiled.
own=--allow-natives-syntax,--expose-gc,--no-flush-bytecode
# deno keeps no cache: nothing can be made below a device. It asks nobody for a newer version of itself.
export DENO_DIR=/dev/null/none DENO_NO_UPDATE_CHECK=1 NODE_NO_WARNINGS=1
# A guest that prints too much is told so, and does not end the worker.
trap '' XFSZ
exec deno run --quiet --allow-all --no-prompt --no-remote --no-npm --no-config --no-lock --no-code-cache \
  "--v8-flags=${WASM_PHASES_V8_FLAGS:+$WASM_PHASES_V8_FLAGS,}$own" "$@"
