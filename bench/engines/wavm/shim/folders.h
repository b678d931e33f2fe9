// A file system that shows folders of the host under the guest's paths for them.
#pragma once

#include <string>
#include <vector>
#include "WAVM/Platform/File.h"
#include "WAVM/VFS/VFS.h"
#include "shim.h"

namespace shim {
	struct Folders : WAVM::VFS::FileSystem
	{
		Folders(const ShimFolder* folders, size_t numFolders);

		WAVM::VFS::Result open(const std::string& path,
							   WAVM::VFS::FileAccessMode accessMode,
							   WAVM::VFS::FileCreateMode createMode,
							   WAVM::VFS::VFD*& out,
							   const WAVM::VFS::VFDFlags& flags) override;
		WAVM::VFS::Result getFileInfo(const std::string& path, WAVM::VFS::FileInfo& out) override;
		WAVM::VFS::Result setFileTimes(const std::string& path,
									   bool setLastAccessTime,
									   WAVM::Time lastAccessTime,
									   bool setLastWriteTime,
									   WAVM::Time lastWriteTime) override;
		WAVM::VFS::Result openDir(const std::string& path, WAVM::VFS::DirEntStream*& out) override;
		WAVM::VFS::Result unlinkFile(const std::string& path) override;
		WAVM::VFS::Result removeDir(const std::string& path) override;
		WAVM::VFS::Result createDir(const std::string& path) override;

	private:
		struct Folder
		{
			std::string guest;
			std::string host;
		};
		std::vector<Folder> folders;

		// The host's path for a guest's one, by the longest folder that contains it; false where
		// there is none, or a link leads out of it.
		bool locate(const std::string& path, std::string& out) const;

		// Does `operation` with the host's path.
		template<typename Operation>
		WAVM::VFS::Result with(const std::string& path, Operation&& operation) const
		{
			std::string host;
			if(!locate(path, host)) { return WAVM::VFS::Result::doesNotExist; }
			return operation(WAVM::Platform::getHostFS(), host);
		}
	};
}
