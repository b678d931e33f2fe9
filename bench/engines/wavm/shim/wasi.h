// A WASI process of WAVM with this project's streams and folders.
#pragma once

#include <memory>
#include <string>
#include "WAVM/Runtime/Linker.h"
#include "WAVM/VFS/VFS.h"
#include "WAVM/WASI/WASI.h"
#include "shim.h"

namespace shim {
	struct WasiProcess
	{
		// The process closes its descriptors through the file system: it goes first.
		std::unique_ptr<WAVM::VFS::FileSystem> folders;
		std::shared_ptr<WAVM::WASI::Process> process;

		WAVM::Runtime::Resolver& resolver() { return WAVM::WASI::getProcessResolver(*process); }

		// Gives the process the guest's memory; false when the guest exports none.
		bool attachMemory(const WAVM::Runtime::Instance* instance);
	};

	bool importsWasi(const WAVM::IR::Module& ir);

	// Makes a process, or explains in `error` why it cannot.
	std::unique_ptr<WasiProcess> createWasiProcess(WAVM::Runtime::Compartment* compartment,
												   const ShimWasi& wasi,
												   std::string& error);
}
