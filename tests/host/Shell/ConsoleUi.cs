using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;

namespace PPFederation.TestHost.Shell;

/// <summary>Writing to the console. Errors and the progress bar go to stderr, all else to stdout.</summary>
internal sealed partial class ConsoleUi : PSHostUserInterface, IHostUISupportsMultipleChoiceSelection
{
    private readonly Lock _gate = new();
    private readonly ProgressBar _progress = new();
    private readonly bool _nonInteractive;
    private readonly CancellationToken _stopping;

    public ConsoleUi(bool nonInteractive, CancellationToken stopping)
    {
        _nonInteractive = nonInteractive;
        _stopping = stopping;
    }

    public override PSHostRawUserInterface RawUI { get; } = new ConsoleRawUi();

    public override bool SupportsVirtualTerminal => !Console.IsOutputRedirected;

    /// <summary>Takes the progress bar off the screen.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            _progress.Erase();
        }
    }

    public override void Write(string value) => Print(Console.Out, value, Console.IsOutputRedirected);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value)
    {
        if (Console.IsOutputRedirected)
        {
            Write(value);
            return;
        }

        lock (_gate)
        {
            _progress.Erase();
            Console.ForegroundColor = foregroundColor;
            Console.BackgroundColor = backgroundColor;
            Console.Out.Write(value);
            Console.ResetColor();
        }
    }

    public override void WriteLine(string value) => Write(value + Environment.NewLine);

    public override void WriteErrorLine(string value) =>
        Print(Console.Error, value + Environment.NewLine, Console.IsErrorRedirected);

    public override void WriteDebugLine(string message) => WriteLabelled("DEBUG", PSStyle.Instance.Formatting.Debug, message);

    public override void WriteVerboseLine(string message) =>
        WriteLabelled("VERBOSE", PSStyle.Instance.Formatting.Verbose, message);

    public override void WriteWarningLine(string message) =>
        WriteLabelled("WARNING", PSStyle.Instance.Formatting.Warning, message);

    /// <summary>Every information record comes by here, shown or not: the engine prints those to be shown itself.</summary>
    public override void WriteInformation(InformationRecord record)
    {
    }

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        lock (_gate)
        {
            _progress.Show(record);
        }
    }

    private void WriteLabelled(string label, string style, string message) =>
        WriteLine($"{style}{label}: {message}{PSStyle.Instance.Reset}");

    private void Print(TextWriter writer, string value, bool plain)
    {
        var text = plain ? new StringDecorated(value).ToString(OutputRendering.PlainText) : value;
        lock (_gate)
        {
            _progress.Erase();
            writer.Write(text);
            writer.Flush();
        }
    }
}
