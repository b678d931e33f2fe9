// Instances: a compartment each, with the entry's call prepared.

#include "WAVM/IR/Module.h"
#include "WAVM/Runtime/Linker.h"
#include "marks.h"
#include "shared.h"

using namespace WAVM;
using namespace WAVM::IR;
using namespace WAVM::Runtime;

size_t shim::numInstances = 0;

static ValueType asValueType(ShimType type)
{
	switch(type)
	{
	case shimI32: return ValueType::i32;
	case shimI64: return ValueType::i64;
	case shimF32: return ValueType::f32;
	case shimF64: return ValueType::f64;
	}
	return ValueType::none;
}

static bool asShimType(ValueType type, ShimType& out)
{
	for(ShimType candidate : {shimI32, shimI64, shimF32, shimF64})
	{
		if(asValueType(candidate) == type)
		{
			out = candidate;
			return true;
		}
	}
	return false;
}

// Resolves the imports: WASI's where the module has any of them, and the marks.
static ShimStatus resolveImports(ShimInstance& instance,
								 const IR::Module& ir,
								 const ShimWasi& wasi,
								 ImportBindings& bindings)
{
	if(shim::importsWasi(ir))
	{
		std::string error;
		instance.wasi = shim::createWasiProcess(instance.compartment, wasi, error);
		if(!instance.wasi) { return shim::fail(shimInternal, std::move(error)); }
	}
	NullResolver nothing;
	Resolver& others = instance.wasi ? instance.wasi->resolver() : nothing;
	shim::MarksResolver resolver(instance.compartment, others);
	LinkResult linked = linkModule(ir, resolver);
	if(!linked.success)
	{
		const auto& missing = linked.missingImports.front();
		return shim::fail(shimLink,
						  "missing import " + missing.moduleName + "." + missing.exportName + ": "
							  + asString(missing.type));
	}
	bindings = std::move(linked.resolvedImports);
	return shimDone;
}

// Finds the entry, compares its type with the arguments and lays out the call.
static ShimStatus prepare(ShimInstance& instance, const ShimEntry& entry)
{
	const std::string name = shim::text(entry.name);
	instance.function = asFunctionNullable(getInstanceExport(instance.instance, name));
	if(!instance.function) { return shim::fail(shimLink, "no exported function " + name); }
	instance.type = getFunctionType(instance.function);

	std::vector<ValueType> given;
	for(size_t index = 0; index < entry.numArgs; ++index)
	{
		given.push_back(asValueType(entry.args[index].type));
		instance.args.push_back(UntaggedValue(U64(entry.args[index].bits)));
	}
	const bool returnsToCommand = entry.isCommand && instance.type.results().size() != 0;
	if(instance.type.params() != TypeTuple(given) || returnsToCommand)
	{
		return shim::fail(shimLink,
						  name + " has the type " + asString(instance.type)
							  + ", but is called with " + asString(TypeTuple(given))
							  + (entry.isCommand ? " for no result" : ""));
	}

	for(ValueType result : instance.type.results())
	{
		ShimType type;
		if(!asShimType(result, type))
		{ return shim::fail(shimLink, name + " returns " + asString(result)); }
		instance.resultTypes.push_back(type);
	}
	instance.results.resize(instance.resultTypes.size());
	return shimDone;
}

// Chooses how the entry is called; commands may end by throwing their exit code.
static void prepareInvoke(ShimInstance* instance, bool isCommand)
{
	auto invoke = [instance] {
		invokeFunction(instance->context,
					   instance->function,
					   instance->type,
					   instance->args.data(),
					   instance->results.data());
	};
	instance->onTrap
		= [instance](Exception* exception) { instance->status = shim::trap(exception); };
	if(!isCommand)
	{
		instance->invoke = invoke;
		return;
	}
	instance->invoke = [instance, invoke] {
		instance->exitCode = WASI::catchExit([&invoke] {
			invoke();
			return I32(0);
		});
		instance->status = shimExit;
	};
}

static ShimStatus instantiate(ShimInstance& instance,
							  const ShimModule& module,
							  const ShimEntry& entry,
							  const ShimWasi& wasi)
{
	instance.compartment = createCompartment();
	ImportBindings bindings;
	ShimStatus status = resolveImports(instance, getModuleIR(module.module), wasi, bindings);
	if(status != shimDone) { return status; }

	instance.instance
		= instantiateModule(instance.compartment, module.module, std::move(bindings), "guest");
	if(!instance.instance) { return shim::fail(shimInternal, "WAVM is out of instances"); }
	if(instance.wasi && !instance.wasi->attachMemory(instance.instance))
	{ return shim::fail(shimLink, "WASI needs an exported memory"); }

	instance.context = createContext(instance.compartment);
	if(!instance.context) { return shim::fail(shimInternal, "WAVM is out of contexts"); }
	if(Function* start = getStartFunction(instance.instance))
	{ invokeFunction(instance.context, start); }
	if(entry.isReactor)
	{
		Function* initialize
			= asFunctionNullable(getInstanceExport(instance.instance, "_initialize"));
		if(initialize && getFunctionType(initialize) == FunctionType())
		{ invokeFunction(instance.context, initialize); }
	}
	return prepare(instance, entry);
}

