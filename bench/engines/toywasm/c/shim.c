/* Stands between toywasm's structures and the worker in Rust, which would otherwise repeat their layouts.
 * Everything here is one call of toywasm's interface, or as much as its own program does around one. */

#define _GNU_SOURCE /* strdup */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "exec.h"
#include "host_instance.h"
#include "instance.h"
#include "load_context.h"
#include "mem.h"
#include "module.h"
#include "report.h"
#include "type.h"

/* Enough for every sample; without a bound, endless recursion takes all memory. */
#define MAX_FRAMES (1u << 16)
#define MAX_STACKCELLS (1u << 22)

/* As MOST in src/api.rs. */
#define WORKER_MOST 16

/* How a request ended. */
enum outcome { FINE = 0, FAILED = 1, TRAPPED = 2 };

void worker_mark_start(void);
void worker_mark_end(void);

static int
mark_start(struct exec_context *ctx, struct host_instance *hi, const struct functype *ft,
           const struct cell *params, struct cell *results)
{
        worker_mark_start();
        return 0;
}

static int
mark_end(struct exec_context *ctx, struct host_instance *hi, const struct functype *ft,
         const struct cell *params, struct cell *results)
{
        worker_mark_end();
        return 0;
}

static const struct host_func mark_funcs[] = {
        HOST_FUNC("start", mark_start, "()"),
        HOST_FUNC("end", mark_end, "()"),
};
static const struct name mark_module = NAME_FROM_CSTR_LITERAL("bench");
static const struct host_module mark_modules[] = {
        {.module_name = &mark_module, .funcs = mark_funcs, .nfuncs = 2},
};

/* What modules and instances belong to, and what they may import. */
struct engine {
        struct mem_context mctx;
        struct host_instance host;
        struct import_object *imports;
};

/* The message that the caller owns and frees. */
static char *
words(const struct report *report)
{
        const char *message = report_getmessage(report);
        return strdup(message == NULL ? "" : message);
}

void
worker_free_words(char *message)
{
        free(message);
}

struct engine *
worker_engine_new(void)
{
        struct engine *engine = calloc(1, sizeof(*engine));
        if (engine == NULL) {
                return NULL;
        }
        mem_context_init(&engine->mctx);
        if (import_object_create_for_host_funcs(&engine->mctx, mark_modules, 1, &engine->host,
                                                &engine->imports) != 0) {
                mem_context_clear(&engine->mctx);
                free(engine);
                return NULL;
        }
        return engine;
}

void
worker_engine_free(struct engine *engine)
{
        import_object_destroy(&engine->mctx, engine->imports);
        mem_context_clear(&engine->mctx);
        free(engine);
}

/* toywasm points into `bytes`, so they must outlive the module. */
enum outcome
worker_module_new(struct engine *engine, const uint8_t *bytes, size_t size, struct module **module,
                  char **message)
{
        struct load_context ctx;
        load_context_init(&ctx, &engine->mctx);
        int ret = module_create(module, bytes, bytes + size, &ctx);
        if (ret != 0) {
                *message = words(&ctx.report);
        }
        load_context_clear(&ctx);
        return ret == 0 ? FINE : FAILED;
}

void
worker_module_free(struct engine *engine, struct module *module)
{
        module_destroy(&engine->mctx, module);
}

static void
begin(struct exec_context *ctx, struct engine *engine, struct instance *instance)
{
        exec_context_init(ctx, instance, &engine->mctx);
        ctx->options.max_frames = MAX_FRAMES;
        ctx->options.max_stackcells = MAX_STACKCELLS;
}

static enum outcome
ended(struct exec_context *ctx, int ret, char **message)
{
        if (ret == 0) {
                return FINE;
        }
        if (ret == ETOYWASMTRAP) {
                *message = words(ctx->report);
                return TRAPPED;
        }
        *message = strdup(strerror(ret));
        return FAILED;
}

/* Links; worker_instance_init fills memories and calls the start function. */
enum outcome
worker_instance_new(struct engine *engine, const struct module *module, struct instance **instance,
                    char **message)
{
        struct report report;
        report_init(&report);
        int ret = instance_create_no_init(&engine->mctx, module, instance, engine->imports, &report);
        if (ret != 0) {
                *message = words(&report);
        }
        report_clear(&report);
        return ret == 0 ? FINE : FAILED;
}

enum outcome
worker_instance_init(struct engine *engine, struct instance *instance, char **message)
{
        struct exec_context ctx;
        begin(&ctx, engine, instance);
        int ret = instance_execute_init(&ctx);
        ret = instance_execute_handle_restart(&ctx, ret);
        enum outcome outcome = ended(&ctx, ret, message);
        exec_context_clear(&ctx);
        return outcome;
}

void
worker_instance_free(struct instance *instance)
{
        instance_destroy(instance);
}

bool
worker_find(const struct module *module, const char *bytes, uint32_t size, uint32_t *index)
{
        struct name name = {.nbytes = size, .data = bytes};
        return module_find_export(module, &name, EXTERNTYPE_FUNC, index) == 0;
}

uint32_t
worker_type_count(const struct module *module, uint32_t index, bool results)
{
        const struct functype *ft = module_functype(module, index);
        return results ? ft->result.ntypes : ft->parameter.ntypes;
}

/* The type as the binary format numbers it, in its low seven bits. */
uint32_t
worker_type(const struct module *module, uint32_t index, bool results, uint32_t i)
{
        const struct functype *ft = module_functype(module, index);
        return (uint32_t)(results ? ft->result.types : ft->parameter.types)[i] & 0x7f;
}

/* Calls a function. Both arrays have as many values as it takes and gives, at most WORKER_MOST; numbers are in the
 * low bytes (the machine is little-endian). */
enum outcome
worker_call(struct engine *engine, const struct module *module, struct instance *instance, uint32_t index,
            const uint64_t *args, uint64_t *results, char **message)
{
        const struct functype *ft = module_functype(module, index);
        const struct resulttype *pt = &ft->parameter;
        const struct resulttype *rt = &ft->result;
        struct val vals[WORKER_MOST];
        for (uint32_t i = 0; i < pt->ntypes; i++) {
                vals[i].u.i64 = args[i];
        }
        struct exec_context ctx;
        begin(&ctx, engine, instance);
        int ret = exec_push_vals(&ctx, pt, vals);
        if (ret == 0) {
                ret = instance_execute_func(&ctx, index, pt, rt);
                ret = instance_execute_handle_restart(&ctx, ret);
        }
        enum outcome outcome = ended(&ctx, ret, message);
        if (outcome == FINE) {
                exec_pop_vals(&ctx, rt, vals);
                for (uint32_t i = 0; i < rt->ntypes; i++) {
                        results[i] = vals[i].u.i64;
                }
        }
        exec_context_clear(&ctx);
        return outcome;
}
