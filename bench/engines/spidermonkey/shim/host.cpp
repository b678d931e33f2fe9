// A host for SpiderMonkey: starts it, and runs the worker's modules of JavaScript, which are compiled in.

#include "host.h"

#include <js/CompilationAndEvaluation.h>
#include <js/CompileOptions.h>
#include <js/ContextOptions.h>
#include <js/Exception.h>
#include <js/Initialization.h>
#include <js/Modules.h>
#include <js/SourceText.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>

struct Source {
  const char* name;
  const char* text;
  size_t length;
};

namespace {

const Source* sources = nullptr;
size_t sourceCount = 0;

// Every module that was compiled, by its name. They live as long as the process.
std::map<std::string, JS::PersistentRootedObject> modules;

const JSClass GLOBAL = {"global", JSCLASS_GLOBAL_FLAGS, &JS::DefaultGlobalClassOps, nullptr, nullptr, nullptr};

// JavaScript's heap may be this large; memories of WebAssembly are not in it.
constexpr uint32_t HEAP_BYTES = 1u << 30;

// As Firefox has it: all of the main thread's stack, of 8 MiB at most, but for a margin.
constexpr size_t STACK_MOST = 8u << 20;
constexpr size_t STACK_LEAST = 1u << 20;
constexpr size_t STACK_MARGIN = 128u << 10;

// Calls after which a function of the worker's own is compiled by Ion; 1,500 is usual. The readying loop of
// spidermonkey.mjs makes more.
constexpr uint32_t ION_CALLS = 100;

size_t stackQuota() {
  struct rlimit limit;
  size_t most = STACK_MOST;
  if (getrlimit(RLIMIT_STACK, &limit) == 0) most = std::min<size_t>(most, limit.rlim_cur);
  return std::max(most, STACK_LEAST) - STACK_MARGIN;
}

// The worker's own JavaScript: inline caches from the first call on, and compiled at once instead of in the
// background while it is timed.
void setOwnJit(JSContext* cx) {
  JS_SetGlobalJitCompilerOption(cx, JSJITCOMPILER_BASELINE_INTERPRETER_WARMUP_TRIGGER, 0);
  JS_SetGlobalJitCompilerOption(cx, JSJITCOMPILER_ION_NORMAL_WARMUP_TRIGGER, ION_CALLS);
  JS_SetOffthreadIonCompilationEnabled(cx, false);
}

JSObject* compiled(JSContext* cx, const std::string& name) {
  if (auto known = modules.find(name); known != modules.end()) return known->second;
  const Source* end = sources + sourceCount;
  auto isIt = [&](const Source& one) { return name == one.name; };
  const Source* source = std::find_if(sources, end, isIt);
  if (source == end) {
    JS_ReportErrorUTF8(cx, "there is no module %s", name.c_str());
    return nullptr;
  }
  JS::CompileOptions options(cx);
  options.setFileAndLine(source->name, 1);
  JS::SourceText<mozilla::Utf8Unit> text;
  if (!text.init(cx, source->text, source->length, JS::SourceOwnership::Borrowed)) return nullptr;
  JS::RootedObject module(cx, JS::CompileModule(cx, options, text));
  if (module) modules.emplace(name, JS::PersistentRootedObject(cx, module));
  return module;
}

// `./name.mjs` is a file of the worker, and `node:name` is `node-name.mjs`, which stands for it.
JSObject* resolve(JSContext* cx, JS::HandleValue, JS::HandleObject request) {
  JS::RootedString specifier(cx, JS::GetModuleRequestSpecifier(cx, request));
  if (!specifier) return nullptr;
  JS::UniqueChars chars = JS_EncodeStringToUTF8(cx, specifier);
  if (!chars) return nullptr;
  std::string name = chars.get();
  if (name.rfind("node:", 0) == 0) {
    name = "node-" + name.substr(5) + ".mjs";
  } else if (name.rfind("./", 0) == 0) {
    name = name.substr(2);
  }
  return compiled(cx, name);
}

bool run(JSContext* cx) {
  JS::RootedObject module(cx, compiled(cx, "worker.mjs"));
  if (!module || !JS::ModuleInstantiate(cx, module)) return false;
  JS::RootedValue ended(cx);
  if (!JS::ModuleEvaluate(cx, module, &ended)) return false;
  JS::RootedObject promise(cx, ended.isObject() ? &ended.toObject() : nullptr);
  return JS::ThrowOnModuleEvaluationFailure(cx, promise, JS::ThrowModuleErrorsSync);
}

void report(JSContext* cx) {
  JS::ExceptionStack thrown(cx);
  JS::ErrorReportBuilder built(cx);
  if (JS::StealPendingExceptionStack(cx, &thrown) &&
      built.init(cx, thrown, JS::ErrorReportBuilder::WithSideEffects)) {
    JS::PrintError(stderr, built, false);
  } else {
    fputs("the worker's JavaScript failed\n", stderr);
  }
}

bool runInRealm(JSContext* cx, const char* configuration) {
  JS::RealmOptions options;
  options.creationOptions().setSharedMemoryAndAtomicsEnabled(true);
  JS::RootedObject global(cx, JS_NewGlobalObject(cx, &GLOBAL, nullptr, JS::FireOnNewGlobalHook, options));
  if (!global) return false;
  JSAutoRealm realm(cx, global);
  if (!JS::InitRealmStandardClasses(cx) || !host::defineNatives(cx, global, configuration)) return false;
  if (run(cx)) return true;
  report(cx);
  return false;
}

}  // namespace

void host::setWasmCompilers(JSContext* cx, bool baseline, bool ion) {
  JS::ContextOptionsRef(cx).setWasm(true).setWasmBaseline(baseline).setWasmIon(ion);
}

extern "C" int wasm_phases_host(const Source* all, size_t count, const char* configuration) {
  sources = all;
  sourceCount = count;
  if (!JS_Init()) return 1;
  JSContext* cx = JS_NewContext(HEAP_BYTES);
  if (!cx || !host::initStreams(cx) || !JS::InitSelfHostedCode(cx)) return 1;
  JS_SetNativeStackQuota(cx, stackQuota());
  setOwnJit(cx);
  JS::SetModuleResolveHook(JS_GetRuntime(cx), resolve);
  bool ended = runInRealm(cx, configuration);
  modules.clear();
  JS_DestroyContext(cx);
  JS_ShutDown();
  return ended ? 0 : 1;
}
