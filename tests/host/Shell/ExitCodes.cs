namespace PPFederation.TestHost.Shell;

/// <summary>Exit codes of the program where the script names none; they are pwsh's.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int BadCommandLine = 64;

    /// <summary>128 + SIGINT, as shells report a program that Ctrl+C ended.</summary>
    public const int Interrupted = 130;

    /// <summary>128 + SIGTERM.</summary>
    public const int Terminated = 143;
}
