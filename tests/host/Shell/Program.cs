using System.Globalization;

namespace PPFederation.TestHost.Shell;

/// <summary>The console program: PowerShell where none is installed.</summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        UseEnglishMessages();
        RunEveryScript();
        CommandLine command;
        try
        {
            command = CommandLine.Parse(args);
        }
        catch (CommandLineException problem)
        {
            Console.Error.WriteLine(problem.Message);
            return ExitCodes.BadCommandLine;
        }

        if (command.ShowHelp)
        {
            Console.Out.WriteLine(CommandLine.Usage);
            return ExitCodes.Success;
        }

        WindowsConsole.UseEscapeSequences();
        using var session = new Session(command.NonInteractive);
        return session.Run(command);
    }

    // On Windows the engine asks for an execution policy. This is where it keeps that of the process and its children.
    private static void RunEveryScript() => Environment.SetEnvironmentVariable("PSExecutionPolicyPreference", "Bypass");

    // about_ topics are looked up by UI culture, and only en-US ones exist.
    private static void UseEnglishMessages()
    {
        var english = CultureInfo.GetCultureInfo("en-US");
        CultureInfo.CurrentUICulture = english;
        CultureInfo.DefaultThreadCurrentUICulture = english;
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
    }
}
