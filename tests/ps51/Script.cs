using System.Management.Automation.Language;
using System.Xml.Linq;

namespace PPFederation.WindowsPowerShell;

/// <summary>A script and its syntax tree.</summary>
internal sealed class Script
{
    /// <summary>The file, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>The bytes of the file.</summary>
    public required byte[] Bytes { get; init; }

    /// <summary>Whether it is part of the module, and not of its build or its tests.</summary>
    public required bool IsShipped { get; init; }

    /// <summary>The syntax tree.</summary>
    public required ScriptBlockAst Tree { get; init; }

    /// <summary>The tokens, comments among them.</summary>
    public required Token[] Tokens { get; init; }

    /// <summary>What the parser refuses.</summary>
    public required ParseError[] Errors { get; init; }

    /// <summary>Reads a file. Of a *.ps1xml the script blocks are read, each at its line.</summary>
    public static Script Read(string path, bool isShipped)
    {
        byte[] bytes = File.ReadAllBytes(path);
        string text = File.ReadAllText(path);
        if (path.EndsWith(".ps1xml", StringComparison.OrdinalIgnoreCase))
        {
            text = ScriptBlocks(text);
        }
        ScriptBlockAst tree = Parser.ParseInput(text, path, out Token[] tokens, out ParseError[] errors);
        return new Script { Name = path, Bytes = bytes, IsShipped = isShipped, Tree = tree, Tokens = tokens, Errors = errors };
    }

    private static string ScriptBlocks(string xml)
    {
        var lines = new string[xml.Split('\n').Length + 1];
        XDocument document = XDocument.Parse(xml, LoadOptions.SetLineInfo);
        foreach (XElement block in document.Descendants("ScriptBlock"))
        {
            int line = ((System.Xml.IXmlLineInfo)block).LineNumber - 1;
            // One line each: the line breaks of a block would move what comes after it.
            lines[line] += block.Value.ReplaceLineEndings("; ") + ";";
        }
        return string.Join('\n', lines);
    }

    /// <summary>Every node of a type, those in nested script blocks included.</summary>
    public IEnumerable<T> All<T>() where T : Ast => Tree.FindAll(node => node is T, true).Cast<T>();
}
