using System;
using System.IO;
using System.Runtime.InteropServices;

namespace PPFederation.Native
{
    /// <summary>What decides which native library fits a process.</summary>
    public sealed class RuntimeFacts
    {
        /// <summary>"win", "linux", "osx", or another word for a system that has no library.</summary>
        public string System { get; }

        /// <summary>"x64", "arm64", "x86" or "arm".</summary>
        public string Architecture { get; }

        /// <summary>Whether the C library of the process is musl (Alpine) instead of glibc.</summary>
        public bool IsMusl { get; }

        /// <summary>Whether this is Windows PowerShell 5.1.</summary>
        public bool IsNetFramework { get; }

        /// <summary>Takes the facts of any process; OfThisProcess finds those of this one.</summary>
        public RuntimeFacts(string system, string architecture, bool isMusl, bool isNetFramework)
        {
            System = system;
            Architecture = architecture;
            IsMusl = isMusl;
            IsNetFramework = isNetFramework;
        }

        /// <summary>The facts of this process.</summary>
        public static RuntimeFacts OfThisProcess()
        {
            return new RuntimeFacts(
                SystemName(),
                RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
                RuntimeInformation.IsOSPlatform(OSPlatform.Linux) && MapsMusl(),
                RuntimeInformation.FrameworkDescription.StartsWith(".NET Framework", StringComparison.Ordinal));
        }

        /// <summary>A sentence for the user where no library fits this process; otherwise null.</summary>
        public string? Refusal()
        {
            if (Architecture != "x64" && Architecture != "arm64")
            {
                return "PPFederation needs a 64-bit process, and this one is " + Architecture
                    + ". Open the 64-bit PowerShell (on Windows: not the one marked x86).";
            }
            if (IsMusl)
            {
                return "PPFederation needs the GNU C library (glibc), and this system uses musl, as Alpine Linux does. "
                    + "Use a Debian, Ubuntu, Red Hat or Azure Linux image.";
            }
            return System == "win" || System == "linux" || System == "osx"
                ? null
                : "PPFederation has no native library for this system (" + System + "). Use Windows, Linux or macOS.";
        }

        /// <summary>A sentence where the system keeps the library from being loaded, by the system's own words; otherwise null.</summary>
        public string? Blocked(string path, string words)
        {
            if (System == "win" && Array.Exists(PolicyCodes, code => words.IndexOf(code, StringComparison.OrdinalIgnoreCase) >= 0))
            {
                return "A policy of this computer (App Control or AppLocker) keeps " + path + " from being loaded: have it allowed there.";
            }
            // What the loader says of a file system that is mounted without the right to run programs.
            if (System == "linux" && words.Contains("failed to map segment from shared object"))
            {
                return "The system may not run programs from where " + path + " is (a mount with noexec, or a security policy): "
                    + "move the module to a folder from which it may.";
            }
            return null;
        }

        /// <summary>
        /// ERROR_SYSTEM_INTEGRITY_POLICY_VIOLATION (4551) and ERROR_ACCESS_DISABLED_BY_POLICY (1260), as .NET says them and as
        /// Library.Preload does.
        /// </summary>
        private static readonly string[] PolicyCodes = { "0x800711C7", "0x800704EC", "code 4551.", "code 1260." };

        /// <summary>The name of the folder in bin, for example linux-x64: the name that PowerShell 7 looks for.</summary>
        internal string FolderName() => System + "-" + Architecture;

        internal string Extension() => System == "win" ? ".dll" : System == "osx" ? ".dylib" : ".so";

        private static string SystemName()
        {
            if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows))
            {
                return "win";
            }
            if (RuntimeInformation.IsOSPlatform(OSPlatform.Linux))
            {
                return "linux";
            }
            return RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? "osx" : RuntimeInformation.OSDescription;
        }

        /// <summary>The loader of musl is mapped into every process that runs on it, whatever else is installed.</summary>
        private static bool MapsMusl()
        {
            const string Maps = "/proc/self/maps";
            return File.Exists(Maps) && File.ReadAllText(Maps).Contains("/ld-musl-");
        }
    }
}
