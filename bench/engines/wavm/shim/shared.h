// What the shim's files share: the types behind the opaque pointers, and how errors are kept.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>
#include "WAVM/IR/Value.h"
#include "WAVM/Runtime/Runtime.h"
#include "shim.h"
#include "wasi.h"

struct ShimModule
{
	WAVM::Runtime::ModuleRef module;
	std::vector<WAVM::U8> artifact;
};

struct ShimInstance
{
	WAVM::Runtime::GCPointer<WAVM::Runtime::Compartment> compartment;
	std::unique_ptr<shim::WasiProcess> wasi;
	WAVM::Runtime::GCPointer<WAVM::Runtime::Instance> instance;
	WAVM::Runtime::GCPointer<WAVM::Runtime::Context> context;

	// The prepared call: nothing is resolved, converted or allocated when it is made.
	WAVM::Runtime::Function* function = nullptr;
	WAVM::IR::FunctionType type;
	std::vector<WAVM::IR::UntaggedValue> args;
	std::vector<WAVM::IR::UntaggedValue> results;
	std::vector<ShimType> resultTypes;
	std::function<void()> invoke;
	std::function<void(WAVM::Runtime::Exception*)> onTrap;
	ShimStatus status = shimDone;
	WAVM::I32 exitCode = 0;
};

namespace shim {
	// The instances that live: while one does, the thunk that calls it must stay loaded.
	extern size_t numInstances;

	// Keeps `message` for shim_error and gives `status` back.
	ShimStatus fail(ShimStatus status, std::string&& message);

	// Keeps WAVM's description of `exception` for shim_error and destroys it.
	ShimStatus trap(WAVM::Runtime::Exception* exception);

	inline std::string text(ShimBytes bytes)
	{
		return std::string(reinterpret_cast<const char*>(bytes.data), bytes.size);
	}

	// Runs `thunk`, which gives a status; what it throws becomes shimInternal.
	template<typename Thunk> ShimStatus guarded(Thunk&& thunk) noexcept
	{
		try
		{
			return thunk();
		}
		catch(const std::exception& exception)
		{
			return fail(shimInternal, exception.what());
		}
		catch(...)
		{
			return fail(shimInternal, "WAVM threw an unknown C++ exception");
		}
	}
}
