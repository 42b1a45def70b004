using System.Globalization;
using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Stands in for Start-Sleep; Ctrl+C ends it at once.</summary>
[Cmdlet(VerbsLifecycle.Start, "Sleep", DefaultParameterSetName = "Seconds")]
public sealed class StartSleepCommand : PSCmdlet, IDisposable
{
    private readonly ManualResetEventSlim _stopped = new();

    [Parameter(Position = 0, Mandatory = true, ParameterSetName = "Seconds", ValueFromPipeline = true)]
    [ValidateRange(0.0, int.MaxValue / 1000)]
    public double Seconds { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "Milliseconds")]
    [ValidateRange(0, int.MaxValue)]
    [Alias("ms")]
    public int Milliseconds { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = "FromTimeSpan")]
    [Alias("ts")]
    public TimeSpan Duration { get; set; }

    public void Dispose() => _stopped.Dispose();

    protected override void ProcessRecord() => _stopped.Wait(ParameterSetName switch
    {
        "Seconds" => TimeSpan.FromSeconds(Seconds),
        "Milliseconds" => TimeSpan.FromMilliseconds(Milliseconds),
        _ => Duration,
    });

    protected override void StopProcessing() => _stopped.Set();
}

/// <summary>Stands in for Get-Date.</summary>
[Cmdlet(VerbsCommon.Get, "Date", DefaultParameterSetName = "DateAndFormat")]
[OutputType(typeof(DateTime), typeof(string))]
public sealed class GetDateCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("LastWriteTime")]
    public DateTime? Date { get; set; }

    [Parameter]
    public int? Year { get; set; }

    [Parameter]
    public int? Month { get; set; }

    [Parameter]
    public int? Day { get; set; }

    [Parameter]
    public int? Hour { get; set; }

    [Parameter]
    public int? Minute { get; set; }

    [Parameter]
    public int? Second { get; set; }

    [Parameter]
    public int? Millisecond { get; set; }

    [Parameter(ParameterSetName = "DateAndFormat")]
    public string? Format { get; set; }

    [Parameter]
    public SwitchParameter AsUTC { get; set; }

    protected override void ProcessRecord()
    {
        var date = Adjusted(Date ?? DateTime.Now);
        date = AsUTC ? date.ToUniversalTime() : date;
        WriteObject(Format is null ? date : date.ToString(Pattern(Format), CultureInfo.CurrentCulture));
    }

    private static string Pattern(string format) => format.ToLowerInvariant() switch
    {
        "filedate" => "yyyyMMdd",
        "filedatetime" => "yyyyMMddTHHmmssffff",
        _ => format,
    };

    private DateTime Adjusted(DateTime date)
    {
        date = date.AddYears((Year ?? date.Year) - date.Year);
        date = date.AddMonths((Month ?? date.Month) - date.Month);
        date = date.AddDays((Day ?? date.Day) - date.Day);
        date = date.AddHours((Hour ?? date.Hour) - date.Hour);
        date = date.AddMinutes((Minute ?? date.Minute) - date.Minute);
        date = date.AddSeconds((Second ?? date.Second) - date.Second);
        return date.AddMilliseconds((Millisecond ?? date.Millisecond) - date.Millisecond);
    }
}

/// <summary>Stands in for New-TimeSpan.</summary>
[Cmdlet(VerbsCommon.New, "TimeSpan", DefaultParameterSetName = "Date")]
[OutputType(typeof(TimeSpan))]
public sealed class NewTimeSpanCommand : PSCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = "Date")]
    [Alias("LastWriteTime")]
    public DateTime? Start { get; set; }

    [Parameter(Position = 1, ParameterSetName = "Date")]
    public DateTime? End { get; set; }

    [Parameter(ParameterSetName = "Time")]
    public int Days { get; set; }

    [Parameter(ParameterSetName = "Time")]
    public int Hours { get; set; }

    [Parameter(ParameterSetName = "Time")]
    public int Minutes { get; set; }

    [Parameter(ParameterSetName = "Time")]
    public int Seconds { get; set; }

    [Parameter(ParameterSetName = "Time")]
    public int Milliseconds { get; set; }

    protected override void ProcessRecord()
    {
        var now = DateTime.Now;
        WriteObject(ParameterSetName == "Time"
            ? new TimeSpan(Days, Hours, Minutes, Seconds, Milliseconds)
            : (End ?? now).Subtract(Start ?? now));
    }
}
