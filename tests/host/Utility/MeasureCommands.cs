using System.Diagnostics;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Microsoft.PowerShell.Commands;

/// <summary>What Measure-Object answers about numbers.</summary>
public sealed class GenericMeasureInfo
{
    public int Count { get; internal set; }

    public double? Average { get; internal set; }

    public double? Sum { get; internal set; }

    public double? Maximum { get; internal set; }

    public double? Minimum { get; internal set; }

    public string? Property { get; internal set; }
}

/// <summary>What Measure-Object answers about text.</summary>
public sealed class TextMeasureInfo
{
    public int? Lines { get; internal set; }

    public int? Words { get; internal set; }

    public int? Characters { get; internal set; }

    public string? Property { get; internal set; }
}

/// <summary>Stands in for Measure-Object.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "Object", DefaultParameterSetName = "GenericMeasure")]
public sealed partial class MeasureObjectCommand : PSCmdlet
{
    private readonly List<object?> _values = [];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0)]
    public string? Property { get; set; }

    [Parameter(ParameterSetName = "GenericMeasure")]
    public SwitchParameter Sum { get; set; }

    [Parameter(ParameterSetName = "GenericMeasure")]
    public SwitchParameter Average { get; set; }

    [Parameter(ParameterSetName = "GenericMeasure")]
    public SwitchParameter Maximum { get; set; }

    [Parameter(ParameterSetName = "GenericMeasure")]
    public SwitchParameter Minimum { get; set; }

    [Parameter(ParameterSetName = "TextMeasure")]
    public SwitchParameter Line { get; set; }

    [Parameter(ParameterSetName = "TextMeasure")]
    public SwitchParameter Word { get; set; }

    [Parameter(ParameterSetName = "TextMeasure")]
    public SwitchParameter Character { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject is null)
        {
            return;
        }

        if (Property is null)
        {
            _values.Add(InputObject);
        }
        else if (PropertyChoice.Of(this, [Property])[0] is var choice && choice.Exists(InputObject))
        {
            _values.Add(choice.Value(InputObject));
        }
        else
        {
            WriteError(new ErrorRecord(
                new PSArgumentException($"The property \"{Property}\" cannot be found in the input for any objects."),
                "GenericMeasurePropertyNotFound",
                ErrorCategory.InvalidArgument,
                InputObject));
        }
    }

    protected override void EndProcessing() => WriteObject(ParameterSetName == "TextMeasure" ? Text() : Numbers());

    [GeneratedRegex(@"\S+")]
    private static partial Regex Words();

    private GenericMeasureInfo Numbers()
    {
        var info = new GenericMeasureInfo { Count = _values.Count, Property = Property };
        if (_values.Count == 0 || !(Sum || Average || Maximum || Minimum))
        {
            return info;
        }

        var numbers = _values.Select(value => LanguagePrimitives.ConvertTo<double>(value)).ToArray();
        info.Sum = Sum ? numbers.Sum() : null;
        info.Average = Average ? numbers.Average() : null;
        info.Maximum = Maximum ? numbers.Max() : null;
        info.Minimum = Minimum ? numbers.Min() : null;
        return info;
    }

    private TextMeasureInfo Text()
    {
        var texts = _values.Select(LanguagePrimitives.ConvertTo<string>).ToArray();
        return new TextMeasureInfo
        {
            Property = Property,
            Lines = Line ? texts.Sum(text => text.TrimEnd('\n').Split('\n').Length) : null,
            Words = Word ? texts.Sum(text => Words().Count(text)) : null,
            Characters = Character ? texts.Sum(text => text.Length) : null,
        };
    }
}

/// <summary>Stands in for Measure-Command.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "Command")]
[OutputType(typeof(TimeSpan))]
public sealed class MeasureCommandCommand : PSCmdlet
{
    private readonly Stopwatch _watch = new();

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0, Mandatory = true)]
    public ScriptBlock? Expression { get; set; }

    protected override void ProcessRecord()
    {
        _watch.Start();
        InvokeCommand.InvokeScript(useLocalScope: false, Expression, input: null); // In the caller's scope, as the real one.
        _watch.Stop();
    }

    protected override void EndProcessing() => WriteObject(_watch.Elapsed);
}
