using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Get-ChildItem. -Filter, -Include and -Exclude are matched against the items' names.</summary>
[Cmdlet(VerbsCommon.Get, "ChildItem", DefaultParameterSetName = "Items")]
public sealed class GetChildItemCommand : PSCmdlet
{
    private string[] _paths = [];
    private bool _literal;

    [Parameter(Position = 0, ParameterSetName = "Items", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string[] Path
    {
        get => _paths;
        set => _paths = value;
    }

    [Parameter(ParameterSetName = "LiteralItems", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath
    {
        get => _paths;
        set
        {
            _paths = value;
            _literal = true;
        }
    }

    [Parameter(Position = 1)]
    public string? Filter { get; set; }

    [Parameter]
    public string[] Include { get; set; } = [];

    [Parameter]
    public string[] Exclude { get; set; } = [];

    [Parameter]
    [Alias("s", "r")]
    public SwitchParameter Recurse { get; set; }

    [Parameter]
    public uint? Depth { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter Name { get; set; }

    [Parameter]
    [Alias("af")]
    public SwitchParameter File { get; set; }

    [Parameter]
    [Alias("ad")]
    public SwitchParameter Directory { get; set; }

    [Parameter]
    [Alias("ah", "h")]
    public SwitchParameter Hidden { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var path in _paths.Length == 0 ? [string.Empty] : _paths)
        {
            List(path);
        }
    }

    private void List(string path)
    {
        try
        {
            var found = InvokeProvider.ChildItem.Get(
                [path], Recurse || Depth is not null, Depth ?? uint.MaxValue, Force || Hidden, _literal);
            foreach (var item in found.Where(IsWanted))
            {
                WriteObject(Name ? RelativeName(path, item) : item);
            }
        }
        catch (Exception problem) when (problem is IContainsErrorRecord and not PipelineStoppedException)
        {
            WriteError(new ErrorRecord(((IContainsErrorRecord)problem).ErrorRecord, problem));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            WriteError(new ErrorRecord(problem, "DirIOError", ErrorCategory.ReadError, path));
        }
    }

    private bool IsWanted(PSObject item)
    {
        var name = item.Properties["PSChildName"]?.Value as string ?? string.Empty;
        var isFolder = item.BaseObject is DirectoryInfo;
        return (Filter is null || Matches(name, Filter))
            && (Include.Length == 0 || Include.Any(pattern => Matches(name, pattern)))
            && !Exclude.Any(pattern => Matches(name, pattern))
            && (!File || item.BaseObject is FileInfo)
            && (!Directory || isFolder)
            && (!Hidden || item.BaseObject is FileSystemInfo entry && entry.Attributes.HasFlag(FileAttributes.Hidden));
    }

    private static bool Matches(string name, string pattern) =>
        WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase).IsMatch(name);

    private string RelativeName(string path, PSObject item)
    {
        if (item.BaseObject is not FileSystemInfo entry || _literal || WildcardPattern.ContainsWildcardCharacters(path))
        {
            return (string)item.Properties["PSChildName"].Value;
        }

        var folder = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path.Length == 0 ? "." : path);
        return System.IO.Path.GetRelativePath(folder, entry.FullName);
    }
}
