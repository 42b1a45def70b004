using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>One member as Get-Member shows it; the engine has its view by this type's name.</summary>
public sealed class MemberDefinition
{
    internal MemberDefinition(string typeName, string name, PSMemberTypes memberType, string definition)
    {
        TypeName = typeName;
        Name = name;
        MemberType = memberType;
        Definition = definition;
    }

    public string TypeName { get; }

    public string Name { get; }

    public PSMemberTypes MemberType { get; }

    public string Definition { get; }
}

/// <summary>Stands in for Get-Member on instances.</summary>
[Cmdlet(VerbsCommon.Get, "Member")]
public sealed class GetMemberCommand : PSCmdlet
{
    private readonly HashSet<string> _seenTypes = [];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0)]
    public string[] Name { get; set; } = ["*"];

    [Parameter]
    [Alias("Type")]
    public PSMemberTypes MemberType { get; set; } = PSMemberTypes.All;

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject is null || !_seenTypes.Add(InputObject.TypeNames[0]))
        {
            return;
        }

        var patterns = Name.Select(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase)).ToArray();
        var members = InputObject.Members
            .Where(member => MemberType.HasFlag(member.MemberType) && patterns.Any(pattern => pattern.IsMatch(member.Name)))
            .Where(member => Force || !IsAccessor(member.Name))
            .OrderBy(member => member.MemberType).ThenBy(member => member.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var member in members)
        {
            WriteObject(new MemberDefinition(InputObject.TypeNames[0], member.Name, member.MemberType, member.ToString() ?? string.Empty));
        }
    }

    private static bool IsAccessor(string name) =>
        name.StartsWith("get_", StringComparison.Ordinal) || name.StartsWith("set_", StringComparison.Ordinal);
}
