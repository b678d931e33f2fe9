/* How the worker enters compiled modules: a trap must come back to it, and only C can call setjmp. */

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include "wasm-rt.h"
#include "wasm-rt-exceptions.h"

/* Where a trap and an exception that nothing catches go. The worker enters modules from one thread, one
   call at a time. */
static wasm_rt_jmp_buf home;

/* wasm2c's own wasm_rt_impl_try has setjmp save the signal mask, a system call at every entry. Here it
   is not saved; instead a trap, which may come out of the handler, lets its signals through again. */
void worker_trapped(wasm_rt_trap_t trap) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGSEGV);
  sigaddset(&signals, SIGBUS);
  sigprocmask(SIG_UNBLOCK, &signals, NULL);
  siglongjmp(home.buffer, (int)trap);
}

#define ENTER(call)                              \
  do {                                           \
    wasm_rt_set_unwind_target(&home);            \
    home.initialized = true;                     \
    int trap = sigsetjmp(home.buffer, 0);        \
    if (trap != 0) return trap;                  \
    call;                                        \
    return WASM_RT_TRAP_NONE;                    \
  } while (0)

/* Calls a module's function that takes nothing but its instance. */
int worker_enter(void (*function)(void*), void* instance) {
  ENTER(function(instance));
}

/* Calls an export through its wrapper, with numbers as their bits. */
int worker_call(void (*wrapper)(void*, const uint64_t*, uint64_t*), void* instance, const uint64_t* args,
                uint64_t* results) {
  ENTER(wrapper(instance, args, results));
}

/* Calls an export of type (i32) -> i64. */
int worker_call_i32_i64(uint64_t (*function)(void*, uint32_t), void* instance, uint32_t arg,
                        uint64_t* result) {
  ENTER(*result = function(instance, arg));
}
