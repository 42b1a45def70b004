using System.Management.Automation;
using PPFederation.TestHost.Engine;

namespace Microsoft.PowerShell.Commands;

/// <summary>The exception of an error that Write-Error makes from a message alone.</summary>
public sealed class WriteErrorException(string message) : SystemException(message);

/// <summary>Stands in for Write-Error.</summary>
[Cmdlet(VerbsCommunications.Write, "Error", DefaultParameterSetName = "NoException")]
public sealed class WriteErrorCommand : PSCmdlet
{
    [Parameter(ParameterSetName = "WithException", Mandatory = true)]
    public Exception? Exception { get; set; }

    [Parameter(Position = 0, ParameterSetName = "NoException", Mandatory = true, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = "WithException")]
    [AllowNull]
    [AllowEmptyString]
    [Alias("Msg")]
    public string? Message { get; set; }

    [Parameter(Position = 0, ParameterSetName = "ErrorRecord", Mandatory = true)]
    public ErrorRecord? ErrorRecord { get; set; }

    [Parameter(ParameterSetName = "NoException")]
    [Parameter(ParameterSetName = "WithException")]
    public ErrorCategory Category { get; set; } = ErrorCategory.NotSpecified;

    [Parameter(ParameterSetName = "NoException")]
    [Parameter(ParameterSetName = "WithException")]
    public string ErrorId { get; set; } = string.Empty;

    [Parameter(ParameterSetName = "NoException")]
    [Parameter(ParameterSetName = "WithException")]
    public object? TargetObject { get; set; }

    [Parameter]
    public string RecommendedAction { get; set; } = string.Empty;

    [Parameter]
    [Alias("Activity")]
    public string CategoryActivity { get; set; } = string.Empty;

    [Parameter]
    [Alias("Reason")]
    public string CategoryReason { get; set; } = string.Empty;

    [Parameter]
    [Alias("TargetName")]
    public string CategoryTargetName { get; set; } = string.Empty;

    [Parameter]
    [Alias("TargetType")]
    public string CategoryTargetType { get; set; } = string.Empty;

    protected override void ProcessRecord()
    {
        var record = ErrorRecord is null ? NewRecord() : new ErrorRecord(ErrorRecord, ErrorRecord.Exception);
        AddDetails(record);
        AddCategory(record.CategoryInfo);
        // The position and the id of the error are those of the script, not of Write-Error.
        if (GetVariableValue("MyInvocation") is InvocationInfo caller)
        {
            EngineInternals.SetInvocation(record, caller);
            record.CategoryInfo.Activity = CategoryActivity.Length > 0 ? CategoryActivity : "Write-Error";
        }

        WriteError(record);
    }

    private ErrorRecord NewRecord()
    {
        var exception = Exception ?? new WriteErrorException(Message ?? string.Empty);
        var id = ErrorId.Length > 0 ? ErrorId : exception.GetType().FullName;
        var record = new ErrorRecord(exception, id, Category, TargetObject);
        if (Exception is not null && !string.IsNullOrEmpty(Message))
        {
            record.ErrorDetails = new ErrorDetails(Message);
        }

        return record;
    }

    private void AddDetails(ErrorRecord record)
    {
        if (RecommendedAction.Length == 0)
        {
            return;
        }

        record.ErrorDetails ??= new ErrorDetails(record.Exception.Message);
        record.ErrorDetails.RecommendedAction = RecommendedAction;
    }

    private void AddCategory(ErrorCategoryInfo info)
    {
        info.Activity = CategoryActivity.Length > 0 ? CategoryActivity : info.Activity;
        info.Reason = CategoryReason.Length > 0 ? CategoryReason : info.Reason;
        info.TargetName = CategoryTargetName.Length > 0 ? CategoryTargetName : info.TargetName;
        info.TargetType = CategoryTargetType.Length > 0 ? CategoryTargetType : info.TargetType;
    }
}
