using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for New-Guid.</summary>
[Cmdlet(VerbsCommon.New, "Guid", DefaultParameterSetName = "Default")]
[OutputType(typeof(Guid))]
public sealed class NewGuidCommand : PSCmdlet
{
    [Parameter(ParameterSetName = "Empty")]
    public SwitchParameter Empty { get; set; }

    protected override void ProcessRecord() => WriteObject(Empty ? Guid.Empty : Guid.NewGuid());
}

/// <summary>Stands in for Get-Random.</summary>
[Cmdlet(VerbsCommon.Get, "Random", DefaultParameterSetName = "RandomNumberParameterSet")]
public sealed class GetRandomCommand : PSCmdlet
{
    private readonly List<object> _items = [];

    [Parameter]
    public int? SetSeed { get; set; }

    [Parameter(ParameterSetName = "RandomNumberParameterSet", Position = 0)]
    public object? Maximum { get; set; }

    [Parameter(ParameterSetName = "RandomNumberParameterSet")]
    public object? Minimum { get; set; }

    [Parameter(ParameterSetName = "RandomListItemParameterSet", ValueFromPipeline = true, Position = 0, Mandatory = true)]
    [Parameter(ParameterSetName = "ShuffleParameterSet", ValueFromPipeline = true, Position = 0, Mandatory = true)]
    [AllowNull]
    public object[] InputObject { get; set; } = [];

    [Parameter(ParameterSetName = "RandomNumberParameterSet")]
    [Parameter(ParameterSetName = "RandomListItemParameterSet")]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    [Parameter(ParameterSetName = "ShuffleParameterSet", Mandatory = true)]
    public SwitchParameter Shuffle { get; set; }

    protected override void ProcessRecord() => _items.AddRange(InputObject);

    protected override void EndProcessing()
    {
        var random = SetSeed is { } seed ? new Random(seed) : Random.Shared;
        if (ParameterSetName != "RandomNumberParameterSet")
        {
            var mixed = _items.ToArray();
            random.Shuffle(mixed);
            WriteObject(Shuffle ? mixed : mixed.Take(Count), enumerateCollection: true);
            return;
        }

        for (var made = 0; made < Count; made++)
        {
            WriteObject(Number(random));
        }
    }

    private object Number(Random random)
    {
        if (Minimum is double || Maximum is double)
        {
            var from = LanguagePrimitives.ConvertTo<double>(Minimum ?? 0.0);
            return from + (random.NextDouble() * (LanguagePrimitives.ConvertTo<double>(Maximum ?? double.MaxValue) - from));
        }

        var low = LanguagePrimitives.ConvertTo<long>(Minimum ?? 0);
        var high = LanguagePrimitives.ConvertTo<long>(Maximum ?? int.MaxValue);
        if (low >= high)
        {
            ThrowTerminatingError(new ErrorRecord(
                new ArgumentException($"The Minimum value ({low}) cannot be greater than or equal to the Maximum value ({high})."),
                "MinGreaterThanOrEqualMax",
                ErrorCategory.InvalidArgument,
                null));
        }

        var number = random.NextInt64(low, high);
        return number is >= int.MinValue and <= int.MaxValue ? (int)number : number;
    }
}
