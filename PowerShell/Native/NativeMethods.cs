#nullable enable
using System;
using System.Runtime.InteropServices;

namespace PPFederation.Native
{
    /// <summary>Bytes that the library made and the caller owns.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal unsafe struct pp_buffer
    {
        internal byte* data;
        internal UIntPtr len;
    }

    /// <summary>
    /// The seven functions of the native library and their numbers, each documented in rust-core/include/ppfederation.h.
    /// `cargo run -p bindings -- --check` compares them with it, in its order.
    /// </summary>
    internal static unsafe class NativeMethods
    {
        private const string Library = "ppfederation";

        internal const int PP_ABI_VERSION = 1;
        internal const int PP_OK = 0;
        internal const int PP_PANIC = 1;
        internal const int PP_NULL_POINTER = 2;
        internal const int PP_BAD_LENGTH = 3;
        internal const int PP_BAD_UTF8 = 4;
        internal const int PP_BAD_HANDLE = 5;
        internal const int PP_BUSY = 6;
        internal const int PP_MAX_INPUT = 16777216;

        internal const int PP_EVENT_NONE = 0;
        internal const int PP_EVENT_PROGRESS = 1;
        internal const int PP_EVENT_VERBOSE = 2;
        internal const int PP_EVENT_WARNING = 3;
        internal const int PP_EVENT_INFORMATION = 4;
        internal const int PP_EVENT_OBJECTS = 5;
        internal const int PP_EVENT_SECRET = 6;
        internal const int PP_EVENT_ERROR = 7;
        internal const int PP_EVENT_DONE = 8;
        internal const int PP_EVENT_CANCELLED = 9;
        internal const int PP_EVENT_DEBUG = 10;

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern uint pp_abi_version();

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int pp_version(pp_buffer* @out);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int pp_job_start(byte* request, UIntPtr len, byte* secrets, UIntPtr secrets_len, ulong* @out);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int pp_job_next(ulong job, uint timeout_ms, int* kind, pp_buffer* @out);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int pp_job_cancel(ulong job);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern int pp_job_free(ulong job);

        [DllImport(Library, CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
        internal static extern void pp_buffer_free(pp_buffer* buffer);
    }
}
