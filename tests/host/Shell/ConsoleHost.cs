using System.Globalization;
using System.Management.Automation.Host;

namespace PPFederation.TestHost.Shell;

/// <summary>The engine's host: the console this program was started in.</summary>
internal sealed class ConsoleHost : PSHost
{
    public ConsoleHost(bool nonInteractive) => Console = new ConsoleUi(nonInteractive, Stopping.Token);

    public ConsoleUi Console { get; }

    /// <summary>Cancelled when the pipeline is being stopped, so that a prompt ends at once.</summary>
    public CancellationTokenSource Stopping { get; } = new();

    /// <summary>What the script gave to exit, or null when it did not call it.</summary>
    public int? ExitCode { get; private set; }

    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "PPFederation test host";

    public override PSHostUserInterface UI => Console;

    public override Version Version { get; } = typeof(PSHost).Assembly.GetName().Version ?? new Version(0, 0);

    public override void EnterNestedPrompt() =>
        throw new PlatformNotSupportedException("This host has no nested prompt.");

    public override void ExitNestedPrompt() =>
        throw new PlatformNotSupportedException("This host has no nested prompt.");

    // A bar that is drawn while a native command writes would end up in its output.
    public override void NotifyBeginApplication() => Console.Finish();

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;
}
