// What WAVM keeps per process: its signal handlers, its invoke thunks and its target.

#include "WAVM/IR/FeatureSpec.h"
#include "WAVM/LLVMJIT/LLVMJIT.h"
#include "shared.h"

using namespace WAVM;

static thread_local std::string lastError;

ShimStatus shim::fail(ShimStatus status, std::string&& message)
{
	lastError = std::move(message);
	return status;
}

ShimStatus shim::trap(Runtime::Exception* exception)
{
	// The first line is the description; the call stack follows it.
	std::string message = Runtime::describeException(exception);
	Runtime::destroyException(exception);
	return fail(shimTrap, message.substr(0, message.find('\n')));
}

ShimBytes shim_error()
{
	return {reinterpret_cast<const uint8_t*>(lastError.data()), lastError.size()};
}

ShimBytes shim_target_cpu()
{
	static const std::string cpu = LLVMJIT::getHostTargetSpec().cpu;
	return {reinterpret_cast<const uint8_t*>(cpu.data()), cpu.size()};
}

void shim_llvm_version(uint32_t version[3])
{
	const LLVMJIT::Version llvm = LLVMJIT::getVersion();
	version[0] = uint32_t(llvm.llvmMajor);
	version[1] = uint32_t(llvm.llvmMinor);
	version[2] = uint32_t(llvm.llvmPatch);
}

ShimStatus shim_create()
{
	return shim::guarded([] {
		// Invoke thunks are cached by signature for the whole process: without this, only the
		// first pass of a process would compile the thunk that every program has to compile.
		LLVMJIT::forgetInvokeThunks(shim::numInstances == 0);

		// The first use installs signal handlers and an alternative stack.
		Runtime::catchRuntimeExceptions([] {}, [](Runtime::Exception*) {});
		return shimDone;
	});
}
