using System.Text.RegularExpressions;

namespace PPFederation.WindowsPowerShell;

/// <summary>Scripts with what 5.1 doesn't have: a comment "finds Rule" stands on each line where one is to be found.</summary>
internal static partial class Samples
{
    /// <summary>A sentence for each line whose findings are not those that its comment names.</summary>
    public static IEnumerable<string> Check(Framework framework, string path)
    {
        Script script = Script.Read(path, isShipped: true);
        ILookup<int, string> found = new Checker(framework, [script]).Check(script).ToLookup(each => each.Line, each => each.Rule);
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            string expected = string.Join(' ', Comment().Match(line).Groups[1].Value.Split(' ').Order()).Trim();
            string actual = string.Join(' ', found[number].Distinct().Order());
            if (expected != actual)
            {
                yield return "line " + number + " finds [" + actual + "] and not [" + expected + "]: " + line.Trim();
            }
        }
    }

    [GeneratedRegex("# finds ([A-Za-z ]+)$")]
    private static partial Regex Comment();
}
