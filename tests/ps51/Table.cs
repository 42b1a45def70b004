namespace PPFederation.WindowsPowerShell;

/// <summary>The tables beside the program: words, separated by blanks, a row a line.</summary>
internal static class Table
{
    /// <summary>The rows of a table, without its comments.</summary>
    public static IEnumerable<string[]> Read(string name) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, name))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split((char[])[' ', ':'], StringSplitOptions.RemoveEmptyEntries));
}
