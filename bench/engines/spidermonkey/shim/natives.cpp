// The functions that the worker's JavaScript has from its host: clocks, files, text, garbage collection and the
// choice of the compiler. What fails in the system gives -errno, of which the module `node-fs.mjs` makes an error.

#include "host.h"

#include <fcntl.h>
#include <js/Array.h>
#include <js/BigInt.h>
#include <js/CharacterEncoding.h>
#include <js/Conversions.h>
#include <js/GCAPI.h>
#include <js/ScalarType.h>
#include <js/experimental/TypedData.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

namespace {

// `now()`: nanoseconds of a clock that only runs forward, as a BigInt.
bool now(JSContext* cx, unsigned argc, JS::Value* vp) {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  JS::BigInt* ns = JS::NumberToBigInt(cx, int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec);
  if (!ns) return false;
  JS::CallArgsFromVp(argc, vp).rval().setBigInt(ns);
  return true;
}

// `cpuUs()`: microseconds of processor time of this process and of children that have ended.
bool cpuUs(JSContext*, unsigned argc, JS::Value* vp) {
  double sum = 0;
  for (int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage use;
    getrusage(who, &use);
    for (const timeval& time : {use.ru_utime, use.ru_stime}) sum += time.tv_sec * 1e6 + time.tv_usec;
  }
  JS::CallArgsFromVp(argc, vp).rval().setNumber(sum);
  return true;
}

// `collect()`: collects all garbage, twice: the second waits for what the first does in the background.
bool collect(JSContext* cx, unsigned argc, JS::Value* vp) {
  for (int time = 0; time < 2; ++time) JS_GC(cx);
  JS::CallArgsFromVp(argc, vp).rval().setUndefined();
  return true;
}

// `useCompilers(baseline, ion)`: which compilers take modules from now on.
bool useCompilers(JSContext* cx, unsigned argc, JS::Value* vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  host::setWasmCompilers(cx, JS::ToBoolean(args.get(0)), JS::ToBoolean(args.get(1)));
  args.rval().setUndefined();
  return true;
}

bool returned(JS::CallArgs& args, int64_t result) {
  args.rval().setNumber(result < 0 ? -double(errno) : double(result));
  return true;
}

JS::UniqueChars text(JSContext* cx, JS::CallArgs& args, unsigned index) {
  JS::RootedString string(cx, JS::ToString(cx, args.get(index)));
  return string ? JS_EncodeStringToUTF8(cx, string) : nullptr;
}

// Arguments 1 to 3 as a part of a Uint8Array: the array, where the part begins, and its length. Nothing that is
// collected may be made while it is used.
struct Part {
  double begin = 0;
  double length = 0;

  bool read(JSContext* cx, JS::CallArgs& args) {
    JSObject* object = args.get(1).isObject() ? &args[1].toObject() : nullptr;
    bool fits = object && JS_GetObjectAsUint8Array(object, &size, &isShared, &data) &&
                args.get(2).isNumber() && args.get(3).isNumber();
    if (fits) {
      begin = args[2].toNumber();
      length = args[3].toNumber();
      fits = begin >= 0 && length >= 0 && begin + length <= double(size);
    }
    if (!fits) JS_ReportErrorUTF8(cx, "a part of a Uint8Array was expected");
    return fits;
  }

  uint8_t* bytes() const { return data + size_t(begin); }

