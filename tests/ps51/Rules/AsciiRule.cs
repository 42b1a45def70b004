namespace PPFederation.WindowsPowerShell.Rules;

/// <summary>5.1 reads a file without a byte order mark in the system's code page.</summary>
internal static class AsciiRule
{
    /// <summary>Checks one script.</summary>
    public static IEnumerable<Finding> Check(Script script)
    {
        int line = 1;
        foreach (byte value in script.Bytes)
        {
            if (value > 127)
            {
                yield return new Finding(line, "Ascii", "a byte that is not ASCII: " + value.ToString("x2"));
            }
            line += value == '\n' ? 1 : 0;
        }
    }
}
