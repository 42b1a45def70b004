using System.Management.Automation.Language;
using System.Reflection;

namespace PPFederation.WindowsPowerShell;

/// <summary>
/// The types that a session of Windows PowerShell 5.1 on .NET Framework 4.7.2 has at its start, read from reference assemblies,
/// and those of the bridge.
/// </summary>
internal sealed class Framework : IDisposable
{
    // What powershell.exe has loaded; a type of any other assembly would first take an Add-Type.
    private static readonly string[] Loaded =
    [
        "mscorlib", "System", "System.Core", "System.Xml", "System.Data", "System.Management", "System.DirectoryServices",
        "System.Numerics", "System.Configuration", "System.Transactions",
    ];

    private readonly MetadataLoadContext context;
    private readonly Dictionary<string, Type> types = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, string> accelerators;
    private readonly ILookup<string, MethodInfo> methods;

    /// <summary>Reads the reference assemblies that the build has named, and the bridge.</summary>
    public Framework(string bridge)
    {
        string framework = Folder("Framework");
        string[] files = [.. Directory.GetFiles(framework, "*.dll"), .. Directory.GetFiles(framework + "/Facades", "*.dll"),
            Folder("Automation") + "/System.Management.Automation.dll", bridge];
        context = new MetadataLoadContext(new PathAssemblyResolver(files), "mscorlib");
        IEnumerable<Assembly> assemblies = Loaded.Select(name => context.LoadFromAssemblyName(name))
            .Append(context.LoadFromAssemblyName("System.Management.Automation")).Append(context.LoadFromAssemblyPath(bridge));
        foreach (Type type in assemblies.SelectMany(each => each.GetExportedTypes()))
        {
            types.TryAdd(type.FullName!, type);
        }
        accelerators = Table.Read("accelerators.txt").ToDictionary(row => row[0], row => row[1], StringComparer.OrdinalIgnoreCase);
        methods = types.Values.SelectMany(type => type.GetMethods()).ToLookup(each => each.Name, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The folder of reference assemblies that the project file names.</summary>
    private static string Folder(string key) =>
        typeof(Framework).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(each => each.Key == key).Value!;

    /// <summary>A type by its full name.</summary>
    public Type? Named(string name) => types.GetValueOrDefault(name);

    /// <summary>The type that a script means by a name in brackets, or null where 5.1 knows none.</summary>
    public Type? Resolve(ITypeName name) => name switch
    {
        ArrayTypeName array => Resolve(array.ElementType)?.MakeArrayType(),
        GenericTypeName generic => Generic(generic),
        _ => Simple(name.FullName),
    };

    /// <summary>The type of an attribute, whose name may be without its last part.</summary>
    public Type? ResolveAttribute(ITypeName name) => Resolve(name) ?? Simple(name.FullName + "Attribute")
        ?? Named("System.Management.Automation." + name.FullName + "Attribute");

    /// <summary>Whether any type has a method of that name that takes that many arguments.</summary>
    public bool HasMethod(string name, int arguments) => methods[name].Any(each => Takes(each, arguments));

    /// <summary>Whether a call with that many arguments can mean this method or constructor.</summary>
    public static bool Takes(MethodBase method, int arguments)
    {
        ParameterInfo[] parameters = method.GetParameters();
        bool isOpen = parameters.Length > 0 && parameters[^1].CustomAttributes.Any(each => each.AttributeType.Name == "ParamArrayAttribute");
        int most = isOpen ? int.MaxValue : parameters.Length;
        int least = parameters.Count(each => !each.IsOptional) - (isOpen ? 1 : 0);
        return arguments >= least && arguments <= most;
    }

    private Type? Generic(GenericTypeName name)
    {
        Type? open = Simple(name.TypeName.FullName + "`" + name.GenericArguments.Count);
        Type?[] arguments = name.GenericArguments.Select(Resolve).ToArray();
        return open == null || arguments.Contains(null) ? null : open.MakeGenericType(arguments!);
    }

    private Type? Simple(string name) =>
        accelerators.TryGetValue(name, out string? full) ? Named(full) : Named(name) ?? Named("System." + name);

    /// <inheritdoc/>
    public void Dispose() => context.Dispose();
}
