using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Sort-Object. The order of equal objects is kept, with and without -Stable.</summary>
[Cmdlet("Sort", "Object", DefaultParameterSetName = "Default")]
public sealed class SortObjectCommand : PSCmdlet
{
    private readonly List<PSObject> _objects = [];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0)]
    public object[]? Property { get; set; }

    [Parameter]
    public SwitchParameter Descending { get; set; }

    [Parameter]
    public SwitchParameter Unique { get; set; }

    [Parameter]
    public SwitchParameter CaseSensitive { get; set; }

    [Parameter(ParameterSetName = "Default")]
    public SwitchParameter Stable { get; set; }

    [Parameter(ParameterSetName = "Top", Mandatory = true)]
    [ValidateRange(1, int.MaxValue)]
    public int Top { get; set; } = int.MaxValue;

    [Parameter(ParameterSetName = "Bottom", Mandatory = true)]
    [ValidateRange(1, int.MaxValue)]
    public int Bottom { get; set; } = int.MaxValue;

    protected override void ProcessRecord()
    {
        if (InputObject is not null)
        {
            _objects.Add(InputObject);
        }
    }

    protected override void EndProcessing()
    {
        var keys = PropertyChoice.Of(this, Property);
        var rows = _objects.Select(input => new Row(input, KeysOf(input, keys)));
        IEnumerable<Row> sorted = rows.OrderBy(row => row, Comparer<Row>.Create((a, b) => Compare(a, b, keys)));
        if (Unique)
        {
            sorted = WithoutRepeats(sorted.ToArray(), keys);
        }

        var results = sorted.ToArray();
        var shown = Bottom == int.MaxValue ? results.Take(Top) : results.TakeLast(Bottom);
        WriteObject(shown.Select(row => row.Input), enumerateCollection: true);
    }

    private static object?[] KeysOf(PSObject input, PropertyChoice[] keys) =>
        keys.Length == 0 ? [input] : [.. keys.Select(key => key.Value(input))];

    private IEnumerable<Row> WithoutRepeats(Row[] sorted, PropertyChoice[] keys) =>
        sorted.Where((row, at) => at == 0 || Compare(sorted[at - 1], row, keys) != 0);

    private int Compare(Row left, Row right, PropertyChoice[] keys)
    {
        for (var at = 0; at < left.Keys.Length; at++)
        {
            var order = Compare(left.Keys[at], right.Keys[at]);
            if (order != 0)
            {
                var descending = (keys.Length > at ? keys[at].Descending : null) ?? Descending.IsPresent;
                return descending ? -order : order;
            }
        }

        return 0;
    }

    private int Compare(object? left, object? right) =>
        LanguagePrimitives.TryCompare(left, right, !CaseSensitive, out var order)
            ? order
            : string.Compare(
                left?.ToString(),
                right?.ToString(),
                CaseSensitive ? StringComparison.CurrentCulture : StringComparison.CurrentCultureIgnoreCase);

    private sealed record Row(PSObject Input, object?[] Keys);
}
