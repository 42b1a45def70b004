using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Get-PSDrive.</summary>
[Cmdlet(VerbsCommon.Get, "PSDrive")]
public sealed class GetPSDriveCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = ["*"];

    protected override void ProcessRecord()
    {
        foreach (var wanted in Name)
        {
            var pattern = WildcardPattern.Get(wanted, WildcardOptions.IgnoreCase);
            var found = SessionState.Drive.GetAll().Where(drive => pattern.IsMatch(drive.Name)).ToArray();
            WriteObject(found, enumerateCollection: true);
            if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(wanted))
            {
                WriteError(new ErrorRecord(
                    new ItemNotFoundException($"Cannot find drive. A drive with the name '{wanted}' does not exist."),
                    "GetLocationNoMatchingDrive",
                    ErrorCategory.ObjectNotFound,
                    wanted));
            }
        }
    }
}

/// <summary>Stands in for New-PSDrive.</summary>
[Cmdlet(VerbsCommon.New, "PSDrive", SupportsShouldProcess = true)]
public sealed class NewPSDriveCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string Name { get; set; } = string.Empty;

    [Parameter(Position = 1, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string PSProvider { get; set; } = string.Empty;

    [Parameter(Position = 2, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [AllowEmptyString]
    public string Root { get; set; } = string.Empty;

    [Parameter]
    public string Description { get; set; } = string.Empty;

    [Parameter]
    public string Scope { get; set; } = "local";

    protected override void ProcessRecord()
    {
        if (!ShouldProcess($"Name: {Name} Provider: {PSProvider} Root: {Root}", "New drive"))
        {
            return;
        }

        try
        {
            var root = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Root);
            var drive = new PSDriveInfo(Name, SessionState.Provider.GetOne(PSProvider), root, Description, null);
            WriteObject(SessionState.Drive.New(drive, Scope));
        }
        catch (SessionStateException problem)
        {
            WriteError(new ErrorRecord(problem.ErrorRecord, problem));
        }
    }
}

/// <summary>Stands in for Remove-PSDrive.</summary>
[Cmdlet(VerbsCommon.Remove, "PSDrive", SupportsShouldProcess = true)]
public sealed class RemovePSDriveCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = [];

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public string Scope { get; set; } = string.Empty;

    protected override void ProcessRecord()
    {
        foreach (var name in Name.Where(name => ShouldProcess($"Name: {name}", "Remove Drive")))
        {
            try
            {
                SessionState.Drive.Remove(name, Force, Scope);
            }
            catch (SessionStateException problem)
            {
                WriteError(new ErrorRecord(problem.ErrorRecord, problem));
            }
        }
    }
}
