using System.Collections;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for New-Object (.NET types; no COM).</summary>
[Cmdlet(VerbsCommon.New, "Object")]
public sealed class NewObjectCommand : PSCmdlet
{
    [Parameter(Mandatory = true, Position = 0)]
    public string TypeName { get; set; } = string.Empty;

    [Parameter(Position = 1)]
    [Alias("Args")]
    public object[] ArgumentList { get; set; } = [];

    [Parameter]
    public IDictionary? Property { get; set; }

    protected override void EndProcessing()
    {
        var created = PSObject.AsPSObject(New(TypeOf(TypeName)));
        foreach (DictionaryEntry entry in Property ?? new Hashtable())
        {
            Set(created, entry.Key.ToString()!, entry.Value);
        }

        WriteObject(created);
    }

    private Type TypeOf(string name)
    {
        if (LanguagePrimitives.TryConvertTo(name, out Type type))
        {
            return type;
        }

        ThrowTerminatingError(new ErrorRecord(
            new PSArgumentException($"Cannot find type [{name}]: verify that the assembly containing this type is loaded."),
            "TypeNotFound",
            ErrorCategory.InvalidType,
            null));
        throw new InvalidOperationException(); // Not reached.
    }

    private object New(Type type)
    {
        if (type == typeof(PSObject) && ArgumentList.Length == 0)
        {
            return new PSObject();
        }

        if (type.IsValueType && ArgumentList.Length == 0)
        {
            return Activator.CreateInstance(type)!; // A structure need not have a constructor.
        }

        try
        {
            // The engine chooses among the constructors and converts the arguments, as for [type]::new().
            var constructor = ScriptBlock.Create("param($type, $list) ,$type::new.Invoke($list)");
            return PSObject.AsPSObject(constructor.InvokeReturnAsIs(type, ArgumentList)).BaseObject;
        }
        catch (RuntimeException problem)
        {
            ThrowTerminatingError(new ErrorRecord(
                problem.InnerException ?? problem,
                "ConstructorInvokedThrowException",
                ErrorCategory.InvalidOperation,
                null));
            throw;
        }
    }

    private void Set(PSObject created, string name, object? value)
    {
        if (created.Properties[name] is { } property)
        {
            property.Value = value;
        }
        else if (created.BaseObject is PSCustomObject)
        {
            created.Properties.Add(new PSNoteProperty(name, value));
        }
        else
        {
            WriteError(new ErrorRecord(
                new InvalidOperationException(
                    $"The member \"{name}\" was not found for the specified .NET object of type {created.BaseObject.GetType()}."),
                "InvalidOperationException",
                ErrorCategory.InvalidOperation,
                null));
        }
    }
}

/// <summary>Stands in for Add-Member.</summary>
[Cmdlet(VerbsCommon.Add, "Member", DefaultParameterSetName = "TypeNameSet")]
public sealed class AddMemberCommand : PSCmdlet
{
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    public PSObject InputObject { get; set; } = new();

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "MemberSet")]
    [Alias("Type")]
    public PSMemberTypes MemberType { get; set; }

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "MemberSet")]
    public string Name { get; set; } = string.Empty;

    [Parameter(Position = 2, ParameterSetName = "MemberSet")]
    public object? Value { get; set; }

    [Parameter(Position = 3, ParameterSetName = "MemberSet")]
    public object? SecondValue { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "TypeNameSet")]
    [Parameter(ParameterSetName = "MemberSet")]
    [Parameter(ParameterSetName = "NotePropertySingleMemberSet")]
    [Parameter(ParameterSetName = "NotePropertyMultiMemberSet")]
    public string? TypeName { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "NotePropertySingleMemberSet")]
    public string NotePropertyName { get; set; } = string.Empty;

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "NotePropertySingleMemberSet")]
    [AllowNull]
    public object? NotePropertyValue { get; set; }

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "NotePropertyMultiMemberSet")]
    public IDictionary NotePropertyMembers { get; set; } = new Hashtable();

    protected override void ProcessRecord()
    {
        foreach (var member in Members())
        {
            Add(member);
        }

        if (TypeName is not null)
        {
            InputObject.TypeNames.Insert(0, TypeName);
        }

        if (PassThru)
        {
            WriteObject(InputObject);
        }
    }

    private IEnumerable<PSMemberInfo> Members() => ParameterSetName switch
    {
        "MemberSet" => [Member()],
        "NotePropertySingleMemberSet" => [new PSNoteProperty(NotePropertyName, NotePropertyValue)],
        "NotePropertyMultiMemberSet" => NotePropertyMembers.Cast<DictionaryEntry>()
            .Select(entry => new PSNoteProperty(entry.Key.ToString(), entry.Value)),
        _ => [],
    };

    private PSMemberInfo Member() => MemberType switch
    {
        PSMemberTypes.NoteProperty => new PSNoteProperty(Name, Value),
        PSMemberTypes.AliasProperty => new PSAliasProperty(Name, LanguagePrimitives.ConvertTo<string>(Value)),
        PSMemberTypes.ScriptMethod => new PSScriptMethod(Name, Script(Value)),
        PSMemberTypes.ScriptProperty when SecondValue is null => new PSScriptProperty(Name, Script(Value)),
        PSMemberTypes.ScriptProperty => new PSScriptProperty(Name, Script(Value), Script(SecondValue)),
        _ => throw new PSNotSupportedException($"This stand-in for Add-Member adds no {MemberType}."),
    };

    private static ScriptBlock Script(object? value) => LanguagePrimitives.ConvertTo<ScriptBlock>(value);

    private void Add(PSMemberInfo member)
    {
        if (InputObject.Members[member.Name] is { } existing)
        {
            if (!Force)
            {
                WriteError(new ErrorRecord(
                    new InvalidOperationException(
                        $"Cannot add a member with the name \"{member.Name}\" because a member with that name already exists. "
                        + "To overwrite the member anyway, add the Force parameter to your command."),
                    "MemberAlreadyExists",
                    ErrorCategory.InvalidOperation,
                    InputObject));
                return;
            }

            if (existing.IsInstance)
            {
                InputObject.Members.Remove(member.Name);
            }
        }

        InputObject.Members.Add(member);
    }
}
