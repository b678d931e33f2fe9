// What the host's two parts share.
#pragma once

#include <jsapi.h>

namespace host {

// Gives `global` the object `host` with the functions of natives.cpp and the text `configuration`.
bool defineNatives(JSContext* cx, JS::HandleObject global, const char* configuration);

// Sets which compilers take WebAssembly. With one alone, no function is compiled twice.
void setWasmCompilers(JSContext* cx, bool baseline, bool ion);

}  // namespace host
