using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Get-Location.</summary>
[Cmdlet(VerbsCommon.Get, "Location")]
[OutputType(typeof(PathInfo))]
public sealed class GetLocationCommand : PSCmdlet
{
    protected override void ProcessRecord() => WriteObject(SessionState.Path.CurrentLocation);
}

/// <summary>A cmdlet that moves to another location.</summary>
public abstract class MoveLocationCommandBase : PSCmdlet
{
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected void MoveTo(string target, Func<PathInfo> move)
    {
        try
        {
            var location = move();
            if (PassThru)
            {
                WriteObject(location);
            }
        }
        catch (Exception problem) when (problem is IContainsErrorRecord and not PipelineStoppedException)
        {
            WriteError(new ErrorRecord(((IContainsErrorRecord)problem).ErrorRecord, problem));
        }
        catch (PSArgumentException problem)
        {
            WriteError(new ErrorRecord(problem, "Argument", ErrorCategory.InvalidArgument, target));
        }
    }
}

/// <summary>Stands in for Set-Location.</summary>
[Cmdlet(VerbsCommon.Set, "Location", DefaultParameterSetName = "Path")]
public sealed class SetLocationCommand : MoveLocationCommandBase
{
    [Parameter(Position = 0, ParameterSetName = "Path", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string Path { get; set; } = "~";

    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string? LiteralPath { get; set; }

    protected override void ProcessRecord()
    {
        var target = LiteralPath is null ? Path : WildcardPattern.Escape(LiteralPath);
        MoveTo(target, () => SessionState.Path.SetLocation(target));
    }
}

/// <summary>Stands in for Push-Location.</summary>
[Cmdlet(VerbsCommon.Push, "Location", DefaultParameterSetName = "Path")]
public sealed class PushLocationCommand : MoveLocationCommandBase
{
    [Parameter(Position = 0, ParameterSetName = "Path", ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string? Path { get; set; }

    [Parameter(ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string? LiteralPath { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string StackName { get; set; } = string.Empty;

    protected override void ProcessRecord()
    {
        SessionState.Path.PushCurrentLocation(StackName);
        var target = LiteralPath is null ? Path : WildcardPattern.Escape(LiteralPath);
        if (target is not null)
        {
            MoveTo(target, () => SessionState.Path.SetLocation(target));
        }
    }
}

/// <summary>Stands in for Pop-Location.</summary>
[Cmdlet(VerbsCommon.Pop, "Location")]
public sealed class PopLocationCommand : MoveLocationCommandBase
{
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public string StackName { get; set; } = string.Empty;

    protected override void ProcessRecord() => MoveTo(StackName, () => SessionState.Path.PopLocation(StackName));
}
