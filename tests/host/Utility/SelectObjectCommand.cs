using System.Management.Automation;
using PPFederation.TestHost.Engine;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Select-Object.</summary>
[Cmdlet(VerbsCommon.Select, "Object", DefaultParameterSetName = "DefaultParameter")]
public sealed class SelectObjectCommand : PSCmdlet
{
    private readonly List<PSObject> _selected = [];
    private readonly Queue<PSObject> _last = new();
    private PropertyChoice[] _properties = [];
    private int _seen;
    private int _passed;

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter(Position = 0, ParameterSetName = "DefaultParameter")]
    [Parameter(Position = 0, ParameterSetName = "SkipLastParameter")]
    public object[]? Property { get; set; }

    [Parameter(ParameterSetName = "DefaultParameter")]
    [Parameter(ParameterSetName = "SkipLastParameter")]
    public string[] ExcludeProperty { get; set; } = [];

    [Parameter(ParameterSetName = "DefaultParameter")]
    [Parameter(ParameterSetName = "SkipLastParameter")]
    public string? ExpandProperty { get; set; }

    [Parameter]
    public SwitchParameter Unique { get; set; }

    [Parameter(ParameterSetName = "DefaultParameter")]
    [ValidateRange(0, int.MaxValue)]
    public int Last { get; set; } = -1;

    [Parameter(ParameterSetName = "DefaultParameter")]
    [ValidateRange(0, int.MaxValue)]
    public int First { get; set; } = -1;

    [Parameter(ParameterSetName = "DefaultParameter")]
    [Parameter(ParameterSetName = "IndexParameter")]
    [ValidateRange(0, int.MaxValue)]
    public int Skip { get; set; }

    [Parameter(ParameterSetName = "SkipLastParameter")]
    [ValidateRange(0, int.MaxValue)]
    public int SkipLast { get; set; }

    [Parameter(ParameterSetName = "DefaultParameter")]
    [Parameter(ParameterSetName = "IndexParameter")]
    public SwitchParameter Wait { get; set; }

    [Parameter(ParameterSetName = "IndexParameter")]
    [ValidateRange(0, int.MaxValue)]
    public int[]? Index { get; set; }

    protected override void BeginProcessing()
    {
        _properties = PropertyChoice.Of(this, Property);
        if (_properties.Length == 0 && ExcludeProperty.Length > 0)
        {
            _properties = PropertyChoice.Of(this, ["*"]);
        }
    }

    protected override void ProcessRecord()
    {
        if (InputObject is null)
        {
            return;
        }

        var at = _seen++;
        if (Index is not null)
        {
            TakeIndexed(at, InputObject);
        }
        else if (Last >= 0)
        {
            TakeFirst(at, InputObject);
            HoldBack(InputObject, Last + Skip, passOn: false);
        }
        else if (SkipLast > 0)
        {
            HoldBack(InputObject, SkipLast, passOn: true);
        }
        else
        {
            TakeFirst(at, InputObject);
        }
    }

    protected override void EndProcessing()
    {
        if (Last >= 0)
        {
            foreach (var input in _last.Take(Math.Max(0, _last.Count - Skip)).TakeLast(Last))
            {
                Emit(input);
            }
        }

        WriteObject(_selected, enumerateCollection: true);
    }

    private void TakeIndexed(int at, PSObject input)
    {
        if (Index!.Contains(at))
        {
            Emit(input);
        }

        StopWhen(!Wait && Index!.All(wanted => wanted <= at));
    }

    private void TakeFirst(int at, PSObject input)
    {
        if (Last >= 0 && First < 0)
        {
            return;
        }

        if (at >= Skip && (First < 0 || _passed < First))
        {
            _passed++;
            Emit(input);
        }

        StopWhen(!Wait && Last < 0 && First >= 0 && _passed >= First);
    }

    private void HoldBack(PSObject input, int count, bool passOn)
    {
        _last.Enqueue(input);
        if (_last.Count > count)
        {
            var oldest = _last.Dequeue();
            if (passOn)
            {
                Emit(oldest);
            }
        }
    }

    private void StopWhen(bool enough)
    {
        if (enough)
        {
            EndProcessing();
            throw EngineInternals.StopUpstream(this);
        }
    }

    private void Emit(PSObject input)
    {
        foreach (var result in Selected(input))
        {
            if (!Unique)
            {
                WriteObject(result);
            }
            else if (!_selected.Exists(known => SameValues.Equal(known, result, ignoreCase: false)))
            {
                _selected.Add(result);
            }
        }
    }

    private IEnumerable<PSObject> Selected(PSObject input)
    {
        if (ExpandProperty is not null)
        {
            return Expanded(input);
        }

        return [_properties.Length == 0 ? input : WithProperties(input)];
    }

    private PSObject WithProperties(PSObject input)
    {
        var result = new PSObject();
        var excluded = ExcludeProperty.Select(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase)).ToArray();
        foreach (var (name, value) in _properties.SelectMany(property => property.Values(input)))
        {
            if (result.Properties[name] is null && !Array.Exists(excluded, pattern => pattern.IsMatch(name)))
            {
                result.Properties.Add(new PSNoteProperty(name, value));
            }
        }

        result.TypeNames.Insert(0, "Selected." + input.TypeNames[0]);
        return result;
    }

    private IEnumerable<PSObject> Expanded(PSObject input)
    {
        var choice = PropertyChoice.Of(this, [ExpandProperty!])[0];
        if (!choice.Exists(input))
        {
            WriteError(new ErrorRecord(
                new PSArgumentException($"Property \"{ExpandProperty}\" cannot be found."),
                "ExpandPropertyNotFound",
                ErrorCategory.InvalidArgument,
                input));
            return [];
        }

        var value = choice.Value(input);
        var items = LanguagePrimitives.GetEnumerable(value);
        var results = items is null ? [value] : items.Cast<object?>();
        return results.Where(item => item is not null).Select(item => WithNotes(PSObject.AsPSObject(item), input));
    }

    private PSObject WithNotes(PSObject expanded, PSObject input)
    {
        foreach (var (name, value) in _properties.SelectMany(property => property.Values(input)))
        {
            expanded.Properties.Add(new PSNoteProperty(name, value));
        }

        return expanded;
    }
}