 private:
  size_t size = 0;
  bool isShared = false;
  uint8_t* data = nullptr;
};

// `read(descriptor, array, begin, length)`.
bool readFile(JSContext* cx, unsigned argc, JS::Value* vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  Part part;
  if (!part.read(cx, args)) return false;
  ssize_t result;
  do {
    result = read(args[0].toInt32(), part.bytes(), size_t(part.length));
  } while (result < 0 && errno == EINTR);
  return returned(args, result);
}

// `write(descriptor, array, begin, length)`.
bool writeFile(JSContext* cx, unsigned argc, JS::Value* vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  Part part;
  if (!part.read(cx, args)) return false;
  ssize_t result;
  do {
    result = write(args[0].toInt32(), part.bytes(), size_t(part.length));
  } while (result < 0 && errno == EINTR);
  return returned(args, result);
}

// `open(path, write)`: a descriptor of a file that is read, or of one that is made or emptied.
bool openFile(JSContext* cx, unsigned argc, JS::Value* vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  JS::UniqueChars path = text(cx, args, 0);
  if (!path) return false;
  int how = JS::ToBoolean(args.get(1)) ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY;
  return returned(args, open(path.get(), how | O_CLOEXEC, 0666));
}

bool closeFile(JSContext*, unsigned argc, JS::Value* vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  return returned(args, close(args.get(0).toInt32()));
}

// `size(descriptor)`: a file's length.
bool sizeOfFile(JSContext*, unsigned argc, JS::Value* vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  struct stat found;
  int result = fstat(args.get(0).toInt32(), &found);
  return returned(args, result < 0 ? result : found.st_size);
}

// `remove(path)`.
bool removeFile(JSContext* cx, unsigned argc, JS::Value* vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  JS::UniqueChars path = text(cx, args, 0);
  return path && returned(args, unlink(path.get()));
}

// `errorText(errno)`.
bool errorText(JSContext* cx, unsigned argc, JS::Value* vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  JSString* words = JS_NewStringCopyZ(cx, strerror(args.get(0).toInt32()));
  if (words) args.rval().setString(words);
  return words != nullptr;
}

// `decode(null, array, begin, length)`: text of UTF-8.
bool decode(JSContext* cx, unsigned argc, JS::Value* vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  Part part;
  if (!part.read(cx, args)) return false;
  // A copy: making the string may move small arrays.
  std::string bytes(reinterpret_cast<char*>(part.bytes()), size_t(part.length));
  JSString* string = JS_NewStringCopyUTF8N(cx, JS::UTF8Chars(bytes.data(), bytes.size()));
  if (string) args.rval().setString(string);
  return string != nullptr;
}

// `encode(text)`: a Uint8Array of UTF-8.
bool encode(JSContext* cx, unsigned argc, JS::Value* vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  JS::UniqueChars chars = text(cx, args, 0);
  if (!chars) return false;
  size_t length = strlen(chars.get());
  JSObject* array = JS_NewUint8Array(cx, length);
  if (!array) return false;
  JS::AutoCheckCannotGC keepsStill;
  bool isShared;
  memcpy(JS_GetUint8ArrayData(array, &isShared, keepsStill), chars.get(), length);
  args.rval().setObject(*array);
  return true;
}

// `print(text)`: a line on standard error.
bool print(JSContext* cx, unsigned argc, JS::Value* vp) {
  JS::CallArgs args = JS::CallArgsFromVp(argc, vp);
  JS::UniqueChars words = text(cx, args, 0);
  if (words) fprintf(stderr, "%s\n", words.get());
  args.rval().setUndefined();
  return words != nullptr;
}

// `processors()`: as many as SpiderMonkey asks the system for, which may compile at once.
bool processors(JSContext*, unsigned argc, JS::Value* vp) {
  JS::CallArgsFromVp(argc, vp).rval().setNumber(double(sysconf(_SC_NPROCESSORS_ONLN)));
  return true;
}

// `threads()`: threads of this process besides the main one.
bool threads(JSContext*, unsigned argc, JS::Value* vp) {
  struct stat found;
  // A folder has two links of its own and one for each folder in it.
  double count = stat("/proc/self/task", &found) == 0 ? double(found.st_nlink) - 3 : 0;
  JS::CallArgsFromVp(argc, vp).rval().setNumber(count);
  return true;
}

// `engine()`: the engine's name and version.
bool engine(JSContext* cx, unsigned argc, JS::Value* vp) {
  JSString* version = JS_NewStringCopyZ(cx, JS_GetImplementationVersion());
  if (version) JS::CallArgsFromVp(argc, vp).rval().setString(version);
  return version != nullptr;
}

const JSFunctionSpec NATIVES[] = {
    JS_FN("now", now, 0, 0),           JS_FN("cpuUs", cpuUs, 0, 0),
    JS_FN("collect", collect, 0, 0),   JS_FN("useCompilers", useCompilers, 2, 0),
    JS_FN("read", readFile, 4, 0),     JS_FN("write", writeFile, 4, 0),
    JS_FN("open", openFile, 2, 0),     JS_FN("close", closeFile, 1, 0),
    JS_FN("size", sizeOfFile, 1, 0),   JS_FN("remove", removeFile, 1, 0),
    JS_FN("decode", decode, 4, 0),     JS_FN("encode", encode, 1, 0),
    JS_FN("print", print, 1, 0),       JS_FN("errorText", errorText, 1, 0),
    JS_FN("threads", threads, 0, 0),   JS_FN("processors", processors, 0, 0),
    JS_FN("engine", engine, 0, 0),     JS_FS_END,
};

}  // namespace

bool host::defineNatives(JSContext* cx, JS::HandleObject global, const char* configuration) {
  JS::RootedObject natives(cx, JS_NewPlainObject(cx));
  if (!natives || !JS_DefineFunctions(cx, natives, NATIVES) || !defineStreams(cx, natives)) return false;
  JS::RootedString name(cx, JS_NewStringCopyUTF8N(cx, JS::UTF8Chars(configuration, strlen(configuration))));
  return name && JS_DefineProperty(cx, natives, "configuration", name, JSPROP_ENUMERATE) &&
         JS_DefineProperty(cx, global, "host", natives, 0);
}
