# WAMR's AOT compiler, which its build offers only together with the JIT. WAMR's build reads this file in place of the
# one for the platform: after the check that refuses SIMD beside the classic interpreter, which runs nothing here, and
# before it chooses the function that calls compiled code, which must fit SIMD.
include(${SHARED_DIR}/platform/${WAMR_BUILD_PLATFORM}/shared_platform.cmake)
set(WAMR_BUILD_SIMD 1)
add_definitions(-DWASM_ENABLE_WAMR_COMPILER=1 -DWASM_ENABLE_SIMD=1)
find_package(LLVM REQUIRED CONFIG)
include_directories(SYSTEM ${LLVM_INCLUDE_DIRS})
add_definitions(${LLVM_DEFINITIONS})
include(${IWASM_DIR}/compilation/iwasm_compl.cmake)
