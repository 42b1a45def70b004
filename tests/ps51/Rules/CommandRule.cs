using System.Management.Automation.Language;

namespace PPFederation.WindowsPowerShell.Rules;

/// <summary>Cmdlets and parameters that are not in the table of 5.1, and, in the module, those that depend on 5.1's defaults.</summary>
internal static class CommandRule
{
    // What follows 5.1's own encoding (the code page, UTF-16) or its own idea of TLS: no part of the module.
    private static readonly HashSet<string> Encoded = new(StringComparer.OrdinalIgnoreCase)
    {
        "Get-Content", "Set-Content", "Add-Content", "Out-File", "Tee-Object", "Select-String", "Import-Csv", "Export-Csv",
        "Import-Clixml", "Export-Clixml", "Import-PowerShellDataFile", "Import-LocalizedData",
    };

    private static readonly HashSet<string> Networking = new(StringComparer.OrdinalIgnoreCase)
    {
        "Invoke-WebRequest", "Invoke-RestMethod", "Send-MailMessage", "New-WebServiceProxy", "Start-BitsTransfer", "Test-NetConnection",
    };

    // What the build runs; the module runs none.
    private static readonly HashSet<string> Programs = ["bash", "cargo", "dotnet", "git", "rustc", "sh", "strace", "taskkill"];

    /// <summary>Checks one script.</summary>
    public static IEnumerable<Finding> Check(Script script, Commands commands)
    {
        foreach (CommandAst call in script.All<CommandAst>())
        {
            // Without a name it is a script block or a program in a variable.
            if (call.GetCommandName() is string name)
            {
                foreach (Finding finding in Call(script, commands, call, name))
                {
                    yield return finding;
                }
            }
        }
        foreach (FileRedirectionAst redirection in script.All<FileRedirectionAst>())
        {
            if (script.IsShipped && redirection.Location.Extent.Text != "$null")
            {
                yield return Finding.At(redirection, "Encoding", "a file is written in 5.1's default encoding");
            }
        }
    }

    private static IEnumerable<Finding> Call(Script script, Commands commands, CommandAst call, string name)
    {
        if (script.IsShipped && (Encoded.Contains(name) || Networking.Contains(name)))
        {
            string rule = Encoded.Contains(name) ? "Encoding" : "Network";
            yield return Finding.At(call, rule, name + " follows 5.1's own defaults");
            yield break;
        }
        if (!script.IsShipped && Programs.Contains(name))
        {
            yield break;
        }
        if (commands.Find(name) is not Commands.Command command)
        {
            yield return Finding.At(call, "Command", name + " is not in the table of 5.1's cmdlets (cmdlets.txt)");
            yield break;
        }
        foreach ((Ast node, string parameter) in Named(call).Where(each => !command.Has(each.Name)))
        {
            yield return Finding.At(node, "Parameter", name + " -" + parameter + " is not in the table of 5.1's parameters (cmdlets.txt)");
        }
        foreach (Ast tag in Tags(call, name))
        {
            yield return Finding.At(tag, "Value", "Write-Information refuses tags that begin with PS: $PSCmdlet.WriteInformation takes them");
        }
        if (Positional(call) > command.Positions)
        {
            yield return Finding.At(call, "Parameter", name + " takes " + command.Positions + " arguments by position");
        }
    }

    private static IEnumerable<(Ast Node, string Name)> Named(CommandAst call)
    {
        foreach (CommandElementAst element in call.CommandElements.Skip(1))
        {
            if (element is CommandParameterAst parameter)
            {
                yield return (parameter, parameter.ParameterName);
            }
            if (element is VariableExpressionAst { Splatted: true } splatted)
            {
                foreach ((Ast, string) key in Splatting.Keys(splatted))
                {
                    yield return key;
                }
            }
        }
    }

    /// <summary>The tags of a Write-Information that the cmdlet refuses, in every version.</summary>
    private static IEnumerable<Ast> Tags(CommandAst call, string name)
    {
        if (!name.Equals("Write-Information", StringComparison.OrdinalIgnoreCase))
        {
            return [];
        }
        int at = call.CommandElements.ToList().FindIndex(each => each is CommandParameterAst { ParameterName: var found } && found.Equals("Tags", StringComparison.OrdinalIgnoreCase));
        Ast? value = at < 0 ? null : (call.CommandElements[at] as CommandParameterAst)?.Argument ?? call.CommandElements.ElementAtOrDefault(at + 1);
        return value?.FindAll(node => node is StringConstantExpressionAst text && text.Value.StartsWith("PS", StringComparison.OrdinalIgnoreCase), true) ?? [];
    }

    /// <summary>The arguments without a parameter before them; one after a parameter counts as that one's.</summary>
    private static int Positional(CommandAst call)
    {
        int count = 0;
        Ast? before = null;
        foreach (CommandElementAst element in call.CommandElements.Skip(1))
        {
            bool isValue = element is not CommandParameterAst && before is not CommandParameterAst { Argument: null };
            count += isValue && element is not VariableExpressionAst { Splatted: true } ? 1 : 0;
            before = element;
        }
        return count;
    }
}
