/* The C ABI of PPFederation. Written by `cargo run -p bindings` from rust-core/abi/src/ffi; do not edit. */

#ifndef PPFEDERATION_H
#define PPFEDERATION_H

#include <stddef.h>
#include <stdint.h>

/**
 * The version of the ABI: functions, numbers and layouts. The module refuses a library of another one.
 */
#define PP_ABI_VERSION 1

/**
 * It worked.
 */
#define PP_OK 0

/**
 * A bug of this library: the call or the job's worker panicked. A job that gives it once gives it for ever.
 */
#define PP_PANIC 1

/**
 * A pointer is null that may not be.
 */
#define PP_NULL_POINTER 2

/**
 * A length is over `PP_MAX_INPUT`.
 */
#define PP_BAD_LENGTH 3

/**
 * The request, or a secret it refers to, is not UTF-8.
 */
#define PP_BAD_UTF8 4

/**
 * The job handle is stale, foreign, or freed already.
 */
#define PP_BAD_HANDLE 5

/**
 * 64 jobs run already (or the system gives no thread), or another thread is in `pp_job_next` of this job.
 */
#define PP_BUSY 6

/**
 * The most bytes a request or a secrets block may have: 16 MiB.
 */
#define PP_MAX_INPUT 16777216

/**
 * Nothing happened within the time-out.
 */
#define PP_EVENT_NONE 0

/**
 * CLIXML of one object: `Activity`, `Status`, `PercentComplete` and `SecondsRemaining` (-1 unknown).
 */
#define PP_EVENT_PROGRESS 1

/**
 * UTF-8 text for the verbose stream.
 */
#define PP_EVENT_VERBOSE 2

/**
 * UTF-8 text for the warning stream.
 */
#define PP_EVENT_WARNING 3

/**
 * UTF-8 text for the information stream.
 */
#define PP_EVENT_INFORMATION 4

/**
 * CLIXML of one or more objects; at most 1 MiB unless one object alone is larger.
 */
#define PP_EVENT_OBJECTS 5

/**
 * A secret: its number in this job (u32, little-endian, from 1), then its UTF-8 bytes.
 */
#define PP_EVENT_SECRET 6

/**
 * CLIXML of one object: `Id`, `Message`, `Category`, `Target`, `HttpStatus`, `Code`, `RequestId`, `Advice`.
 */
#define PP_EVENT_ERROR 7

/**
 * The job has ended, also after an error. Given again by every later call.
 */
#define PP_EVENT_DONE 8

/**
 * The job was cancelled. Given again by every later call.
 */
#define PP_EVENT_CANCELLED 9

/**
 * UTF-8 text for the debug stream.
 */
#define PP_EVENT_DEBUG 10

/**
 * Bytes that the library made and the caller owns. Freed once with `pp_buffer_free`; never with the caller's own allocator.
 */
typedef struct pp_buffer {
    /**
     * The first byte, null if there are none.
     */
    uint8_t *data;
    /**
     * How many bytes there are.
     */
    size_t len;
} pp_buffer;

/**
 * The handle of a job: generation-checked, never 0. A stale, foreign or freed one is `PP_BAD_HANDLE`, nothing worse.
 */
typedef uint64_t pp_job;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The version of the ABI, `PP_ABI_VERSION` of the header the library was built with.
 */
uint32_t pp_abi_version(void);

/**
 * The version of the library as UTF-8 text, as "0.2.0".
 *
 * `out` is written without being read first; the caller owns what is in it and frees it with `pp_buffer_free`.
 * On any code but `PP_OK` it is empty.
 *
 * Returns `PP_OK`, `PP_NULL_POINTER`, `PP_PANIC`.
 *
 * # Safety
 * `out` is null or points to a `pp_buffer` that may be written.
 */
int32_t pp_version(struct pp_buffer *out);

/**
 * Starts a job: one command on a thread of its own.
 *
 * `request` is a JSON object in UTF-8, `{"op": ..., ...}`. Secrets are not in it: they lie one after the other in
 * `secrets`, and the request refers to one as `{"at": first byte, "len": bytes}`. Both are copied before the call
 * returns; they stay the caller's, who wipes them. `secrets` may be null if `secrets_len` is 0.
 *
 * `out` receives the handle, which the caller frees with `pp_job_free`; on any code but `PP_OK` it is 0. The job of a request
 * that is not understood (no JSON, an unknown op, field or value, a secret outside of its block) says why in its one ERROR
 * event.
 *
 * Returns `PP_OK`, `PP_NULL_POINTER`, `PP_BAD_LENGTH`, `PP_BAD_UTF8`, `PP_BUSY`, `PP_PANIC`.
 *
 * # Safety
 * `request` and `secrets` are null or point to as many readable bytes as said, which nobody writes during the call;
 * `out` is null or points to a `pp_job` that may be written.
 */
int32_t pp_job_start(const uint8_t *request,
                     size_t len,
                     const uint8_t *secrets,
                     size_t secrets_len,
                     pp_job *out);

/**
 * Waits for the job's next event, at most `timeout_ms` milliseconds; 0 only looks.
 *
 * `kind` receives what happened (`PP_EVENT_...`; `PP_EVENT_NONE` after the time-out), `out` what comes with it. Both are
 * written without being read first. The caller owns what is in `out` and frees it with `pp_buffer_free`; on any code but
 * `PP_OK`, and where there is nothing to say, it is empty. Once a job has given `PP_EVENT_DONE` or `PP_EVENT_CANCELLED`
 * it gives the same again. Events that were queued before a cancel are still delivered.
 *
 * Returns `PP_OK`, `PP_NULL_POINTER`, `PP_BAD_HANDLE`, `PP_BUSY` (another thread is in this function with this job),
 * `PP_PANIC` (after the queued events, and ever after: the job's worker panicked).
 *
 * # Safety
 * `kind` and `out` are null or point to an `int32_t` and a `pp_buffer` that may be written.
 */
int32_t pp_job_next(pp_job job,
                    uint32_t timeout_ms,
                    int32_t *kind,
                    struct pp_buffer *out);

/**
 * Tells a job to stop, and doesn't wait for it. A job that has ended stays as it ended.
 *
 * Returns `PP_OK` (also the second time), `PP_BAD_HANDLE`, `PP_PANIC`.
 */
int32_t pp_job_cancel(pp_job job);

/**
 * Frees a job and the events it still has. A running one is cancelled and not waited for.
 *
 * The handle is stale from now on; a thread in `pp_job_next` with it gets `PP_EVENT_CANCELLED`. Buffers that were given
 * out stay the caller's.
 *
 * Returns `PP_OK`, `PP_BAD_HANDLE` (also the second time), `PP_PANIC`.
 */
int32_t pp_job_free(pp_job job);

/**
 * Zeroes and frees what `pp_version` or `pp_job_next` has put into a buffer, and empties the buffer.
 *
 * Does nothing for null, for an empty buffer, and for bytes that are not the library's. A copy of a buffer that was freed
 * must not be freed too: the library ignores it, unless the same place holds another buffer by then.
 *
 * # Safety
 * `buffer` is null or points to a `pp_buffer` that may be read and written.
 */
void pp_buffer_free(struct pp_buffer *buffer);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* PPFEDERATION_H */
