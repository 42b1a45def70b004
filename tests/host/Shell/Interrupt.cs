using System.Management.Automation;
using System.Runtime.InteropServices;

namespace PPFederation.TestHost.Shell;

/// <summary>
/// Ctrl+C: the first one stops the pipeline, whose finally blocks then run whole; a second one ends the
/// process where it stands. SIGTERM stops the same way.
/// </summary>
internal sealed class Interrupt : IDisposable
{
    private readonly PowerShell _shell;
    private readonly CancellationTokenSource _stopping;
    private readonly PosixSignalRegistration[] _signals;
    private int _count;

    public Interrupt(PowerShell shell, CancellationTokenSource stopping)
    {
        _shell = shell;
        _stopping = stopping;
        _signals =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, ExitCodes.Interrupted)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, ExitCodes.Terminated)),
        ];
    }

    /// <summary>The exit code of an interrupted run, or null when nothing interrupted it.</summary>
    public int? ExitCode { get; private set; }

    public void Dispose()
    {
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }
    }

    private void Stop(PosixSignalContext context, int exitCode)
    {
        if (Interlocked.Increment(ref _count) > 1)
        {
            Environment.Exit(exitCode);
        }

        context.Cancel = true;
        ExitCode = exitCode;
        _stopping.Cancel();
        _shell.BeginStop(null, null);
    }
}
