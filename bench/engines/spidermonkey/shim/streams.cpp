// Compiling a stream, in the middle of which SpiderMonkey gives its embedder the code of a module, and takes it back.
// The streams here are bytes that are there as a whole, and the main thread waits for what is made of them.

#include "host.h"

#include <js/ArrayBuffer.h>
#include <js/BuildId.h>
#include <js/Conversions.h>
#include <js/Promise.h>
#include <js/StreamConsumer.h>
#include <js/experimental/TypedData.h>
#include <jsfriendapi.h>

#include <cstdlib>
#include <cstring>

namespace {

// Keeps the code of the module that was compiled last. It is called on a thread of SpiderMonkey, before the stream's
// promise is settled on the main thread.
class Listener : public JS::OptimizedEncodingListener {
 public:
  MozExternalRefCountType MOZ_XPCOM_ABI AddRef() override { return 1; }
  MozExternalRefCountType MOZ_XPCOM_ABI Release() override { return 1; }

  void storeOptimizedEncoding(const uint8_t* bytes, size_t size) override {
    forget();
    code = static_cast<uint8_t*>(malloc(size));
    if (!code) return;
    memcpy(code, bytes, size);
    length = size;
  }

  void forget() {
    free(code);
    code = nullptr;
    length = 0;
  }

  uint8_t* code = nullptr;
  size_t length = 0;
};

Listener listener;

// Whether the stream that is asked for holds code rather than a module.
bool holdsCode = false;

bool consume(JSContext* cx, JS::HandleObject array, JS::MimeType, JS::StreamConsumer* consumer) {
  size_t length;
  bool isShared;
  uint8_t* bytes;
  if (!JS_GetObjectAsUint8Array(array, &length, &isShared, &bytes)) {
    JS_ReportErrorUTF8(cx, "a Uint8Array was expected");
    return false;
  }
  if (holdsCode) {
    consumer->consumeOptimizedEncoding(bytes, length);
  } else if (consumer->consumeChunk(bytes, length)) {
    consumer->streamEnd(&listener);
  }
  return true;
}

void reportStreamError(JSContext* cx, size_t) { JS_ReportErrorUTF8(cx, "the stream failed"); }

// Code is used by this build of the worker only.
bool buildId(JS::BuildIdCharVector* id) { return id->append("wasm-phases", 11); }

// `streamed(array, holdsCode)`: the module of a Uint8Array, which holds its bytes or its code.
bool streamed(JSContext* cx, unsigned argc, JS::Value* vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  holdsCode = JS::ToBoolean(args.get(1));
  listener.forget();
  JS::RootedObject global(cx, JS::CurrentGlobalOrNull(cx));
  JS::RootedValue found(cx);
  if (!JS_GetProperty(cx, global, "WebAssembly", &found)) return false;
  JS::RootedObject webAssembly(cx, &found.toObject());
  JS::RootedValue promised(cx);
  JS::RootedValue source(cx, args.get(0));
  if (!JS_CallFunctionName(cx, webAssembly, "compileStreaming", JS::HandleValueArray(source), &promised)) return false;
  JS::RootedObject promise(cx, &promised.toObject());
  // Until nothing is left to do, on other threads either.
  js::RunJobs(cx);
  JS::RootedValue result(cx, JS::GetPromiseResult(promise));
  switch (JS::GetPromiseState(promise)) {
    case JS::PromiseState::Fulfilled:
      args.rval().set(result);
      return true;
    case JS::PromiseState::Rejected:
      JS_SetPendingException(cx, result);
      return false;
    default:
      JS_ReportErrorUTF8(cx, "the stream did not end");
      return false;
  }
}

// Whether the sections of a module end where its bytes do.
bool endsWithASection(const uint8_t* bytes, size_t length) {
  size_t at = 8;
  while (at < length) {
    uint64_t size = 0;
    unsigned shift = 0;
    uint8_t byte;
    do {
      if (++at >= length || shift > 28) return false;
      byte = bytes[at];
      size |= uint64_t(byte & 0x7f) << shift;
      shift += 7;
    } while (byte & 0x80);
    at += 1 + size;
  }
  return at == length;
}

// `isWhole(array)`: whether a module in a Uint8Array was not cut short. SpiderMonkey waits for ever for the rest of a
// stream that ends within the code.
bool isWhole(JSContext*, unsigned argc, JS::Value* vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  size_t length;
  bool isShared;
  uint8_t* bytes;
  JSObject* array = args.get(0).isObject() ? &args[0].toObject() : nullptr;
  bool isArray = array && JS_GetObjectAsUint8Array(array, &length, &isShared, &bytes);
  args.rval().setBoolean(isArray && endsWithASection(bytes, length));
  return true;
}

// `takeCode()`: the code of the module that was compiled last, in an ArrayBuffer, or null.
bool takeCode(JSContext* cx, unsigned argc, JS::Value* vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  args.rval().setNull();
  if (!listener.code) return true;
  JSObject* buffer = JS::NewArrayBufferWithContents(cx, listener.length, listener.code);
  if (!buffer) return false;
  listener.code = nullptr;
  args.rval().setObject(*buffer);
  return true;
}

// `checksum(array)`: 32 bits of a Uint8Array's bytes (FNV-1a over words of 64 bits, folded).
bool checksum(JSContext* cx, unsigned argc, JS::Value* vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  size_t length;
  bool isShared;
  uint8_t* bytes;
  if (!args.get(0).isObject() || !JS_GetObjectAsUint8Array(&args[0].toObject(), &length, &isShared, &bytes)) {
    JS_ReportErrorUTF8(cx, "a Uint8Array was expected");
    return false;
  }
  uint64_t sum = 0xcbf29ce484222325;
  for (size_t at = 0; at < length; at += 8) {
    uint64_t word = 0;
    memcpy(&word, bytes + at, length - at < 8 ? length - at : 8);
    sum = (sum ^ word) * 0x100000001b3;
    sum ^= sum >> 29;
  }
  args.rval().setNumber(uint32_t(sum ^ (sum >> 32)));
  return true;
}

const JSFunctionSpec NATIVES[] = {
    JS_FN("streamed", streamed, 2, 0),
    JS_FN("isWhole", isWhole, 1, 0),
    JS_FN("takeCode", takeCode, 0, 0),
    JS_FN("checksum", checksum, 1, 0),
    JS_FS_END,
};

}  // namespace

bool host::initStreams(JSContext* cx) {
  JS::SetProcessBuildIdOp(buildId);
  JS::InitConsumeStreamCallback(cx, consume, reportStreamError);
  return js::UseInternalJobQueues(cx);
}

bool host::defineStreams(JSContext* cx, JS::HandleObject natives) { return JS_DefineFunctions(cx, natives, NATIVES); }
