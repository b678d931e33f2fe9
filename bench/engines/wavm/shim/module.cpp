// Compilation, artifacts and loading. An artifact is what `wavm compile` writes: the module in
// wasm format with the object code in a custom section.

#include "WAVM/IR/FeatureSpec.h"
#include "WAVM/IR/Module.h"
#include "WAVM/WASM/WASM.h"
#include "shared.h"

using namespace WAVM;

static const char objectSectionName[] = "wavm.precompiled_object";

// A module that needs a feature which WAVM leaves off by default is not a bad module.
static ShimStatus reject(const WASM::LoadError& error)
{
	const std::string suffix = " feature";
	const std::string& message = error.message;
	const bool needsFeature = message.find(" requires ") != std::string::npos
							  && message.size() > suffix.size()
							  && message.compare(message.size() - suffix.size(), suffix.size(), suffix) == 0;
	return shim::fail(needsFeature ? shimUnsupported : shimInvalid, std::string(message));
}

ShimStatus shim_validate(ShimBytes wasm)
{
	return shim::guarded([&] {
		IR::Module ir{IR::FeatureSpec()};
		WASM::LoadError error;
		if(!WASM::loadBinaryModule(wasm.data, wasm.size, ir, &error)) { return reject(error); }
		return shimDone;
	});
}

ShimStatus shim_compile(ShimBytes wasm, ShimModule** module)
{
	return shim::guarded([&] {
		auto compiled = std::make_unique<ShimModule>();
		WASM::LoadError error;
		if(!Runtime::loadBinaryModule(
			   wasm.data, wasm.size, compiled->module, IR::FeatureSpec(), &error))
		{ return reject(error); }
		*module = compiled.release();
		return shimDone;
	});
}

ShimStatus shim_save(ShimModule* module, ShimBytes* artifact)
{
	return shim::guarded([&] {
		IR::Module ir = Runtime::getModuleIR(module->module);
		ir.customSections.push_back(IR::CustomSection{IR::OrderedSectionID::moduleBeginning,
													  objectSectionName,
													  Runtime::getObjectCode(module->module)});
		module->artifact = WASM::saveBinaryModule(ir);
		*artifact = {module->artifact.data(), module->artifact.size()};
		return shimDone;
	});
}

ShimStatus shim_load(ShimBytes artifact, ShimModule** module)
{
	return shim::guarded([&] {
		IR::Module ir{IR::FeatureSpec()};
		WASM::LoadError error;
		if(!WASM::loadBinaryModule(artifact.data, artifact.size, ir, &error))
		{ return reject(error); }
		for(const IR::CustomSection& section : ir.customSections)
		{
			if(section.name != objectSectionName) { continue; }
			auto loaded = std::make_unique<ShimModule>();
			loaded->module = Runtime::loadPrecompiledModule(ir, section.data);
			*module = loaded.release();
			return shimDone;
		}
		return shim::fail(shimInvalid, std::string("no section ") + objectSectionName);
	});
}

void shim_drop_module(ShimModule* module) { delete module; }
