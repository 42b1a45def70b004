using System.Management.Automation.Runspaces;

namespace PPFederation.TestHost.Shell;

/// <summary>A command line that names nothing to run, or an option the host does not have.</summary>
internal sealed class CommandLineException(string message) : Exception(message);

/// <summary>What the command line asks for: one script file with arguments, or one text.</summary>
internal sealed class CommandLine
{
    public const string Usage =
        """
        Usage: host [-NoProfile] [-NonInteractive] [-File] <script.ps1> [arguments]
               host [-NoProfile] [-NonInteractive] -Command <text> ...
               host [-NoProfile] [-NonInteractive] -EncodedCommand <base64 of UTF-16>
        """;

    /// <summary>Full path of the script, or null when <see cref="Text"/> is set.</summary>
    public string? ScriptPath { get; private set; }

    /// <summary>The script text of -Command or -EncodedCommand.</summary>
    public string? Text { get; private set; }

    public List<CommandParameter> Arguments { get; } = [];

    public bool NonInteractive { get; private set; }

    public bool ShowHelp { get; private set; }

    public static CommandLine Parse(string[] args)
    {
        var result = new CommandLine();
        for (var at = 0; at < args.Length; at++)
        {
            if (result.TakeOption(args, ref at))
            {
                return result;
            }
        }

        throw new CommandLineException("Nothing to run was named.\n" + Usage);
    }

    /// <summary>Reads the option at <paramref name="at"/>; true when the rest of the line is used up.</summary>
    private bool TakeOption(string[] args, ref int at)
    {
        switch (args[at].ToLowerInvariant())
        {
            case "-noprofile" or "-nop" or "-nologo":
                return false;
            case "-noninteractive" or "-noni":
                NonInteractive = true;
                return false;
            case "-executionpolicy" or "-ep" or "-ex":
                at++; // There is no policy to set: the host runs what it is told to run (Program.RunEveryScript).
                return false;
            case "-help" or "--help" or "-h" or "-?":
                ShowHelp = true;
                return true;
            case "-command" or "-c":
                Text = string.Join(' ', Rest(args, at + 1, "-Command needs the text to run."));
                return true;
            case "-encodedcommand" or "-e" or "-enc" or "-ec":
                Text = Decode(Rest(args, at + 1, "-EncodedCommand needs base64 text.")[0]);
                return true;
            case "-file" or "-f":
                TakeScript(Rest(args, at + 1, "-File needs the path of a script."));
                return true;
            case var option when option.StartsWith('-'):
                throw new CommandLineException($"Unknown option {args[at]}.\n{Usage}");
            default:
                TakeScript(args[at..]);
                return true;
        }
    }

    private static string[] Rest(string[] args, int from, string problem) =>
        from < args.Length ? args[from..] : throw new CommandLineException(problem + "\n" + Usage);

    private static string Decode(string base64)
    {
        try
        {
            return System.Text.Encoding.Unicode.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException)
        {
            throw new CommandLineException("-EncodedCommand needs base64 of UTF-16 text.");
        }
    }

    private void TakeScript(string[] words)
    {
        var path = Path.GetFullPath(words[0]);
        if (!File.Exists(path))
        {
            throw new CommandLineException(
                $"The script '{words[0]}' does not exist (looked for {path}). Give the path of a .ps1 file.");
        }

        ScriptPath = path;
        foreach (var word in words[1..])
        {
            Arguments.Add(ToArgument(word));
        }
    }

    // As pwsh -File: a word with a dash names a parameter, "-Name:value" carries its value,
    // and only $true and $false are read as more than text.
    private static CommandParameter ToArgument(string word)
    {
        if (word.Length < 2 || word[0] != '-' || char.IsDigit(word[1]))
        {
            return new CommandParameter(null, word);
        }

        var colon = word.IndexOf(':');
        if (colon < 0)
        {
            return new CommandParameter(word);
        }

        var value = word[(colon + 1)..];
        object parsed = value.ToLowerInvariant() switch { "$true" => true, "$false" => false, _ => value };
        return value.Length == 0
            ? new CommandParameter(word)
            : new CommandParameter(word[..(colon + 1)], parsed);
    }
}
