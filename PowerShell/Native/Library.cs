using System;
using System.IO;
using System.Reflection;
using System.Runtime.InteropServices;

// The native library lies in bin/<system>/ beside this assembly. It must never come from the current folder or the path.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory)]

namespace PPFederation.Native
{
    /// <summary>Where the native library is, and whether it fits this process and this bridge.</summary>
    public static unsafe class Library
    {
        /// <summary>The ABI that this bridge speaks (PP_ABI_VERSION in ppfederation.h).</summary>
        public const uint AbiVersion = NativeMethods.PP_ABI_VERSION;

        /// <summary>The version of this bridge.</summary>
        public static string BridgeVersion =>
            typeof(Library).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>().InformationalVersion;

        private static readonly object Opening = new object();

        /// <summary>
        /// Loads the library and returns its version. One runspace after the other: PowerShell 7 looks for a library by two fields of the
        /// process that the first search fills without a lock, and another search beside it finds nothing.
        /// </summary>
        /// <param name="moduleVersion">The version of the module; empty takes any version (a source tree has none).</param>
        /// <exception cref="PlatformNotSupportedException">There is no library for this process.</exception>
        /// <exception cref="UnauthorizedAccessException">The system keeps it from being loaded.</exception>
        /// <exception cref="InvalidOperationException">The library is missing, or is of another version or ABI.</exception>
        public static string Open(string moduleVersion)
        {
            RuntimeFacts facts = RuntimeFacts.OfThisProcess();
            string? refusal = facts.Refusal();
            if (refusal != null)
            {
                throw new PlatformNotSupportedException(refusal);
            }
            try
            {
                lock (Opening)
                {
                    Preload(facts);
                    return Verified(moduleVersion);
                }
            }
            catch (Exception e) when (e is DllNotFoundException || e is EntryPointNotFoundException || e is BadImageFormatException)
            {
                string path = PathFor(facts);
                // Of a file that isn't there the system has nothing to say.
                string? blocked = File.Exists(path) ? facts.Blocked(path, Words(path, e)) : null;
                throw blocked == null ? (Exception)new InvalidOperationException(Missing(path, facts), e) : new UnauthorizedAccessException(blocked, e);
            }
        }

        private static string Verified(string moduleVersion)
        {
            uint abi = NativeMethods.pp_abi_version();
            if (abi != AbiVersion)
            {
                throw new InvalidOperationException(
                    "The module speaks ABI " + AbiVersion + " and the native library beside it ABI " + abi + ". Install the module again.");
            }
            string library = LibraryVersion();
            string? other = Mismatch(moduleVersion, BridgeVersion, library);
            return other == null ? library : throw new InvalidOperationException(other);
        }

        /// <summary>A sentence where the parts of the module are of different versions; otherwise null.</summary>
        private static string? Mismatch(string module, string bridge, string library)
        {
            if (module.Length == 0 || (module == library && bridge == library))
            {
                return null;
            }
            return "The parts of PPFederation are of different versions: module " + module + ", bridge " + bridge
                + ", native library " + library + ". Install the module again, and open a new session.";
        }

        private static string LibraryVersion()
        {
            pp_buffer buffer = default;
            int code = NativeMethods.pp_version(&buffer);
            try
            {
                return code == (int)ReturnCode.Ok
                    ? Utf8.Text(buffer.data, checked((int)buffer.len))
                    : throw new NativeCallException("pp_version", code);
            }
            finally
            {
                NativeMethods.pp_buffer_free(&buffer);
            }
        }

        private static string Missing(string path, RuntimeFacts facts)
        {
            if (File.Exists(path))
            {
                return "The native library " + path + " cannot be loaded. On Linux it needs glibc 2.34 or later. Install the module again.";
            }
            string folder = Path.GetDirectoryName(path);
            return Directory.Exists(folder)
                ? "The native library " + path + " is missing. Install the module again."
                : "The native library " + path + " is missing: this package has none for " + facts.FolderName()
                    + ". Install the module from the PowerShell Gallery or the release, which have one for each system.";
        }

        /// <summary>Why the library doesn't load, in the system's words: PowerShell 7 keeps them to itself where its own search fails.</summary>
        private static string Words(string path, Exception failure)
        {
            MethodInfo? load = Type.GetType("System.Runtime.InteropServices.NativeLibrary")?.GetMethod("Load", new[] { typeof(string) });
            try
            {
                load?.Invoke(null, new object[] { path });
            }
            catch (TargetInvocationException e)
            {
                return e.GetBaseException().Message;
            }
            return failure.Message;
        }

        private static string PathFor(RuntimeFacts facts)
        {
            string folder = Path.GetDirectoryName(typeof(Library).Assembly.Location);
            return Path.Combine(folder, facts.FolderName(), "ppfederation" + facts.Extension());
        }

        /// <summary>
        /// PowerShell 7 finds bin/[system]/ppfederation.* beside this assembly by itself. Windows PowerShell 5.1 does not, but takes
        /// a library of that name that is in the process already.
        /// </summary>
        private static void Preload(RuntimeFacts facts)
        {
            if (facts.IsNetFramework && LoadLibraryW(PathFor(facts)) == IntPtr.Zero)
            {
                throw new DllNotFoundException("LoadLibrary failed with code " + Marshal.GetLastWin32Error() + ".");
            }
        }

        [DllImport("kernel32", CharSet = CharSet.Unicode, ExactSpelling = true, SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
        private static extern IntPtr LoadLibraryW(string path);
    }
}
