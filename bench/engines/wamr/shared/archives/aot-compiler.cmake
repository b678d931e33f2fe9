# WAMR's platform, and its AOT compiler, which WAMR's build offers only with the JIT: what its own program `wamrc`
# adds. It is read between the check that refuses SIMD beside the classic interpreter, which runs nothing here, and
# the choice of the function that calls compiled code with vectors.
include(${SHARED_DIR}/platform/${WAMR_BUILD_PLATFORM}/shared_platform.cmake)
set(WAMR_BUILD_SIMD 1)
add_definitions(-DWASM_ENABLE_WAMR_COMPILER=1 -DWASM_ENABLE_SIMD=1)
find_package(LLVM REQUIRED CONFIG)
include_directories(SYSTEM ${LLVM_INCLUDE_DIRS})
add_definitions(${LLVM_DEFINITIONS})
include(${IWASM_DIR}/compilation/iwasm_compl.cmake)
