// The C interface between the worker and WAVM: plain structs, functions and status codes.
// No C++ exception crosses it. `src/ffi.rs` mirrors every declaration.
#pragma once

#include <stddef.h>
#include <stdint.h>

extern "C" {

// How a function ended.
enum ShimStatus : uint32_t
{
	shimDone = 0,
	// A WASI command ended itself; the exit code is in the `exitCode` argument.
	shimExit = 1,
	shimUnsupported = 2,
	shimInvalid = 3,
	shimLink = 4,
	shimTrap = 5,
	shimInternal = 6,
};

// Bytes of the caller or of the shim, UTF-8 where they are text; not terminated.
struct ShimBytes
{
	const uint8_t* data;
	size_t size;
};

// A type of a WebAssembly number.
enum ShimType : uint32_t
{
	shimI32 = 0,
	shimI64 = 1,
	shimF32 = 2,
	shimF64 = 3,
};

// A WebAssembly number; 32-bit numbers use the lower half of `bits`.
struct ShimValue
{
	uint64_t bits;
	ShimType type;
};

// A folder of the host and the path under which the guest sees it.
struct ShimFolder
{
	ShimBytes host;
	ShimBytes guest;
};

// The world of a WASI process. Environment variables are `NAME=value`.
struct ShimWasi
{
	const ShimBytes* args;
	size_t numArgs;
	const ShimBytes* env;
	size_t numEnv;
	const ShimFolder* folders;
	size_t numFolders;
	// Descriptors of standard input, output and error; they stay the caller's.
	int stdio[3];
};

// What is called: an export with arguments, or `_start` of a WASI command.
struct ShimEntry
{
	ShimBytes name;
	const ShimValue* args;
	size_t numArgs;
	bool isCommand;
	// Whether `_initialize`, where it is exported, is called once before.
	bool isReactor;
};

// The result of a call, in WAVM's layout: the lower bytes hold the number.
struct ShimResult
{
	uint64_t bits;
	uint64_t unused;
};

struct ShimModule;
struct ShimInstance;

// What the worker does at `bench.start` and `bench.end`; it provides these two.
void shim_mark_start();
void shim_mark_end();

// The description of this thread's last status that was neither shimDone nor shimExit. Valid
// until the next call of the shim.
ShimBytes shim_error();

// The processor that WAVM compiles for, and the version of LLVM as three numbers.
ShimBytes shim_target_cpu();
void shim_llvm_version(uint32_t version[3]);

// Sets up what WAVM keeps per process and forgets what earlier passes left there.
ShimStatus shim_create();

// Decodes and validates a module, and drops it.
ShimStatus shim_validate(ShimBytes wasm);
// Compiles a module.
ShimStatus shim_compile(ShimBytes wasm, ShimModule** module);
// Makes the bytes of an artifact, which stay valid until the module is dropped or saved again.
ShimStatus shim_save(ShimModule* module, ShimBytes* artifact);
// Makes a module of the bytes of an artifact.
ShimStatus shim_load(ShimBytes artifact, ShimModule** module);
void shim_drop_module(ShimModule* module);

// Makes an instance in a compartment of its own, runs its start function and prepares its entry.
ShimStatus shim_instantiate(const ShimModule* module,
							const ShimEntry* entry,
							const ShimWasi* wasi,
							ShimInstance** instance);
// The number of results of the entry, their types, and where every call leaves them.
size_t shim_results(const ShimInstance* instance, const ShimType** types, const ShimResult** results);
// Calls another export, before the entry; its results are dropped.
ShimStatus shim_set_up(ShimInstance* instance, const ShimEntry* call);
// Calls the entry.
ShimStatus shim_call(ShimInstance* instance, int32_t* exitCode);
// Calls the entry, which has one 64-bit result, `calls` times, at least once: the result is the first
// call's, and `same` tells whether all others had the same.
ShimStatus shim_call_repeatedly(ShimInstance* instance, uint64_t calls, int32_t* exitCode, bool* same);
// Calls the entry again and again and reads no result; ends at the first trap.
ShimStatus shim_call_bare(ShimInstance* instance, uint64_t calls);
// Frees the instance and its compartment. False if WAVM still holds a reference into it.
bool shim_drop_instance(ShimInstance* instance);
}
