using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Compare-Object; the order of the objects does not matter.</summary>
[Cmdlet(VerbsData.Compare, "Object")]
public sealed class CompareObjectCommand : PSCmdlet
{
    private readonly List<PSObject> _differences = [];

    [Parameter(Position = 0, Mandatory = true)]
    [AllowEmptyCollection]
    public PSObject[] ReferenceObject { get; set; } = [];

    [Parameter(Position = 1, Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyCollection]
    public PSObject[] DifferenceObject { get; set; } = [];

    [Parameter]
    public object[]? Property { get; set; }

    [Parameter]
    public SwitchParameter ExcludeDifferent { get; set; }

    [Parameter]
    public SwitchParameter IncludeEqual { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    [Parameter]
    public SwitchParameter CaseSensitive { get; set; }

    protected override void ProcessRecord() => _differences.AddRange(DifferenceObject);

    protected override void EndProcessing()
    {
        var keys = PropertyChoice.Of(this, Property);
        var missing = ReferenceObject.ToList();
        var added = new List<PSObject>();
        foreach (var difference in _differences)
        {
            var at = missing.FindIndex(reference => Same(reference, difference, keys));
            if (at < 0)
            {
                added.Add(difference);
                continue;
            }

            missing.RemoveAt(at);
            EmitWhen(IncludeEqual || ExcludeDifferent, difference, "==", keys);
        }

        added.ForEach(item => EmitWhen(!ExcludeDifferent, item, "=>", keys));
        missing.ForEach(item => EmitWhen(!ExcludeDifferent, item, "<=", keys));
    }

    private bool Same(PSObject left, PSObject right, PropertyChoice[] keys) => keys.Length == 0
        ? SameValues.Equal(left, right, !CaseSensitive)
        : keys.All(key => LanguagePrimitives.Equals(key.Value(left), key.Value(right), !CaseSensitive));

    private void EmitWhen(bool wanted, PSObject item, string side, PropertyChoice[] keys)
    {
        if (!wanted)
        {
            return;
        }

        var result = PassThru ? item : new PSObject();
        if (!PassThru && keys.Length == 0)
        {
            result.Properties.Add(new PSNoteProperty("InputObject", item));
        }
        else if (!PassThru)
        {
            foreach (var (name, value) in keys.SelectMany(key => key.Values(item)))
            {
                result.Properties.Add(new PSNoteProperty(name, value));
            }
        }

        result.Properties.Remove("SideIndicator");
        result.Properties.Add(new PSNoteProperty("SideIndicator", side));
        WriteObject(result);
    }
}