static ShimStatus setUp(ShimInstance& instance, const ShimEntry& call)
{
	const std::string name = shim::text(call.name);
	Function* function = asFunctionNullable(getInstanceExport(instance.instance, name));
	if(!function) { return shim::fail(shimLink, "no exported function " + name); }
	const FunctionType type = getFunctionType(function);
	std::vector<ValueType> given;
	std::vector<UntaggedValue> args;
	for(size_t index = 0; index < call.numArgs; ++index)
	{
		given.push_back(asValueType(call.args[index].type));
		args.push_back(UntaggedValue(U64(call.args[index].bits)));
	}
	if(type.params() != TypeTuple(given))
	{
		return shim::fail(shimLink,
						  name + " has the type " + asString(type) + ", but is called with "
							  + asString(TypeTuple(given)));
	}
	std::vector<UntaggedValue> results(type.results().size());
	invokeFunction(instance.context, function, type, args.data(), results.data());
	return shimDone;
}

ShimStatus shim_set_up(ShimInstance* instance, const ShimEntry* call)
{
	return shim::guarded([&] {
		ShimStatus status = shimDone;
		catchRuntimeExceptions([&] { status = setUp(*instance, *call); },
							   [&](Exception* exception) { status = shim::trap(exception); });
		return status;
	});
}

ShimStatus shim_instantiate(const ShimModule* module,
							const ShimEntry* entry,
							const ShimWasi* wasi,
							ShimInstance** out)
{
	return shim::guarded([&] {
		std::unique_ptr<ShimInstance, decltype(&shim_drop_instance)> instance(new ShimInstance,
																			  &shim_drop_instance);
		++shim::numInstances;
		ShimStatus status = shimDone;
		catchRuntimeExceptions([&] { status = instantiate(*instance, *module, *entry, *wasi); },
							   [&](Exception* exception) { status = shim::trap(exception); });
		if(status != shimDone) { return status; }
		prepareInvoke(instance.get(), entry->isCommand);
		*out = instance.release();
		return shimDone;
	});
}

size_t shim_results(const ShimInstance* instance, const ShimType** types, const ShimResult** results)
{
	static_assert(sizeof(ShimResult) == sizeof(UntaggedValue), "results are read in place");
	*types = instance->resultTypes.data();
	*results = reinterpret_cast<const ShimResult*>(instance->results.data());
	return instance->resultTypes.size();
}

ShimStatus shim_call(ShimInstance* instance, int32_t* exitCode)
{
	return shim::guarded([&] {
		instance->status = shimDone;
		catchRuntimeExceptions(instance->invoke, instance->onTrap);
		*exitCode = instance->exitCode;
		return instance->status;
	});
}

ShimStatus shim_call_repeatedly(ShimInstance* instance, uint64_t calls, int32_t* exitCode, bool* same)
{
	return shim::guarded([&] {
		instance->status = shimDone;
		*same = true;
		catchRuntimeExceptions(instance->invoke, instance->onTrap);
		const uint64_t first = instance->results[0].u64;
		for(uint64_t call = 1; call < calls && instance->status == shimDone; ++call)
		{
			catchRuntimeExceptions(instance->invoke, instance->onTrap);
			*same &= instance->results[0].u64 == first;
		}
		if(instance->status == shimDone) { instance->results[0].u64 = first; }
		*exitCode = instance->exitCode;
		return instance->status;
	});
}

ShimStatus shim_call_bare(ShimInstance* instance, uint64_t calls)
{
	return shim::guarded([&] {
		instance->status = shimDone;
		for(uint64_t call = 0; call < calls && instance->status == shimDone; ++call)
		{ catchRuntimeExceptions(instance->invoke, instance->onTrap); }
		return instance->status;
	});
}

bool shim_drop_instance(ShimInstance* instance)
{
	// Every root goes before the compartment is collected, or its address space stays reserved.
	GCPointer<Compartment> compartment = std::move(instance->compartment);
	delete instance;
	--shim::numInstances;
	return !compartment || tryCollectCompartment(std::move(compartment));
}
