using System.Management.Automation;
using Newtonsoft.Json;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for ConvertTo-Json.</summary>
[Cmdlet(VerbsData.ConvertTo, "Json")]
[OutputType(typeof(string))]
public sealed class ConvertToJsonCommand : PSCmdlet
{
    private readonly List<object?> _objects = [];

    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    [AllowNull]
    public object? InputObject { get; set; }

    [Parameter]
    [ValidateRange(0, 100)]
    public int Depth { get; set; } = 2;

    [Parameter]
    public SwitchParameter Compress { get; set; }

    [Parameter]
    public SwitchParameter EnumsAsStrings { get; set; }

    [Parameter]
    public SwitchParameter AsArray { get; set; }

    protected override void ProcessRecord() => _objects.Add(InputObject);

    protected override void EndProcessing()
    {
        if (_objects.Count == 0)
        {
            return;
        }

        var writer = new JsonWriter(Depth, Compress, EnumsAsStrings);
        WriteObject(writer.Write(_objects.Count > 1 || AsArray ? _objects : _objects[0]));
        if (writer.Truncated)
        {
            WriteWarning($"Resulting JSON is truncated as serialization has exceeded the set depth of {Depth}.");
        }
    }
}

/// <summary>Stands in for ConvertFrom-Json.</summary>
[Cmdlet(VerbsData.ConvertFrom, "Json")]
public sealed class ConvertFromJsonCommand : PSCmdlet
{
    private readonly List<string> _lines = [];

    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    [AllowEmptyString]
    public string InputObject { get; set; } = string.Empty;

    [Parameter]
    public SwitchParameter AsHashtable { get; set; }

    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Depth { get; set; } = 1024;

    [Parameter]
    public SwitchParameter NoEnumerate { get; set; }

    protected override void ProcessRecord() => _lines.Add(InputObject);

    protected override void EndProcessing()
    {
        // Several lines are several documents when the first is one by itself, else one document in lines.
        if (_lines.Count > 1 && IsDocument(_lines[0]))
        {
            _lines.ForEach(Emit);
        }
        else if (_lines.Count > 0)
        {
            Emit(string.Join(Environment.NewLine, _lines));
        }
    }

    private bool IsDocument(string line)
    {
        try
        {
            JsonReader.Read(line, AsHashtable, Depth);
            return line.Trim().Length > 0;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Emit(string text)
    {
        try
        {
            WriteObject(JsonReader.Read(text, AsHashtable, Depth), !NoEnumerate);
        }
        catch (JsonException problem)
        {
            ThrowTerminatingError(new ErrorRecord(
                new ArgumentException($"Conversion from JSON failed with error: {problem.Message}", problem),
                "System.ArgumentException",
                ErrorCategory.NotSpecified,
                null));
        }
    }
}
