// Paths that are shown under other names; every operation is the host file system's own.

#include "folders.h"
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "shared.h"

using namespace WAVM;
using namespace WAVM::VFS;

static std::string withoutTrailingSlash(std::string&& path)
{
	if(!path.empty() && path.back() == '/') { path.pop_back(); }
	return std::move(path);
}

shim::Folders::Folders(const ShimFolder* inFolders, size_t numFolders)
{
	for(size_t index = 0; index < numFolders; ++index)
	{
		folders.push_back({withoutTrailingSlash(text(inFolders[index].guest)),
						   withoutTrailingSlash(text(inFolders[index].host))});
	}
}

// Whether `path`, or where it is not there yet the folder that it is to be in, lies below `root`
// once all links are followed. WAVM looks at the names alone.
static bool isBelow(const std::string& root, const std::string& path)
{
	char realRoot[PATH_MAX], realPath[PATH_MAX];
	if(!realpath(root.c_str(), realRoot)) { return false; }
	if(realpath(path.c_str(), realPath))
	{
		const std::string below(realPath), folder(realRoot);
		return below.compare(0, folder.size(), folder) == 0
			   && (below.size() == folder.size() || folder == "/" || below[folder.size()] == '/');
	}
	struct stat status;
	// A link to nothing is followed by whatever creates a file.
	if(lstat(path.c_str(), &status) == 0 || path.size() <= root.size()) { return false; }
	return isBelow(root, path.substr(0, path.rfind('/')));
}

bool shim::Folders::locate(const std::string& path, std::string& out) const
{
	const std::string wanted = withoutTrailingSlash(std::string(path));
	const Folder* best = nullptr;
	for(const Folder& folder : folders)
	{
		const size_t size = folder.guest.size();
		const bool contains = wanted.compare(0, size, folder.guest) == 0
							  && (wanted.size() == size || wanted[size] == '/');
		if(contains && (!best || size > best->guest.size())) { best = &folder; }
	}
	if(!best) { return false; }
	out = best->host + '/' + wanted.substr(best->guest.size());
	return isBelow(best->host, out);
}

Result shim::Folders::open(const std::string& path,
						   FileAccessMode accessMode,
						   FileCreateMode createMode,
						   VFD*& out,
						   const VFDFlags& flags)
{
	return with(path, [&](FileSystem& host, const std::string& at) {
		return host.open(at, accessMode, createMode, out, flags);
	});
}

Result shim::Folders::getFileInfo(const std::string& path, FileInfo& out)
{
	return with(path, [&](FileSystem& host, const std::string& at) { return host.getFileInfo(at, out); });
}

Result shim::Folders::setFileTimes(const std::string& path,
								   bool setLastAccessTime,
								   Time lastAccessTime,
								   bool setLastWriteTime,
								   Time lastWriteTime)
{
	return with(path, [&](FileSystem& host, const std::string& at) {
		return host.setFileTimes(
			at, setLastAccessTime, lastAccessTime, setLastWriteTime, lastWriteTime);
	});
}

Result shim::Folders::openDir(const std::string& path, DirEntStream*& out)
{
	return with(path, [&](FileSystem& host, const std::string& at) { return host.openDir(at, out); });
}

Result shim::Folders::unlinkFile(const std::string& path)
{
	return with(path, [](FileSystem& host, const std::string& at) { return host.unlinkFile(at); });
}

Result shim::Folders::removeDir(const std::string& path)
{
	return with(path, [](FileSystem& host, const std::string& at) { return host.removeDir(at); });
}

Result shim::Folders::createDir(const std::string& path)
{
	return with(path, [](FileSystem& host, const std::string& at) { return host.createDir(at); });
}
