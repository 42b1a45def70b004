using System.IO.Compression;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Compress-Archive.</summary>
[Cmdlet(VerbsData.Compress, "Archive", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class CompressArchiveCommand : PathCommandBase
{
    private readonly List<string> _sources = [];

    [Parameter(Position = 1, Mandatory = true)]
    public string DestinationPath { get; set; } = string.Empty;

    [Parameter]
    public CompressionLevel CompressionLevel { get; set; } = CompressionLevel.Optimal;

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord() => _sources.AddRange(ResolvedFiles());

    protected override void EndProcessing()
    {
        var target = FileTarget.Resolve(this, DestinationPath);
        if (_sources.Count == 0 || !ShouldProcess(target, "Compress-Archive"))
        {
            return;
        }

        if (File.Exists(target) && !Force)
        {
            ThrowTerminatingError(new ErrorRecord(
                new IOException($"The archive file {target} already exists. Use -Force to overwrite it."),
                "ArchiveFileExists",
                ErrorCategory.ResourceExists,
                target));
        }

        Guard(target, () => Write(target));
    }

    private void Write(string target)
    {
        using var archive = new ZipArchive(File.Create(target), ZipArchiveMode.Create);
        foreach (var source in _sources)
        {
            if (File.Exists(source))
            {
                archive.CreateEntryFromFile(source, System.IO.Path.GetFileName(source), CompressionLevel);
                continue;
            }

            var parent = System.IO.Path.GetDirectoryName(System.IO.Path.TrimEndingDirectorySeparator(source))!;
            foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            {
                var name = System.IO.Path.GetRelativePath(parent, file).Replace('\\', '/');
                archive.CreateEntryFromFile(file, name, CompressionLevel);
            }
        }
    }
}

/// <summary>Stands in for Expand-Archive.</summary>
[Cmdlet(VerbsData.Expand, "Archive", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class ExpandArchiveCommand : PathCommandBase
{
    [Parameter(Position = 1)]
    public string DestinationPath { get; set; } = ".";

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        var target = FileTarget.Resolve(this, DestinationPath);
        foreach (var file in ResolvedFiles().Where(_ => ShouldProcess(target, "Expand-Archive")))
        {
            Guard(file, () => ZipFile.ExtractToDirectory(file, target, Force));
        }
    }
}
