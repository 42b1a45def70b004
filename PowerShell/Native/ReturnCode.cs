namespace PPFederation.Native
{
    /// <summary>What a call of the native library returns. Anything but Ok is a mistake of the caller or a bug: what goes
    /// wrong in the world comes as an event of kind Error.</summary>
    public enum ReturnCode
    {
        /// <summary>The call did what it says.</summary>
        Ok = NativeMethods.PP_OK,
        /// <summary>The library met a bug of its own and caught it.</summary>
        Panic = NativeMethods.PP_PANIC,
        /// <summary>A pointer that must not be null was.</summary>
        NullPointer = NativeMethods.PP_NULL_POINTER,
        /// <summary>A length beyond what one request may have (16 MiB).</summary>
        BadLength = NativeMethods.PP_BAD_LENGTH,
        /// <summary>The request is not UTF-8.</summary>
        BadUtf8 = NativeMethods.PP_BAD_UTF8,
        /// <summary>The job is freed, or was never one of this process.</summary>
        BadHandle = NativeMethods.PP_BAD_HANDLE,
        /// <summary>64 jobs are running, or another thread is reading this one.</summary>
        Busy = NativeMethods.PP_BUSY,
    }
}
