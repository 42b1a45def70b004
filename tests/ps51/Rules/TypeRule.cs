using System.Management.Automation.Language;
using System.Reflection;

namespace PPFederation.WindowsPowerShell.Rules;

/// <summary>Types, constructors and members that .NET Framework 4.7.2, PowerShell 5.1 and the bridge don't have.</summary>
internal sealed class TypeRule(Framework framework)
{
    // What PowerShell itself puts on every object, and in types.ps1xml on some; and words that mean no type.
    private static readonly HashSet<string> OnEverything = new(StringComparer.OrdinalIgnoreCase)
    {
        "Count", "Length", "ForEach", "Where", "PSObject", "PSTypeNames", "PSBase", "PSAdapted", "PSExtended", "BaseName", "Mode",
    };

    private readonly Inference inference = new(framework);

    /// <summary>Checks one script.</summary>
    public IEnumerable<Finding> Check(Script script) =>
        Types(script).Concat(Attributes(script)).Concat(script.All<MemberExpressionAst>().SelectMany(member => Member(script, member)));

    private IEnumerable<Finding> Types(Script script)
    {
        IEnumerable<(Ast Node, ITypeName Name)> used = script.All<TypeExpressionAst>().Select(each => ((Ast)each, each.TypeName))
            .Concat(script.All<TypeConstraintAst>().Select(each => ((Ast)each, each.TypeName)));
        foreach ((Ast node, ITypeName name) in used)
        {
            bool isOrdered = name.FullName.Equals("ordered", StringComparison.OrdinalIgnoreCase);
            Type? type = framework.Resolve(name);
            if (type == null && !isOrdered)
            {
                yield return Finding.At(node, "Type", "[" + name.FullName + "] is no type of a new session of 5.1");
            }
            if (script.IsShipped && type?.FullName?.StartsWith("System.Net.", StringComparison.Ordinal) == true)
            {
                yield return Finding.At(node, "Network", "[" + name.FullName + "]: no managed code talks to a network");
            }
        }
    }

    private IEnumerable<Finding> Attributes(Script script)
    {
        foreach (AttributeAst attribute in script.All<AttributeAst>())
        {
            if (framework.ResolveAttribute(attribute.TypeName) is not Type type)
            {
                yield return Finding.At(attribute, "Type", "[" + attribute.TypeName.FullName + "()] is no attribute of 5.1");
                continue;
            }
            foreach (NamedAttributeArgumentAst argument in attribute.NamedArguments)
            {
                if (!Inference.Members(type, argument.ArgumentName, isStatic: false).Any())
                {
                    yield return Finding.At(argument, "Member", type.Name + " has no " + argument.ArgumentName);
                }
            }
        }
    }

    private IEnumerable<Finding> Member(Script script, MemberExpressionAst member)
    {
        if (member.Member is not StringConstantExpressionAst { Value: var name } || OnEverything.Contains(name))
        {
            yield break;
        }
        Type? type = inference.Receiver(member);
        string? what = type == null ? Unknown(member, name) : Missing(member, type, name) ?? Depends(script, member, type, name);
        if (what != null)
        {
            yield return Finding.At(member, what.StartsWith("5.1's own encoding") ? "Encoding" : "Member", what);
        }
    }

    /// <summary>A method of an object of whatever type: some type must have it.</summary>
    private string? Unknown(MemberExpressionAst member, string name)
    {
        bool isFound = member is not InvokeMemberExpressionAst call || call.Static || framework.HasMethod(name, call.Arguments?.Count ?? 0);
        return isFound ? null : "no type has a method " + name + " with as many arguments";
    }

    private static string? Missing(MemberExpressionAst member, Type type, string name)
    {
        if (member is InvokeMemberExpressionAst call)
        {
            int count = call.Arguments?.Count ?? 0;
            bool isNew = call.Static && name.Equals("new", StringComparison.OrdinalIgnoreCase);
            IEnumerable<MethodBase> methods = isNew ? type.GetConstructors() : Inference.Members(type, name, call.Static).OfType<MethodBase>();
            bool isDefault = isNew && type.IsValueType && count == 0;
            return isDefault || methods.Any(each => Framework.Takes(each, count)) || IsEnumerated(type, call.Static)
                ? null : type.FullName + " has no " + name + " with " + count + " arguments";
        }
        return Inference.Members(type, name, member.Static).Any() || IsEnumerated(type, member.Static) || HasOwnMembers(type)
            ? null : type.FullName + " has no " + name;
    }

    /// <summary>A member of a list may be that of its elements.</summary>
    private static bool IsEnumerated(Type type, bool isStatic) =>
        !isStatic && type.FullName != "System.String" && type.GetInterfaces().Any(each => each.FullName == "System.Collections.IEnumerable");

    /// <summary>XML is seen by the names of its elements, and a caught exception is of a type of its own.</summary>
    private static bool HasOwnMembers(Type type) =>
        type.FullName == "System.Exception" || type.FullName!.StartsWith("System.Xml.Xml", StringComparison.Ordinal);

    /// <summary>What is there in both, and does something else.</summary>
    private static string? Depends(Script script, MemberExpressionAst member, Type type, string name)
    {
        if (type.FullName == "System.String" && name.Equals("Split", StringComparison.OrdinalIgnoreCase)
            && member is InvokeMemberExpressionAst { Arguments: [StringConstantExpressionAst { Value.Length: > 1 }, ..] })
        {
            return "Split takes characters in 5.1 and text in 7";
        }
        return script.IsShipped && type.FullName == "System.Text.Encoding" && name.Equals("Default", StringComparison.OrdinalIgnoreCase)
            ? "5.1's own encoding is the code page" : null;
    }
}
