// Finds an import that nobody has provided. wasm3 itself says so only when it translates a call of it, and
// its interface lists no imports.

#include <stdbool.h>

#include "m3_env.h"

// The first function that `module` imports and that is not linked: its module and name, which live as long
// as `module`. False where there is none.
bool worker_import_not_provided (IM3Module module, const char ** of, const char ** name)
{
    for (u32 i = 0; i < module->numFuncImports; ++i)
    {
        IM3Function function = & module->functions [i];
        if (not function->compiled)
        {
            * of = function->import.moduleUtf8;
            * name = function->import.fieldUtf8;
            return true;
        }
    }
    return false;
}
