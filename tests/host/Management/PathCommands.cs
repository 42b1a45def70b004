using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Join-Path.</summary>
[Cmdlet(VerbsCommon.Join, "Path")]
[OutputType(typeof(string))]
public sealed class JoinPathCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath")]
    public string[] Path { get; set; } = [];

    [Parameter(Position = 1, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyString]
    public string? ChildPath { get; set; }

    [Parameter(Position = 2, ValueFromRemainingArguments = true)]
    [AllowEmptyCollection]
    public string[] AdditionalChildPath { get; set; } = [];

    [Parameter]
    public SwitchParameter Resolve { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var parent in Path)
        {
            var joined = AdditionalChildPath.Aggregate(SessionState.Path.Combine(parent, ChildPath), SessionState.Path.Combine);
            if (Resolve)
            {
                WriteObject(SessionState.Path.GetResolvedPSPathFromPSPath(joined).Select(found => found.Path), true);
            }
            else
            {
                WriteObject(joined);
            }
        }
    }
}

/// <summary>Stands in for Split-Path.</summary>
[Cmdlet(VerbsCommon.Split, "Path", DefaultParameterSetName = "ParentSet")]
[OutputType(typeof(string), typeof(bool))]
public sealed class SplitPathCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "ParentSet")]
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LeafSet")]
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LeafBaseSet")]
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "ExtensionSet")]
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "QualifierSet")]
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "NoQualifierSet")]
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "IsAbsoluteSet")]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPathSet")]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath
    {
        get => Path;
        set => Path = value;
    }

    [Parameter(ParameterSetName = "ParentSet")]
    public SwitchParameter Parent { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "LeafSet")]
    public SwitchParameter Leaf { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "LeafBaseSet")]
    public SwitchParameter LeafBase { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "ExtensionSet")]
    public SwitchParameter Extension { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "QualifierSet")]
    public SwitchParameter Qualifier { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "NoQualifierSet")]
    public SwitchParameter NoQualifier { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "IsAbsoluteSet")]
    public SwitchParameter IsAbsolute { get; set; }

    [Parameter]
    public SwitchParameter Resolve { get; set; }

    protected override void ProcessRecord()
    {
        var paths = Resolve
            ? Path.SelectMany(path => SessionState.Path.GetResolvedPSPathFromPSPath(path)).Select(found => found.Path)
            : Path;
        foreach (var path in paths)
        {
            Split(path);
        }
    }

    private void Split(string path)
    {
        var colon = path.IndexOf(':');
        switch (ParameterSetName)
        {
            case "LeafSet":
                WriteObject(SessionState.Path.ParseChildName(path));
                break;
            case "LeafBaseSet":
                WriteObject(System.IO.Path.GetFileNameWithoutExtension(SessionState.Path.ParseChildName(path)));
                break;
            case "ExtensionSet":
                WriteObject(System.IO.Path.GetExtension(path));
                break;
            case "QualifierSet" when colon < 0:
                WriteError(new ErrorRecord(
                    new FormatException($"Cannot parse path because path '{path}' does not have a qualifier specified."),
                    "ParsePathFormatError",
                    ErrorCategory.InvalidArgument,
                    path));
                break;
            case "QualifierSet":
                WriteObject(path[..(colon + 1)]);
                break;
            case "NoQualifierSet":
                WriteObject(path[(colon + 1)..]);
                break;
            case "IsAbsoluteSet":
                WriteObject(SessionState.Path.IsPSAbsolute(path, out _));
                break;
            default:
                WriteObject(SessionState.Path.ParseParent(path, string.Empty));
                break;
        }
    }
}

/// <summary>Stands in for Test-Path.</summary>
[Cmdlet(VerbsDiagnostic.Test, "Path", DefaultParameterSetName = "Path")]
[OutputType(typeof(bool))]
public sealed class TestPathCommand : PathCommandBase
{
    [Parameter(Position = 0, ParameterSetName = "Path", Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyCollection]
    [AllowEmptyString]
    public override string[] Path
    {
        get => base.Path;
        set => base.Path = value;
    }

    [Parameter]
    [Alias("Type")]
    public TestPathType PathType { get; set; } = TestPathType.Any;

    [Parameter]
    public SwitchParameter IsValid { get; set; }

    protected override void ProcessRecord()
    {
        if (Path is null || Path.Length == 0)
        {
            WriteNull();
            return;
        }

        foreach (var path in Path)
        {
            if (path is null)
            {
                WriteNull();
            }
            else
            {
                WriteObject(path.Trim().Length > 0 && (IsValid ? SessionState.Path.IsValid(path) : Exists(path)));
            }
        }
    }

    private bool Exists(string path)
    {
        try
        {
            var literal = IsLiteral ? WildcardPattern.Escape(path) : path;
            return InvokeProvider.Item.Exists(path, force: false, IsLiteral)
                && (PathType == TestPathType.Any || InvokeProvider.Item.IsContainer(literal) == (PathType == TestPathType.Container));
        }
        catch (SessionStateException problem) when (problem is System.Management.Automation.DriveNotFoundException or ItemNotFoundException or ProviderNotFoundException)
        {
            return false;
        }
    }

    private void WriteNull() => WriteError(new ErrorRecord(
        new ArgumentNullException(nameof(Path), "The provided Path argument was null or an empty collection."),
        "NullPathNotPermitted",
        ErrorCategory.InvalidArgument,
        Path));
}

/// <summary>What Test-Path asks an item to be.</summary>
public enum TestPathType
{
    Any,
    Container,
    Leaf,
}

/// <summary>Stands in for Resolve-Path.</summary>
[Cmdlet(VerbsDiagnostic.Resolve, "Path", DefaultParameterSetName = "Path")]
public sealed class ResolvePathCommand : PathCommandBase
{
    [Parameter]
    public SwitchParameter Relative { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var found in Resolved())
        {
            if (Relative)
            {
                var here = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
                var relative = System.IO.Path.GetRelativePath(here, found.ProviderPath);
                var prefix = relative.StartsWith('.') ? string.Empty : "." + System.IO.Path.DirectorySeparatorChar;
                WriteObject(prefix + relative);
            }
            else
            {
                WriteObject(found);
            }
        }
    }
}

/// <summary>Stands in for Convert-Path.</summary>
[Cmdlet(VerbsData.Convert, "Path", DefaultParameterSetName = "Path")]
[OutputType(typeof(string))]
public sealed class ConvertPathCommand : PathCommandBase
{
    protected override void ProcessRecord() => WriteObject(Resolved().Select(found => found.ProviderPath), true);
}
