using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Security.Cryptography;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Read-Host.</summary>
[Cmdlet(VerbsCommunications.Read, "Host", DefaultParameterSetName = "AsString")]
public sealed class ReadHostCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromRemainingArguments = true)]
    [AllowNull]
    public object? Prompt { get; set; }

    [Parameter(ParameterSetName = "AsSecureString")]
    public SwitchParameter AsSecureString { get; set; }

    [Parameter(ParameterSetName = "AsString")]
    public SwitchParameter MaskInput { get; set; }

    protected override void BeginProcessing()
    {
        if (Prompt is not null)
        {
            var items = LanguagePrimitives.GetEnumerable(Prompt);
            Host.UI.Write((items is null ? Prompt : string.Join(' ', items.Cast<object>())) + ": ");
        }

        if (AsSecureString)
        {
            WriteObject(Host.UI.ReadLineAsSecureString());
        }
        else
        {
            WriteObject(MaskInput ? Plain(Host.UI.ReadLineAsSecureString()) : Host.UI.ReadLine());
        }
    }

    private static string Plain(System.Security.SecureString secret) =>
        new System.Net.NetworkCredential(string.Empty, secret).Password;
}

/// <summary>Stands in for Invoke-Expression.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "Expression")]
public sealed class InvokeExpressionCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    public string Command { get; set; } = string.Empty;

    protected override void ProcessRecord() =>
        WriteObject(InvokeCommand.InvokeScript(false, InvokeCommand.NewScriptBlock(Command), null), enumerateCollection: true);
}

/// <summary>Stands in for Get-FileHash.</summary>
[Cmdlet(VerbsCommon.Get, "FileHash", DefaultParameterSetName = "Path")]
public sealed class GetFileHashCommand : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "Path")]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "LiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "Stream")]
    public Stream? InputStream { get; set; }

    [Parameter]
    [ValidateSet("SHA1", "SHA256", "SHA384", "SHA512", "MD5")]
    public string Algorithm { get; set; } = "SHA256";

    protected override void ProcessRecord()
    {
        if (InputStream is not null)
        {
            Emit(InputStream, null);
            return;
        }

        var files = LiteralPath.Select(path => SessionState.Path.GetUnresolvedProviderPathFromPSPath(path))
            .Concat(Path.SelectMany(path => GetResolvedProviderPathFromPSPath(path, out _)));
        foreach (var file in files.Where(File.Exists))
        {
            using var stream = File.OpenRead(file);
            Emit(stream, file);
        }
    }

    private void Emit(Stream stream, string? file)
    {
        var hash = CryptographicOperations.HashData(new HashAlgorithmName(Algorithm.ToUpperInvariant()), stream);
        var result = new PSObject();
        result.TypeNames.Insert(0, "Microsoft.Powershell.Utility.FileHash");
        result.Properties.Add(new PSNoteProperty("Algorithm", Algorithm.ToUpperInvariant()));
        result.Properties.Add(new PSNoteProperty("Hash", Convert.ToHexString(hash)));
        result.Properties.Add(new PSNoteProperty("Path", file));
        WriteObject(result);
    }
}

/// <summary>Stands in for Get-PSCallStack.</summary>
[Cmdlet(VerbsCommon.Get, "PSCallStack")]
public sealed class GetPSCallStackCommand : PSCmdlet
{
    protected override void ProcessRecord() =>
        WriteObject(Runspace.DefaultRunspace.Debugger.GetCallStack(), enumerateCollection: true);
}

/// <summary>Stands in for Get-Host.</summary>
[Cmdlet(VerbsCommon.Get, "Host")]
public sealed class GetHostCommand : PSCmdlet
{
    protected override void ProcessRecord() => WriteObject(Host);
}

/// <summary>Stands in for Get-UICulture.</summary>
[Cmdlet(VerbsCommon.Get, "UICulture")]
public sealed class GetUICultureCommand : PSCmdlet
{
    protected override void ProcessRecord() => WriteObject(Host.CurrentUICulture);
}

/// <summary>Stands in for Get-Culture.</summary>
[Cmdlet(VerbsCommon.Get, "Culture")]
public sealed class GetCultureCommand : PSCmdlet
{
    protected override void ProcessRecord() => WriteObject(Host.CurrentCulture);
}

/// <summary>Stands in for Tee-Object.</summary>
[Cmdlet("Tee", "Object", DefaultParameterSetName = "File")]
public sealed class TeeObjectCommand : PSCmdlet
{
    private readonly List<PSObject> _objects = [];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "File")]
    [Alias("Path")]
    public string FilePath { get; set; } = string.Empty;

    [Parameter(ParameterSetName = "File")]
    public SwitchParameter Append { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Variable")]
    public string Variable { get; set; } = string.Empty;

    protected override void ProcessRecord()
    {
        _objects.Add(InputObject!);
        WriteObject(InputObject);
    }

    protected override void EndProcessing()
    {
        if (ParameterSetName == "Variable")
        {
            SessionState.PSVariable.Set(Variable, _objects.Count == 1 ? _objects[0] : _objects.ToArray());
            return;
        }

        InvokeCommand.InvokeScript(
            "param($file, $append) $input | Out-File -FilePath $file -Append:$append",
            true,
            PipelineResultTypes.None,
            _objects,
            FilePath,
            Append);
    }
}

/// <summary>Stands in for Add-Type with -AssemblyName or -Path; it compiles nothing.</summary>
[Cmdlet(VerbsCommon.Add, "Type", DefaultParameterSetName = "FromAssemblyName")]
public sealed class AddTypeCommand : PSCmdlet
{
    [Parameter(Mandatory = true, ParameterSetName = "FromAssemblyName")]
    [Alias("AN")]
    public string[] AssemblyName { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "FromPath")]
    public string[] Path { get; set; } = [];

    protected override void EndProcessing()
    {
        foreach (var name in AssemblyName)
        {
            System.Reflection.Assembly.Load(name);
        }

        foreach (var file in Path.SelectMany(path => GetResolvedProviderPathFromPSPath(path, out _)))
        {
            System.Reflection.Assembly.LoadFrom(file);
        }
    }
}
