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
        OfferStandInsLast();
        Runspace.DefaultRunspace = _runspace;
    }

    /// <summary>Runs what the command line names and answers the exit code.</summary>
    public int Run(CommandLine command)
    {
        using var shell = PowerShell.Create(_runspace);
        shell.Commands.AddCommand(ToCommand(command)).AddCommand(FlushingOutDefault.Name);
        shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        using var interrupt = new Interrupt(shell, _host.Stopping);
        var failed = !Invoke(shell, command);
        _host.Console.Finish();
        return ExitCode(command, shell, interrupt, failed);
    }

    public void Dispose() => _runspace.Dispose();

    // Behind every other folder of modules, so that a Pester that is installed is the one that loads.
    private static void OfferStandInsLast()
    {
        const string ModulePath = "PSModulePath";
        var folder = Path.Combine(AppContext.BaseDirectory, "StandIns");
        var known = (Environment.GetEnvironmentVariable(ModulePath) ?? string.Empty).Split(Path.PathSeparator);
        Environment.SetEnvironmentVariable(ModulePath, string.Join(Path.PathSeparator, known.Append(folder).Distinct()));
    }

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

    private bool Invoke(PowerShell shell, CommandLine command)
    {
        try
        {
            RequireWholeText(command);
            // The engine keeps $? of a pipeline only when it goes into the history; ExitCode asks for it.
            shell.Invoke(null, new PSInvocationSettings { AddToHistory = command.ScriptPath is null });
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

    // The pipeline's own error for a text that breaks off has no position, and would print as an empty line.
    private static void RequireWholeText(CommandLine command)
    {
        if (command.Text is { } text)
        {
            ScriptBlock.Create(text);
        }
    }

    // Out-Default prints the record through the engine's own error view, with position, on stderr.
    private void Report(ErrorRecord error)
    {
        var record = new PSObject(error);
        EngineInternals.MarkAsError(record);
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
