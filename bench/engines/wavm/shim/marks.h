// `bench.start` and `bench.end`, for modules that mark the stretch to be timed.
#pragma once

#include "WAVM/Runtime/Linker.h"

namespace shim {
	// Resolves the two, and leaves everything else to another resolver.
	struct MarksResolver : WAVM::Runtime::Resolver
	{
		MarksResolver(WAVM::Runtime::Compartment* inCompartment, WAVM::Runtime::Resolver& inOthers)
		: compartment(inCompartment), others(inOthers)
		{
		}

		bool resolve(const std::string& moduleName,
					 const std::string& exportName,
					 WAVM::IR::ExternType type,
					 WAVM::Runtime::Object*& outObject) override;

	private:
		WAVM::Runtime::Compartment* compartment;
		WAVM::Runtime::Resolver& others;
		// Made when it is first asked for: its thunks are compiled by LLVM.
		WAVM::Runtime::GCPointer<WAVM::Runtime::Instance> marks;
	};
}
