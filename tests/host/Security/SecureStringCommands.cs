using System.Management.Automation;
using System.Net;
using System.Security;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for ConvertTo-SecureString -AsPlainText; encrypted text is not read.</summary>
[Cmdlet(VerbsData.ConvertTo, "SecureString", DefaultParameterSetName = "PlainText")]
[OutputType(typeof(SecureString))]
public sealed class ConvertToSecureStringCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    public string String { get; set; } = string.Empty;

    [Parameter(Position = 1, Mandatory = true)]
    public SwitchParameter AsPlainText { get; set; }

    [Parameter(Position = 2)]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        var secret = new SecureString();
        foreach (var letter in String)
        {
            secret.AppendChar(letter);
        }

        secret.MakeReadOnly();
        WriteObject(secret);
    }
}

/// <summary>Stands in for ConvertFrom-SecureString -AsPlainText; it encrypts nothing.</summary>
[Cmdlet(VerbsData.ConvertFrom, "SecureString")]
[OutputType(typeof(string))]
public sealed class ConvertFromSecureStringCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    public SecureString? SecureString { get; set; }

    [Parameter(Mandatory = true)]
    public SwitchParameter AsPlainText { get; set; }

    protected override void ProcessRecord() => WriteObject(new NetworkCredential(string.Empty, SecureString).Password);
}

/// <summary>Stands in for Get-Credential.</summary>
[Cmdlet(VerbsCommon.Get, "Credential", DefaultParameterSetName = "CredentialSet")]
[OutputType(typeof(PSCredential))]
public sealed class GetCredentialCommand : PSCmdlet
{
    [Parameter(Position = 0, ParameterSetName = "CredentialSet")]
    [Credential]
    [ValidateNotNull]
    public PSCredential? Credential { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "MessageSet")]
    public string Message { get; set; } = "Enter your credentials.";

    [Parameter(Position = 0, ParameterSetName = "MessageSet")]
    public string? UserName { get; set; }

    protected override void BeginProcessing() => WriteObject(
        Credential ?? Host.UI.PromptForCredential("PowerShell credential request", Message, UserName, string.Empty));
}

/// <summary>Stands in for Get-ExecutionPolicy: the host runs every script, as pwsh does outside Windows.</summary>
[Cmdlet(VerbsCommon.Get, "ExecutionPolicy")]
public sealed class GetExecutionPolicyCommand : PSCmdlet
{
    protected override void BeginProcessing() => WriteObject(ExecutionPolicy.Unrestricted);
}
