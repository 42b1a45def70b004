using System.Management.Automation;
using PPFederation.TestHost.Engine;

// The stand-ins bear the namespace and the class names of the cmdlets they stand in for: both are part of
// FullyQualifiedErrorId, which tests compare.
namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Write-Output.</summary>
[Cmdlet(VerbsCommunications.Write, "Output")]
public sealed class WriteOutputCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromRemainingArguments = true)]
    [AllowNull]
    [AllowEmptyCollection]
    public PSObject? InputObject { get; set; }

    [Parameter]
    public SwitchParameter NoEnumerate { get; set; }

    protected override void ProcessRecord() => WriteObject(InputObject, !NoEnumerate);
}

/// <summary>Stands in for Write-Host.</summary>
[Cmdlet(VerbsCommunications.Write, "Host")]
public sealed class WriteHostCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromRemainingArguments = true)]
    [Alias("Msg", "Message")]
    public object? Object { get; set; }

    [Parameter]
    public SwitchParameter NoNewline { get; set; }

    [Parameter]
    public object Separator { get; set; } = " ";

    [Parameter]
    public ConsoleColor? ForegroundColor { get; set; }

    [Parameter]
    public ConsoleColor? BackgroundColor { get; set; }

    protected override void ProcessRecord()
    {
        var message = new HostInformationMessage
        {
            Message = Text(Object),
            NoNewLine = NoNewline,
            ForegroundColor = ForegroundColor,
            BackgroundColor = BackgroundColor,
        };
        WriteInformation(message, ["PSHOST"]); // The engine prints records with this tag, whatever the preference.
    }

    private string Text(object? value)
    {
        var plain = PSObject.AsPSObject(value ?? string.Empty).BaseObject;
        var items = plain is string ? null : LanguagePrimitives.GetEnumerable(plain);
        return items is null
            ? LanguagePrimitives.ConvertTo<string>(value)
            : string.Join(LanguagePrimitives.ConvertTo<string>(Separator), items.Cast<object?>().Select(Text));
    }
}

/// <summary>One message by parameter or from the pipeline.</summary>
public abstract class WriteMessageCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyString]
    [Alias("Msg")]
    public string Message { get; set; } = string.Empty;
}

/// <summary>Stands in for Write-Verbose.</summary>
[Cmdlet(VerbsCommunications.Write, "Verbose")]
public sealed class WriteVerboseCommand : WriteMessageCommand
{
    protected override void ProcessRecord() => WriteVerbose(Message);
}

/// <summary>Stands in for Write-Warning.</summary>
[Cmdlet(VerbsCommunications.Write, "Warning")]
public sealed class WriteWarningCommand : WriteMessageCommand
{
    protected override void ProcessRecord() => WriteWarning(Message);
}

/// <summary>Stands in for Write-Debug.</summary>
[Cmdlet(VerbsCommunications.Write, "Debug")]
public sealed class WriteDebugCommand : WriteMessageCommand
{
    protected override void ProcessRecord() => WriteDebug(Message);
}

/// <summary>Stands in for Write-Information.</summary>
[Cmdlet(VerbsCommunications.Write, "Information")]
public sealed class WriteInformationCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    [Alias("Msg", "Message")]
    [AllowNull]
    public object? MessageData { get; set; }

    [Parameter(Position = 1)]
    public string[] Tags { get; set; } = [];

    protected override void ProcessRecord() => WriteInformation(MessageData, Tags);
}

/// <summary>Stands in for Write-Progress.</summary>
[Cmdlet(VerbsCommunications.Write, "Progress")]
public sealed class WriteProgressCommand : PSCmdlet
{
    [Parameter(Position = 0)]
    public string Activity { get; set; } = " ";

    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Status { get; set; } = "Processing";

    [Parameter(Position = 2)]
    [ValidateRange(0, int.MaxValue)]
    public int Id { get; set; }

    [Parameter]
    [ValidateRange(-1, 100)]
    public int PercentComplete { get; set; } = -1;

    [Parameter]
    public int SecondsRemaining { get; set; } = -1;

    [Parameter]
    public string? CurrentOperation { get; set; }

    [Parameter]
    [ValidateRange(-1, int.MaxValue)]
    public int ParentId { get; set; } = -1;

    [Parameter]
    public SwitchParameter Completed { get; set; }

    [Parameter]
    public int SourceId { get; set; }

    protected override void ProcessRecord() => WriteProgress(new ProgressRecord(Id, Activity, Status)
    {
        ParentActivityId = ParentId,
        PercentComplete = PercentComplete,
        SecondsRemaining = SecondsRemaining,
        CurrentOperation = CurrentOperation,
        RecordType = Completed ? ProgressRecordType.Completed : ProgressRecordType.Processing,
    });
}
