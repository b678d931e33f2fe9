// The two marks are the worker's own; WAVM calls them as intrinsics.

#include "marks.h"
#include "WAVM/Runtime/Intrinsics.h"
#include "shim.h"

using namespace WAVM;

WAVM_DEFINE_INTRINSIC_MODULE(benchMarks)

WAVM_DEFINE_INTRINSIC_FUNCTION(benchMarks, "start", void, markStart) { shim_mark_start(); }
WAVM_DEFINE_INTRINSIC_FUNCTION(benchMarks, "end", void, markEnd) { shim_mark_end(); }

bool shim::MarksResolver::resolve(const std::string& moduleName,
								  const std::string& exportName,
								  IR::ExternType type,
								  Runtime::Object*& outObject)
{
	if(moduleName != "bench") { return others.resolve(moduleName, exportName, type, outObject); }
	if(!marks)
	{
		marks = Intrinsics::instantiateModule(
			compartment, {WAVM_INTRINSIC_MODULE_REF(benchMarks)}, "bench");
	}
	outObject = marks ? Runtime::getInstanceExport(marks, exportName) : nullptr;
	return outObject && Runtime::isA(outObject, type);
}
