using System.Management.Automation;
using Microsoft.PowerShell.Commands.Internal.Format;
using PPFederation.TestHost.Engine;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Format-Table.</summary>
[Cmdlet(VerbsCommon.Format, "Table")]
public sealed class FormatTableCommand : OuterFormatTableBase
{
    public FormatTableCommand() => EngineInternals.UseShape(this, "Table");
}

/// <summary>Stands in for Format-List.</summary>
[Cmdlet(VerbsCommon.Format, "List")]
public sealed class FormatListCommand : OuterFormatTableAndListBase
{
    public FormatListCommand() => EngineInternals.UseShape(this, "List");
}

/// <summary>Objects from the pipeline, printed as the console would show them.</summary>
public abstract class PrintCommand : PSCmdlet
{
    private readonly List<object?> _objects = [];

    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    [Parameter]
    [ValidateRange(2, int.MaxValue)]
    public int Width { get; set; }

    protected override void ProcessRecord()
    {
        if (InputObject is not null)
        {
            _objects.Add(InputObject);
        }
    }

    /// <summary>The text of all objects seen so far, each line with its line end.</summary>
    protected string Printed()
    {
        using var text = new StringWriter();
        EngineInternals.Print(_objects, text, Width > 0 ? Width : ConsoleWidth());
        return text.ToString();
    }

    private int ConsoleWidth()
    {
        try
        {
            return Host.UI.RawUI.BufferSize.Width - 1;
        }
        catch (Exception problem) when (problem is NotImplementedException or NullReferenceException)
        {
            return 120; // A runspace without a console.
        }
    }
}

/// <summary>Stands in for Out-String.</summary>
[Cmdlet(VerbsData.Out, "String", DefaultParameterSetName = "NoNewLineFormatting")]
[OutputType(typeof(string))]
public sealed class OutStringCommand : PrintCommand
{
    [Parameter(ParameterSetName = "StreamFormatting")]
    public SwitchParameter Stream { get; set; }

    [Parameter(ParameterSetName = "NoNewLineFormatting")]
    public SwitchParameter NoNewline { get; set; }

    protected override void EndProcessing()
    {
        var text = Printed();
        if (!Stream)
        {
            WriteObject(NoNewline ? text.ReplaceLineEndings(string.Empty) : text);
            return;
        }

        using var lines = new StringReader(text);
        while (lines.ReadLine() is { } line)
        {
            WriteObject(line);
        }
    }
}

/// <summary>Stands in for Out-File; the engine's redirection (&gt;) runs it too.</summary>
[Cmdlet(VerbsData.Out, "File", SupportsShouldProcess = true, DefaultParameterSetName = "ByPath")]
public sealed class OutFileCommand : PrintCommand
{
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "ByPath")]
    [Alias("Path")]
    public string FilePath { get; set; } = string.Empty;

    [Parameter(Mandatory = true, ParameterSetName = "ByLiteralPath", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string LiteralPath { get; set; } = string.Empty;

    [Parameter(Position = 1)]
    [EncodingArgument]
    public System.Text.Encoding Encoding { get; set; } = TextEncodings.Default;

    [Parameter]
    public SwitchParameter Append { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    [Alias("NoOverwrite")]
    public SwitchParameter NoClobber { get; set; }

    [Parameter]
    public SwitchParameter NoNewline { get; set; }

    protected override void EndProcessing()
    {
        var path = FileTarget.Resolve(this, LiteralPath.Length > 0 ? LiteralPath : FilePath);
        if (!ShouldProcess(path, "Output to File"))
        {
            return;
        }

        FileTarget.RefuseExisting(this, path, NoClobber && !Append);
        FileTarget.LiftReadOnly(path, Force);
        var text = NoNewline ? Printed().ReplaceLineEndings(string.Empty) : Printed();
        FileTarget.Write(this, path, text, Encoding, Append);
    }
}
