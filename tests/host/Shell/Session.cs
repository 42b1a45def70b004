using System.Management.Automation;
using System.Management.Automation.Runspaces;
using PPFederation.TestHost.Engine;

namespace PPFederation.TestHost.Shell;

/// <summary>One runspace with the console as its host, and the running of one command line in it.</summary>
internal sealed class Session : IDisposable
{
    private readonly ConsoleHost _host;
    private readonly Runspace _runspace;

    public Session(bool nonInteractive)
    {
        _host = new ConsoleHost(nonInteractive);
        var state = InitialSessionState.CreateDefault2();
        state.Commands.Remove(FlushingOutDefault.Name, typeof(SessionStateCmdletEntry));
        state.Commands.Add(new SessionStateCmdletEntry(FlushingOutDefault.Name, typeof(FlushingOutDefault), null));
        _runspace = RunspaceFactory.CreateRunspace(_host, state);
        _runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        _runspace.Open();
        Runspace.DefaultRunspace = _runspace;
    }

    /// <summary>Runs what the command line names and answers the exit code.</summary>
    public int Run(CommandLine command)
    {
        using var shell = PowerShell.Create(_runspace);
        shell.Commands.AddCommand(ToCommand(command)).AddCommand(FlushingOutDefault.Name);
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        using var interrupt = new Interrupt(shell, _host.Stopping);
        var failed = !Invoke(shell);
        _host.Console.Finish();
        return ExitCode(command, shell, interrupt, failed);
    }

    public void Dispose() => _runspace.Dispose();

    // useLocalScope false dot-sources the script in the global scope, as pwsh -File does.
    private Command ToCommand(CommandLine command)
    {
        if (command.ScriptPath is null)
        {
            return new Command(command.Text, isScript: true, useLocalScope: false);
        }

        EngineInternals.LetExitLeaveTheScript(_runspace);
        var script = new Command(command.ScriptPath, isScript: false, useLocalScope: false);
        command.Arguments.ForEach(script.Parameters.Add);
        return script;
    }

    private bool Invoke(PowerShell shell)
    {
        try
        {
            shell.Invoke(null, new PSInvocationSettings { AddToHistory = false });
            return true;
        }
        catch (PipelineStoppedException)
        {
            return true;
        }
        catch (RuntimeException error)
        {
            Report(error.ErrorRecord);
            return false;
        }
    }

    // Out-Default prints an object with this note through the engine's own error view, with position.
    private void Report(ErrorRecord error)
    {
        var record = new PSObject(error);
        record.Properties.Add(new PSNoteProperty("writeErrorStream", true));
        using var printer = PowerShell.Create(_runspace);
        printer.AddCommand(FlushingOutDefault.Name).Invoke(new[] { record });
    }

    private int ExitCode(CommandLine command, PowerShell shell, Interrupt interrupt, bool failed)
    {
        if (interrupt.ExitCode is { } interrupted)
        {
            return interrupted;
        }

        if (_host.ExitCode is { } asked)
        {
            return asked;
        }

        // As pwsh: -Command fails when its last statement did, -File only by exit or a terminating error.
        var lastFailed = command.ScriptPath is null
            && !EngineInternals.LastStatementSucceeded(_runspace);
        return failed || lastFailed || shell.InvocationStateInfo.State == PSInvocationState.Failed
            ? ExitCodes.Failure
            : ExitCodes.Success;
    }
}
