using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using PPFederation.TestHost.Engine;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Import-PowerShellDataFile.</summary>
[Cmdlet(VerbsData.Import, "PowerShellDataFile", DefaultParameterSetName = "ByPath")]
[OutputType(typeof(Hashtable))]
public sealed class ImportPowerShellDataFileCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "ByPath")]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "ByLiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    [Parameter]
    public SwitchParameter SkipLimitCheck { get; set; }

    protected override void ProcessRecord()
    {
        var files = LiteralPath.Select(path => SessionState.Path.GetUnresolvedProviderPathFromPSPath(path))
            .Concat(Path.SelectMany(path => GetResolvedProviderPathFromPSPath(path, out _)));
        foreach (var file in files)
        {
            Import(file);
        }
    }

    private void Import(string file)
    {
        var script = Parser.ParseFile(file, out _, out var problems);
        if (problems.Length > 0)
        {
            Fail(problems[0].Message, "CouldNotParseAsPowerShellDataFile", file);
        }

        if (script.Find(ast => ast is HashtableAst, searchNestedScriptBlocks: false) is not HashtableAst table)
        {
            Fail("The file holds no hashtable.", "CouldNotParseAsPowerShellDataFileNoHashtableRoot", file);
            return;
        }

        try
        {
            WriteObject(table.SafeGetValue());
        }
        catch (InvalidOperationException problem)
        {
            Fail(problem.Message, "CouldNotParseAsPowerShellDataFile", file);
        }
    }

    private void Fail(string problem, string id, string file) => ThrowTerminatingError(new ErrorRecord(
        new InvalidOperationException($"The file '{file}' could not be read as a PowerShell data file: {problem}"),
        id,
        ErrorCategory.InvalidData,
        file));
}

/// <summary>Stands in for Export-Clixml.</summary>
[Cmdlet(VerbsData.Export, "Clixml", SupportsShouldProcess = true)]
public sealed class ExportClixmlCommand : PSCmdlet
{
    private readonly List<PSObject> _objects = [];

    [Parameter(Mandatory = true, Position = 0)]
    public string Path { get; set; } = string.Empty;

    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [AllowNull]
    public PSObject? InputObject { get; set; }

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Depth { get; set; } = 2;

    protected override void ProcessRecord() => _objects.Add(InputObject!);

    protected override void EndProcessing()
    {
        var file = FileTarget.Resolve(this, Path);
        if (ShouldProcess(file, "Export-Clixml"))
        {
            var content = EngineInternals.Serialize([.. _objects], Depth);
            FileTarget.Write(this, file, content, TextEncodings.Default, append: false);
        }
    }
}

/// <summary>Stands in for Import-Clixml.</summary>
[Cmdlet(VerbsData.Import, "Clixml")]
public sealed class ImportClixmlCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0)]
    public string[] Path { get; set; } = [];

    protected override void ProcessRecord()
    {
        foreach (var file in Path.SelectMany(path => GetResolvedProviderPathFromPSPath(path, out _)))
        {
            WriteObject(PSSerializer.DeserializeAsList(File.ReadAllText(file)), enumerateCollection: true);
        }
    }
}
