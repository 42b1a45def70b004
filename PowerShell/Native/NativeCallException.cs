using System;

namespace PPFederation.Native
{
    /// <summary>The native library refused a call: misuse or a bug, never something that happened in the tenant.</summary>
    public sealed class NativeCallException : Exception
    {
        /// <summary>The code that the library returned.</summary>
        public ReturnCode Code { get; }

        internal NativeCallException(string function, int code) : base(Sentence(function, code))
        {
            Code = (ReturnCode)code;
        }

        private static string Sentence(string function, int code)
        {
            return function + " returned " + code + ": " + Meaning((ReturnCode)code);
        }

        private static string Meaning(ReturnCode code)
        {
            switch (code)
            {
                case ReturnCode.Panic:
                    return "the library met a bug of its own. Please report what you ran.";
                case ReturnCode.NullPointer:
                    return "a null pointer was passed. Please report what you ran.";
                case ReturnCode.BadLength:
                    return "the request is too long (the limit is 16 MiB).";
                case ReturnCode.BadUtf8:
                    return "the request is not UTF-8. Please report what you ran.";
                case ReturnCode.BadHandle:
                    return "the job is freed, or belongs to another process.";
                case ReturnCode.Busy:
                    return "64 jobs are already running in this process, or another thread reads this one. Wait for one to end.";
                default:
                    return "a code that this bridge does not know. The module and its library disagree; install the module again.";
            }
        }
    }
}
