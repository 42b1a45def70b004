using System;
using System.Collections;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace PPFederation.Native
{
    /// <summary>
    /// One running command of the library. Dispose frees it, which cancels it if it still runs and does not wait; the
    /// finalizer does the same for one that was forgotten.
    /// </summary>
    public sealed unsafe class Job : SafeHandle
    {
        // For LetGo.
        private const int Patience = 20;
        private const uint StepMilliseconds = 100;

        private Job(ulong number) : base(IntPtr.Zero, true)
        {
            // 64-bit processes only (Library.Open refuses others), so that the number fits.
            SetHandle(unchecked((IntPtr)(long)number));
        }

        /// <inheritdoc/>
        public override bool IsInvalid => handle == IntPtr.Zero;

        /// <summary>Starts a job. The library copies what it needs; the request's secrets are wiped before this returns.</summary>
        /// <exception cref="NativeCallException">The library refused the request.</exception>
        public static Job Start(Request request)
        {
            using (request)
            {
                return Start(Utf8.Bytes(request.Text), request.Block, request.BlockLength);
            }
        }

        /// <summary>
        /// Has the library let go of something of this number, for a finalizer: it throws nothing, since that would end the
        /// process. Letting go is work on this machine alone; the finalizer thread must not hang on a library in trouble, though.
        /// </summary>
        internal static bool LetGo(string op, string field, ulong number)
        {
            try
            {
                using (Job job = Start(new Request(op, new Hashtable { [field] = number })))
                {
                    for (int i = 0; i < Patience; i++)
                    {
                        if (job.Next(StepMilliseconds).IsLast)
                        {
                            return true;
                        }
                    }
                }
            }
            catch (Exception e) when (e is NativeCallException || e is DllNotFoundException || e is ObjectDisposedException)
            {
                // The library keeps it until the process ends.
            }
            return false;
        }

        /// <summary>
        /// Waits for the next event, at most the given milliseconds. Events of the kinds that nobody hears are passed over, and none comes
        /// where time is up among them: whoever asks can be stopped then, however much is said.
        /// </summary>
        /// <exception cref="NativeCallException">The job is freed, or another thread is reading it.</exception>
        public JobEvent Next(uint timeoutMilliseconds, params EventKind[] unheard)
        {
            bool held = false;
            Stopwatch waited = Stopwatch.StartNew();
            try
            {
                DangerousAddRef(ref held);
                JobEvent next = Read(Number, timeoutMilliseconds);
                while (Array.IndexOf(unheard, next.Kind) >= 0)
                {
                    next = waited.ElapsedMilliseconds < timeoutMilliseconds
                        ? Read(Number, timeoutMilliseconds)
                        : new JobEvent(EventKind.None, "");
                }
                return next;
            }
            finally
            {
                if (held)
                {
                    DangerousRelease();
                }
            }
        }

        /// <summary>Asks the job to stop. It reports Cancelled at once.</summary>
        /// <exception cref="NativeCallException">The job is freed.</exception>
        public void Cancel()
        {
            bool held = false;
            try
            {
                DangerousAddRef(ref held);
                Check("pp_job_cancel", NativeMethods.pp_job_cancel(Number));
            }
            finally
            {
                if (held)
                {
                    DangerousRelease();
                }
            }
        }

        /// <inheritdoc/>
        protected override bool ReleaseHandle()
        {
            return NativeMethods.pp_job_free(Number) == (int)ReturnCode.Ok;
        }

        private ulong Number => unchecked((ulong)(long)handle);

        private static Job Start(byte[] request, byte* secrets, int secretsLength)
        {
            ulong number = 0;
            fixed (byte* text = request)
            {
                Check("pp_job_start", NativeMethods.pp_job_start(
                    text, (UIntPtr)request.Length, secrets, (UIntPtr)secretsLength, &number));
            }
            return new Job(number);
        }

        private static JobEvent Read(ulong number, uint timeoutMilliseconds)
        {
            int kind = 0;
            pp_buffer buffer = default;
            int code = NativeMethods.pp_job_next(number, timeoutMilliseconds, &kind, &buffer);
            try
            {
                Check("pp_job_next", code);
                return Decode((EventKind)kind, buffer.data, checked((int)buffer.len));
            }
            finally
            {
                NativeMethods.pp_buffer_free(&buffer);
            }
        }

        private static JobEvent Decode(EventKind kind, byte* data, int length)
        {
            if (kind != EventKind.Secret)
            {
                return new JobEvent(kind, Utf8.Text(data, length));
            }
            // A secret begins with its number, 32 bits, little-endian.
            int number = data[0] | data[1] << 8 | data[2] << 16 | data[3] << 24;
            try
            {
                return new JobEvent(number, Utf8.Secret(data + 4, length - 4));
            }
            finally
            {
                Utf8.Wipe(data, length);
            }
        }

        private static void Check(string function, int code)
        {
            if (code != (int)ReturnCode.Ok)
            {
                throw new NativeCallException(function, code);
            }
        }
    }
}
