using System.Diagnostics;
using System.Management.Automation;

namespace PPFederation.TestHost.Shell;

/// <summary>
/// One line on stderr with the newest running activity. Nothing is drawn where stderr is not a terminal:
/// a log needs no bar. Not safe for use by several threads at once; the caller locks.
/// </summary>
internal sealed class ProgressBar
{
    private const int BarWidth = 20;
    private static readonly TimeSpan s_redraw = TimeSpan.FromMilliseconds(100);

    private readonly bool _enabled = !Console.IsErrorRedirected;
    private readonly Stopwatch _sinceDrawn = new();
    private bool _drawn;

    public void Show(ProgressRecord record)
    {
        if (!_enabled)
        {
            return;
        }

        if (record.RecordType == ProgressRecordType.Completed)
        {
            Erase();
        }
        else if (!_drawn || _sinceDrawn.Elapsed >= s_redraw)
        {
            Draw(Line(record));
        }
    }

    public void Erase()
    {
        if (_drawn)
        {
            Console.Error.Write("\r\x1b[K");
            _drawn = false;
        }
    }

    private void Draw(string line)
    {
        var width = Math.Max(20, ConsoleRawUi.WindowWidth() - 1);
        Console.Error.Write("\r" + (line.Length > width ? line[..width] : line) + "\x1b[K");
        _drawn = true;
        _sinceDrawn.Restart();
    }

    private static string Line(ProgressRecord record)
    {
        var bar = record.PercentComplete < 0 ? string.Empty : Bar(record.PercentComplete);
        var left = record.SecondsRemaining < 0
            ? string.Empty
            : $" ({TimeSpan.FromSeconds(record.SecondsRemaining):hh\\:mm\\:ss} left)";
        return $"{record.Activity}: {bar}{record.StatusDescription} {record.CurrentOperation}".TrimEnd() + left;
    }

    private static string Bar(int percent)
    {
        var filled = percent * BarWidth / 100;
        return "[" + new string('#', filled) + new string('.', BarWidth - filled) + $"] {percent}% ";
    }
}
