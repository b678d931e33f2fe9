#!/bin/sh
# Starts bun with the options of one engine. JavaScriptCore reads them from the environment before any
# program runs, so they cannot be set inside. The last argument is the engine's name.
for name; do :; done
case $name in
  jsc-ipint) export BUN_JSC_useBBQJIT=0 BUN_JSC_useOMGJIT=0 ;;
  jsc-bbq) export BUN_JSC_useWasmIPInt=0 BUN_JSC_useOMGJIT=0 ;;
esac
# As many threads as there are processors, as in every other engine.
export BUN_JSC_numberOfWasmCompilerThreads="$(nproc)"
exec bun "$@"
