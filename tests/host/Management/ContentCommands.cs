using System.Collections;
using System.Management.Automation;
using System.Text;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Get-Content.</summary>
[Cmdlet(VerbsCommon.Get, "Content", DefaultParameterSetName = "Path")]
public sealed class GetContentCommand : PathCommandBase
{
    [Parameter]
    public SwitchParameter Raw { get; set; }

    [Parameter]
    public SwitchParameter AsByteStream { get; set; }

    [Parameter]
    [EncodingArgument]
    public Encoding Encoding { get; set; } = TextEncodings.Default;

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("First", "Head")]
    public int TotalCount { get; set; } = -1;

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Last")]
    public int Tail { get; set; } = -1;

    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var found in Resolved())
        {
            Guard(found.Path, () => Read(found));
        }
    }

    private void Read(PathInfo found)
    {
        if (found.Provider.Name != "FileSystem")
        {
            using var reader = InvokeProvider.Content.GetReader([found.Path], Force, literalPath: true)[0];
            WriteObject(reader.Read(0), enumerateCollection: true);
        }
        else if (AsByteStream)
        {
            WriteObject(File.ReadAllBytes(found.ProviderPath), enumerateCollection: !Raw);
        }
        else if (Raw)
        {
            WriteObject(WithNotes(File.ReadAllText(found.ProviderPath, Encoding), found, 1));
        }
        else
        {
            WriteLines(found);
        }
    }

    private void WriteLines(PathInfo found)
    {
        var lines = File.ReadLines(found.ProviderPath, Encoding);
        lines = TotalCount >= 0 ? lines.Take(TotalCount) : lines;
        lines = Tail >= 0 ? lines.TakeLast(Tail) : lines;
        long number = 0;
        foreach (var line in lines)
        {
            WriteObject(WithNotes(line, found, ++number));
        }
    }

    private static PSObject WithNotes(string text, PathInfo found, long number)
    {
        var result = new PSObject(text);
        result.Properties.Add(new PSNoteProperty("PSPath", $"{found.Provider}::{found.ProviderPath}"));
        result.Properties.Add(new PSNoteProperty("PSChildName", System.IO.Path.GetFileName(found.ProviderPath)));
        result.Properties.Add(new PSNoteProperty("ReadCount", number));
        return result;
    }
}

/// <summary>What Set-Content and Add-Content have in common.</summary>
public abstract class WriteContentCommandBase : PathCommandBase
{
    private readonly List<object?> _values = [];

    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [AllowNull]
    [AllowEmptyCollection]
    public object?[]? Value { get; set; }

    [Parameter(Position = 0, ParameterSetName = "Path", Mandatory = true, ValueFromPipelineByPropertyName = true)]
    public override string[] Path
    {
        get => base.Path;
        set => base.Path = value;
    }

    [Parameter]
    [EncodingArgument]
    public Encoding Encoding { get; set; } = TextEncodings.Default;

    [Parameter]
    public SwitchParameter AsByteStream { get; set; }

    [Parameter]
    public SwitchParameter NoNewline { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected abstract bool Append { get; }

    protected override void ProcessRecord() => _values.AddRange(Value ?? []);

    protected override void EndProcessing()
    {
        foreach (var path in Path)
        {
            Guard(path, () => Write(path));
        }

        WriteObject(PassThru ? _values : [], enumerateCollection: true);
    }

    private void Write(string path)
    {
        var target = SessionState.Path.GetUnresolvedProviderPathFromPSPath(path, out var provider, out _);
        var operation = Append ? "Add Content" : "Set Content";
        if (!ShouldProcess($"Path: {target}", operation))
        {
            return;
        }

        if (provider.Name != "FileSystem")
        {
            using var writer = InvokeProvider.Content.GetWriter([path], Force, IsLiteral)[0];
            writer.Write(_values);
            return;
        }

        FileTarget.LiftReadOnly(target, Force);
        using var file = new FileStream(target, Append ? FileMode.Append : FileMode.Create, FileAccess.Write, FileShare.Read);
        file.Write(AsByteStream ? Bytes() : Text(file.Position == 0));
    }

    private byte[] Bytes() => [.. _values.Select(LanguagePrimitives.ConvertTo<byte>)];

    private byte[] Text(bool atStart)
    {
        var ending = NoNewline ? string.Empty : Environment.NewLine;
        var text = string.Concat(_values.SelectMany(Lines).Select(line => line + ending));
        var mark = atStart ? Encoding.Preamble.ToArray() : [];
        return [.. mark, .. Encoding.GetBytes(text)];
    }

    private static IEnumerable<string> Lines(object? value)
    {
        var plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        return plain is IEnumerable items and not string
            ? items.Cast<object?>().Select(LanguagePrimitives.ConvertTo<string>)
            : [LanguagePrimitives.ConvertTo<string>(value)];
    }
}

/// <summary>Stands in for Set-Content.</summary>
[Cmdlet(VerbsCommon.Set, "Content", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class SetContentCommand : WriteContentCommandBase
{
    protected override bool Append => false;
}

/// <summary>Stands in for Add-Content.</summary>
[Cmdlet(VerbsCommon.Add, "Content", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class AddContentCommand : WriteContentCommandBase
{
    protected override bool Append => true;
}

/// <summary>Stands in for Clear-Content.</summary>
[Cmdlet(VerbsCommon.Clear, "Content", SupportsShouldProcess = true, DefaultParameterSetName = "Path")]
public sealed class ClearContentCommand : PathCommandBase
{
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var path in Path.Where(path => ShouldProcess($"Item: {path}", "Clear Content")))
        {
            Guard(path, () => InvokeProvider.Content.Clear([path], Force, IsLiteral));
        }
    }
}
