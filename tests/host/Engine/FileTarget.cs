using System.Management.Automation;
using System.Text;

namespace Microsoft.PowerShell.Commands;

/// <summary>A file that a cmdlet is about to write.</summary>
internal static class FileTarget
{
    /// <summary>The file system path of a PowerShell path that need not exist.</summary>
    public static string Resolve(PSCmdlet cmdlet, string path)
    {
        var resolved = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        if (provider.Name != "FileSystem")
        {
            Fail(cmdlet, new PSNotSupportedException($"'{path}' is not a path of the file system."), "ReadWriteFileNotFileSystemProvider", path);
        }

        return resolved;
    }

    public static void RefuseExisting(PSCmdlet cmdlet, string path, bool refuse)
    {
        if (refuse && File.Exists(path))
        {
            cmdlet.ThrowTerminatingError(new ErrorRecord(
                new IOException($"The file '{path}' already exists."), "NoClobber", ErrorCategory.ResourceExists, path));
        }
    }

    public static void LiftReadOnly(string path, bool force)
    {
        if (force && File.Exists(path))
        {
            File.SetAttributes(path, File.GetAttributes(path) & ~FileAttributes.ReadOnly);
        }
    }

    public static void Write(PSCmdlet cmdlet, string path, string text, Encoding encoding, bool append)
    {
        try
        {
            using var writer = new StreamWriter(path, append, encoding);
            writer.Write(text);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Fail(cmdlet, problem, "FileOpenFailure", path);
        }
    }

    private static void Fail(PSCmdlet cmdlet, Exception problem, string id, string path) =>
        cmdlet.ThrowTerminatingError(new ErrorRecord(problem, id, ErrorCategory.OpenError, path));
}
