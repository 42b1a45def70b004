using System.Management.Automation;
using PPFederation.TestHost.Engine;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Get-Alias.</summary>
[Cmdlet(VerbsCommon.Get, "Alias", DefaultParameterSetName = "Default")]
public sealed class GetAliasCommand : PSCmdlet
{
    [Parameter(Position = 0, ParameterSetName = "Default", ValueFromPipeline = true)]
    public string[] Name { get; set; } = ["*"];

    [Parameter(ParameterSetName = "Definition")]
    public string[]? Definition { get; set; }

    [Parameter]
    public string? Scope { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var wanted in Definition ?? Name)
        {
            var pattern = WildcardPattern.Get(wanted, WildcardOptions.IgnoreCase);
            var found = EngineInternals.Aliases(SessionState, Scope)
                .Where(alias => pattern.IsMatch(Definition is null ? alias.Name : alias.Definition))
                .OrderBy(alias => alias.Name, StringComparer.OrdinalIgnoreCase)
                .ToArray();
            WriteObject(found, enumerateCollection: true);
            if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(wanted))
            {
                WriteMissing(wanted);
            }
        }
    }

    private void WriteMissing(string wanted) => WriteError(new ErrorRecord(
        new ItemNotFoundException($"This command cannot find a matching alias because an alias with the name '{wanted}' does not exist."),
        "ItemNotFoundException",
        ErrorCategory.ObjectNotFound,
        wanted));
}

/// <summary>What Set-Alias and New-Alias have in common.</summary>
public abstract class WriteAliasCommandBase : PSCmdlet
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string Name { get; set; } = string.Empty;

    [Parameter(Position = 1, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string Value { get; set; } = string.Empty;

    [Parameter]
    public ScopedItemOptions Option { get; set; }

    [Parameter]
    public string? Scope { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <summary>The operation as -WhatIf names it.</summary>
    protected abstract string Operation { get; }

    protected override void ProcessRecord()
    {
        if (!ShouldProcess($"Name: {Name} Value: {Value}", Operation))
        {
            return;
        }

        try
        {
            Write();
        }
        catch (SessionStateException problem)
        {
            WriteError(new ErrorRecord(problem.ErrorRecord, problem));
        }
    }

    protected virtual void Write()
    {
        var alias = EngineInternals.SetAlias(SessionState, Name, Value, Option, Scope, Force);
        if (PassThru)
        {
            WriteObject(alias);
        }
    }
}

/// <summary>Stands in for Set-Alias.</summary>
[Cmdlet(VerbsCommon.Set, "Alias", SupportsShouldProcess = true)]
public sealed class SetAliasCommand : WriteAliasCommandBase
{
    protected override string Operation => "Set Alias";
}

/// <summary>Stands in for New-Alias.</summary>
[Cmdlet(VerbsCommon.New, "Alias", SupportsShouldProcess = true)]
public sealed class NewAliasCommand : WriteAliasCommandBase
{
    protected override string Operation => "New Alias";

    protected override void Write()
    {
        var exists = EngineInternals.Aliases(SessionState, Scope ?? "local")
            .Any(alias => string.Equals(alias.Name, Name, StringComparison.OrdinalIgnoreCase));
        if (exists && !Force)
        {
            WriteError(new ErrorRecord(
                new SessionStateException($"The alias is not allowed, because an alias with the name '{Name}' already exists."),
                "AliasAlreadyExists",
                ErrorCategory.ResourceExists,
                Name));
            return;
        }

        base.Write();
    }
}
