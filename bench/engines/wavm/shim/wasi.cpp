// WAVM's public interface gives a WASI process one folder, always under the path "/". The
// descriptors of further folders are entered into its table here.

#include "wasi.h"
#include "WASIPrivate.h"
#include "WAVM/IR/Module.h"
#include "WAVM/Platform/File.h"
#include "folders.h"
#include "shared.h"

using namespace WAVM;

bool shim::importsWasi(const IR::Module& ir)
{
	for(const auto& import : ir.functions.imports)
	{
		if(import.moduleName == "wasi_snapshot_preview1" || import.moduleName == "wasi_unstable")
		{ return true; }
	}
	return false;
}

bool shim::WasiProcess::attachMemory(const Runtime::Instance* instance)
{
	Runtime::Object* memory = Runtime::getInstanceExport(instance, "memory");
	if(!memory || !Runtime::asMemoryNullable(memory)) { return false; }
	WASI::setProcessMemory(*process, Runtime::asMemory(memory));
	return true;
}

// Opens a descriptor of this process anew, from its start: WAVM closes what it is given.
static VFS::VFD* reopen(int descriptor, VFS::FileAccessMode mode, std::string& error)
{
	VFS::VFD* opened = nullptr;
	const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
	const VFS::Result result
		= Platform::getHostFS().open(path, mode, VFS::FileCreateMode::openExisting, opened);
	if(result == VFS::Result::success) { return opened; }
	error = "cannot open " + path + ": " + VFS::describeResult(result);
	return nullptr;
}

static std::vector<std::string> texts(const ShimBytes* items, size_t numItems)
{
	std::vector<std::string> result;
	for(size_t index = 0; index < numItems; ++index) { result.push_back(shim::text(items[index])); }
	return result;
}

static bool openStandardStreams(const ShimWasi& wasi, VFS::VFD* (&streams)[3], std::string& error)
{
	using VFS::FileAccessMode;
	const FileAccessMode modes[3]
		= {FileAccessMode::readOnly, FileAccessMode::writeOnly, FileAccessMode::writeOnly};
	for(size_t index = 0; index < 3; ++index)
	{
		streams[index] = reopen(wasi.stdio[index], modes[index], error);
		if(streams[index]) { continue; }
		while(index > 0) { streams[--index]->close(); }
		return false;
	}
	return true;
}

// Opens one folder for the guest, as the next descriptor after those that are open.
static bool preopen(WASI::Process& process, const std::string& guest, std::string& error)
{
	VFS::VFD* folder = nullptr;
	const VFS::Result result = process.fileSystem->open(
		guest, VFS::FileAccessMode::none, VFS::FileCreateMode::openExisting, folder);
	if(result != VFS::Result::success)
	{
		error = "cannot open the folder for " + guest + ": " + VFS::describeResult(result);
		return false;
	}
	process.fdMap.insertOrFail(__wasi_fd_t(process.fdMap.size()),
							   std::make_shared<WASI::FDE>(folder,
														   DIRECTORY_RIGHTS,
														   INHERITING_DIRECTORY_RIGHTS,
														   std::string(guest),
														   true,
														   __WASI_PREOPENTYPE_DIR));
	return true;
}

std::unique_ptr<shim::WasiProcess> shim::createWasiProcess(Runtime::Compartment* compartment,
														   const ShimWasi& wasi,
														   std::string& error)
{
	VFS::VFD* streams[3];
	if(!openStandardStreams(wasi, streams, error)) { return nullptr; }

	auto created = std::make_unique<WasiProcess>();
	created->folders = std::make_unique<Folders>(wasi.folders, wasi.numFolders);
	created->process = WASI::createProcess(compartment,
										   texts(wasi.args, wasi.numArgs),
										   texts(wasi.env, wasi.numEnv),
										   nullptr,
										   streams[0],
										   streams[1],
										   streams[2]);
	created->process->fileSystem = created->folders.get();
	for(size_t index = 0; index < wasi.numFolders; ++index)
	{
		if(!preopen(*created->process, text(wasi.folders[index].guest), error)) { return nullptr; }
	}
	return created;
}
