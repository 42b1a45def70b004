using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace PPFederation.TestHost.Engine;

/// <summary>
/// The few members of System.Management.Automation that pwsh's own host and cmdlets use and that are not
/// public. All reflection of the host is in this folder; a missing member fails with its name.
/// </summary>
internal static partial class EngineInternals
{
    private const BindingFlags Any =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Assembly s_engine = typeof(PSObject).Assembly;

    /// <summary>Makes exit in the script that runs next end the session, not only that script.</summary>
    public static void LetExitLeaveTheScript(Runspace runspace)
    {
        var context = Get(runspace, "ExecutionContext")!;
        Property(context.GetType(), "ScriptCommandProcessorShouldRethrowExit").SetValue(context, true);
    }

    /// <summary>What $? was at the end of the last pipeline that went into the history.</summary>
    public static bool LastStatementSucceeded(Runspace runspace) =>
        (bool)Get(Get(runspace, "ExecutionContext")!, "QuestionMarkVariableValue")!;

    private static object? Get(object target, string property) =>
        Property(target.GetType(), property).GetValue(target);

    private static PropertyInfo Property(Type type, string name) =>
        type.GetProperty(name, Any) ?? throw Missing(type, name);

    private static FieldInfo Field(Type type, string name)
    {
        for (var at = type; at is not null; at = at.BaseType)
        {
            if (at.GetField(name, Any | BindingFlags.DeclaredOnly) is { } field)
            {
                return field;
            }
        }

        throw Missing(type, name);
    }

    private static Type EngineType(string name) =>
        s_engine.GetType(name) ?? throw new MissingMemberException($"The engine has no type {name}.");

    private static object Create(string typeName, params object?[] arguments) =>
        Activator.CreateInstance(EngineType(typeName), Any, null, arguments, null)!;

    /// <summary>Calls the method whose parameters fit, and lets its own exception through unwrapped.</summary>
    private static object? Call(object target, string name, params object?[] arguments)
    {
        var method = target.GetType().GetMethods(Any).FirstOrDefault(m => m.Name == name && Fits(m, arguments))
            ?? throw Missing(target.GetType(), name);
        return method.Invoke(target, BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }

    private static bool Fits(MethodInfo method, object?[] arguments)
    {
        var parameters = method.GetParameters();
        return parameters.Length == arguments.Length
            && parameters.Zip(arguments).All(pair => pair.Second is null
                ? !pair.First.ParameterType.IsValueType
                : pair.First.ParameterType.IsInstanceOfType(pair.Second));
    }

    private static MissingMemberException Missing(Type type, string name) =>
        new($"{type.FullName} of engine {s_engine.GetName().Version} has no member {name}.");
}
