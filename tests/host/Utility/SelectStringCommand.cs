using System.Management.Automation;
using System.Text.RegularExpressions;

namespace Microsoft.PowerShell.Commands;

/// <summary>One line in which Select-String found the pattern.</summary>
public sealed class MatchInfo
{
    public string Line { get; internal init; } = string.Empty;

    public int LineNumber { get; internal init; }

    public string Path { get; internal init; } = "InputStream";

    public string Filename => System.IO.Path.GetFileName(Path);

    public string Pattern { get; internal init; } = string.Empty;

    public Match[] Matches { get; internal init; } = [];

    /// <summary>What the engine's view of this type prints.</summary>
    public string ToEmphasizedString(string directory) =>
        Path == "InputStream" ? Line : $"{System.IO.Path.GetRelativePath(directory, Path)}:{LineNumber}:{Line}";

    public override string ToString() => Path == "InputStream" ? Line : $"{Path}:{LineNumber}:{Line}";
}

/// <summary>Stands in for Select-String.</summary>
[Cmdlet(VerbsCommon.Select, "String", DefaultParameterSetName = "File")]
public sealed class SelectStringCommand : PSCmdlet
{
    private Regex[] _patterns = [];
    private int _lines;
    private bool _found;

    [Parameter(ValueFromPipeline = true, Mandatory = true, ParameterSetName = "Object")]
    [AllowNull]
    [AllowEmptyString]
    public PSObject? InputObject { get; set; }

    [Parameter(Mandatory = true, Position = 0)]
    public string[] Pattern { get; set; } = [];

    [Parameter(Position = 1, Mandatory = true, ParameterSetName = "File", ValueFromPipelineByPropertyName = true)]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "LiteralFile", ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "LP")]
    public string[] LiteralPath { get; set; } = [];

    [Parameter]
    public SwitchParameter SimpleMatch { get; set; }

    [Parameter]
    public SwitchParameter CaseSensitive { get; set; }

    [Parameter]
    public SwitchParameter Quiet { get; set; }

    [Parameter]
    public SwitchParameter NotMatch { get; set; }

    [Parameter]
    public SwitchParameter AllMatches { get; set; }

    protected override void BeginProcessing()
    {
        var options = CaseSensitive ? RegexOptions.None : RegexOptions.IgnoreCase;
        _patterns = [.. Pattern.Select(text => new Regex(SimpleMatch ? Regex.Escape(text) : text, options))];
    }

    protected override void ProcessRecord()
    {
        if (ParameterSetName == "Object")
        {
            Test(InputObject?.BaseObject as string ?? LanguagePrimitives.ConvertTo<string>(InputObject) ?? string.Empty, ++_lines, "InputStream");
            return;
        }

        var files = LiteralPath.Select(path => SessionState.Path.GetUnresolvedProviderPathFromPSPath(path))
            .Concat(Path.SelectMany(path => GetResolvedProviderPathFromPSPath(path, out _)));
        foreach (var file in files.Where(File.Exists))
        {
            var number = 0;
            foreach (var line in File.ReadLines(file))
            {
                Test(line, ++number, file);
            }
        }
    }

    protected override void EndProcessing()
    {
        if (Quiet)
        {
            WriteObject(_found);
        }
    }

    private void Test(string line, int number, string path)
    {
        var hit = Array.Find(_patterns, pattern => pattern.IsMatch(line));
        if (hit is null != NotMatch)
        {
            return;
        }

        _found = true;
        if (!Quiet)
        {
            WriteObject(new MatchInfo
            {
                Line = line,
                LineNumber = number,
                Path = path,
                Pattern = (hit ?? _patterns[0]).ToString(),
                Matches = hit is null ? [] : [.. hit.Matches(line).Take(AllMatches ? int.MaxValue : 1)],
            });
        }
    }
}
