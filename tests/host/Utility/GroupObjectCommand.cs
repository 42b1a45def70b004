using System.Collections;
using System.Collections.ObjectModel;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>One group of Group-Object -NoElement; the engine has its view by this type's name.</summary>
public class GroupInfoNoElement
{
    internal GroupInfoNoElement(IReadOnlyList<object?> keys)
    {
        Values = new ArrayList(keys.ToArray());
        Name = string.Join(", ", keys.Select(LanguagePrimitives.ConvertTo<string>));
    }

    public ArrayList Values { get; }

    public int Count { get; internal set; }

    public string Name { get; }
}

/// <summary>One group of Group-Object; the engine has its view by this type's name.</summary>
public sealed class GroupInfo : GroupInfoNoElement
{
    internal GroupInfo(IReadOnlyList<object?> keys)
        : base(keys)
    {
    }

    public Collection<PSObject> Group { get; } = [];

    internal void Add(PSObject input)
    {
        Count++;
        Group.Add(input);
    }

    internal GroupInfoNoElement WithoutElements() => new(Values.ToArray()) { Count = Count };
}

/// <summary>Stands in for Group-Object. Groups come in the order of their names, as in PowerShell 7.</summary>
[Cmdlet("Group", "Object", DefaultParameterSetName = "None")]
public sealed class GroupObjectCommand : PSCmdlet
{
    private readonly List<GroupInfo> _groups = [];
    private PropertyChoice[] _keys = [];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0)]
    public object[]? Property { get; set; }

    [Parameter]
    public SwitchParameter NoElement { get; set; }

    [Parameter]
    public SwitchParameter CaseSensitive { get; set; }

    [Parameter(ParameterSetName = "HashTable", Mandatory = true)]
    [Alias("AHT")]
    public SwitchParameter AsHashTable { get; set; }

    [Parameter(ParameterSetName = "HashTable")]
    public SwitchParameter AsString { get; set; }

    protected override void BeginProcessing() => _keys = PropertyChoice.Of(this, Property);

    protected override void ProcessRecord()
    {
        if (InputObject is null)
        {
            return;
        }

        object?[] values = _keys.Length == 0 ? [InputObject] : [.. _keys.Select(key => key.Value(InputObject))];
        var group = _groups.Find(known => Same(known, values));
        if (group is null)
        {
            group = new GroupInfo(values);
            _groups.Add(group);
        }

        group.Add(InputObject);
    }

    protected override void EndProcessing()
    {
        if (AsHashTable)
        {
            WriteObject(Table());
            return;
        }

        var sorted = _groups.OrderBy(group => group.Values[0], Comparer<object?>.Create(Order)).ToArray();
        WriteObject(NoElement ? sorted.Select(group => group.WithoutElements()) : sorted, enumerateCollection: true);
    }

    private bool Same(GroupInfo group, object?[] values) =>
        values.Select((value, at) => LanguagePrimitives.Equals(group.Values[at], value, !CaseSensitive)).All(same => same);

    private int Order(object? left, object? right) =>
        LanguagePrimitives.TryCompare(left, right, !CaseSensitive, out var order)
            ? order
            : string.Compare(left?.ToString(), right?.ToString(), StringComparison.CurrentCultureIgnoreCase);

    private Hashtable Table()
    {
        var table = new Hashtable(CaseSensitive ? null : StringComparer.OrdinalIgnoreCase);
        foreach (var group in _groups)
        {
            var key = group.Values.Count == 1 && !AsString ? PSObject.AsPSObject(group.Values[0] ?? "").BaseObject : group.Name;
            table[key] = group.Group;
        }

        return table;
    }
}
