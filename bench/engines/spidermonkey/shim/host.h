// What the host's parts share.
#pragma once

#include <jsapi.h>

namespace host {

// Gives `global` the object `host` with the functions of natives.cpp and the text `configuration`.
bool defineNatives(JSContext* cx, JS::HandleObject global, const char* configuration);

// Sets which compilers take WebAssembly. With one alone, no function is compiled twice.
void setWasmCompilers(JSContext* cx, bool baseline, bool ion);

// Lets streams be compiled, which realms that are made afterwards have a function for.
bool initStreams(JSContext* cx);

// Gives `natives` the functions of streams.cpp.
bool defineStreams(JSContext* cx, JS::HandleObject natives);

}  // namespace host
