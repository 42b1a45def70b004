using System.Management.Automation;
using PPFederation.TestHost.Engine;

namespace Microsoft.PowerShell.Commands;

/// <summary>What the variable cmdlets have in common.</summary>
public abstract class VariableCommandBase : PSCmdlet
{
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Scope { get; set; }

    /// <summary>The variables whose names match; a name without wildcards that fits none is an error.</summary>
    protected IEnumerable<PSVariable> Find(IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            if (!WildcardPattern.ContainsWildcardCharacters(name))
            {
                if (EngineInternals.Variable(SessionState, name, Scope) is { } variable)
                {
                    yield return variable;
                }
                else
                {
                    WriteMissing(name);
                }

                continue;
            }

            var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
            foreach (var variable in EngineInternals.Variables(SessionState, Scope)
                .Where(v => pattern.IsMatch(v.Name)).OrderBy(v => v.Name, StringComparer.OrdinalIgnoreCase))
            {
                yield return variable;
            }
        }
    }

    /// <summary>Runs a change and reports what the engine says against it.</summary>
    protected void Try(Action change)
    {
        try
        {
            change();
        }
        catch (SessionStateException problem)
        {
            WriteError(new ErrorRecord(problem.ErrorRecord, problem));
        }
    }

    private void WriteMissing(string name) => WriteError(new ErrorRecord(
        new ItemNotFoundException($"Cannot find a variable with the name '{name}'."),
        "VariableNotFound",
        ErrorCategory.ObjectNotFound,
        name));
}

/// <summary>Stands in for Get-Variable.</summary>
[Cmdlet(VerbsCommon.Get, "Variable")]
public sealed class GetVariableCommand : VariableCommandBase
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = ["*"];

    [Parameter]
    public SwitchParameter ValueOnly { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var variable in Find(Name))
        {
            WriteObject(ValueOnly ? variable.Value : variable);
        }
    }
}

/// <summary>Stands in for Set-Variable.</summary>
[Cmdlet(VerbsCommon.Set, "Variable", SupportsShouldProcess = true)]
public sealed class SetVariableCommand : VariableCommandBase
{
    private readonly List<object?> _piped = [];
    private bool _expectsInput;

    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = [];

    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public object? Value { get; set; }

    [Parameter]
    public string? Description { get; set; }

    [Parameter]
    public ScopedItemOptions? Option { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void BeginProcessing() => _expectsInput = !MyInvocation.BoundParameters.ContainsKey(nameof(Value));

    protected override void ProcessRecord()
    {
        if (_expectsInput && MyInvocation.ExpectingInput)
        {
            _piped.Add(Value);
        }
    }

    protected override void EndProcessing()
    {
        var value = _piped.Count switch { 0 => Value, 1 => _piped[0], _ => _piped.ToArray() };
        foreach (var name in Name.Where(name => ShouldProcess($"Name: {name} Value: {value}", "Set variable")))
        {
            Try(() => Set(name, value));
        }
    }

    private void Set(string name, object? value)
    {
        var old = EngineInternals.Variable(SessionState, name, Scope ?? "local");
        var variable = new PSVariable(name, value, Option ?? old?.Options ?? ScopedItemOptions.None)
        {
            Description = Description ?? old?.Description ?? string.Empty,
        };
        EngineInternals.SetVariable(SessionState, variable, Scope, Force);
        if (PassThru)
        {
            WriteObject(variable);
        }
    }
}

/// <summary>Stands in for New-Variable.</summary>
[Cmdlet(VerbsCommon.New, "Variable", SupportsShouldProcess = true)]
public sealed class NewVariableCommand : VariableCommandBase
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string Name { get; set; } = string.Empty;

    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public object? Value { get; set; }

    [Parameter]
    public string Description { get; set; } = string.Empty;

    [Parameter]
    public ScopedItemOptions Option { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        if (ShouldProcess($"Name: {Name} Value: {Value}", "New variable"))
        {
            Try(Make);
        }
    }

    private void Make()
    {
        var variable = new PSVariable(Name, Value, Option) { Description = Description };
        EngineInternals.NewVariable(SessionState, variable, Scope, Force);
        if (PassThru)
        {
            WriteObject(variable);
        }
    }
}

/// <summary>Stands in for Remove-Variable.</summary>
[Cmdlet(VerbsCommon.Remove, "Variable", SupportsShouldProcess = true)]
public sealed class RemoveVariableCommand : VariableCommandBase
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = [];

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var variable in Find(Name).ToArray())
        {
            if (ShouldProcess($"Name: {variable.Name}", "Remove variable"))
            {
                Try(() => EngineInternals.RemoveVariable(SessionState, variable, Scope, Force));
            }
        }
    }
}

/// <summary>Stands in for Clear-Variable.</summary>
[Cmdlet(VerbsCommon.Clear, "Variable", SupportsShouldProcess = true)]
public sealed class ClearVariableCommand : VariableCommandBase
{
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public string[] Name { get; set; } = [];

    protected override void ProcessRecord()
    {
        foreach (var variable in Find(Name).ToArray())
        {
            if (ShouldProcess($"Name: {variable.Name}", "Clear variable"))
            {
                Try(() => variable.Value = null);
            }
        }
    }
}
