using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace PPFederation.WindowsPowerShell;

/// <summary>What the bridge refers to: nothing of a network, and nothing whose result is 5.1's default and not that of 7.</summary>
internal static class Bridge
{
    private static readonly HashSet<string> Defaults =
    [
        "System.Text.Encoding.get_Default", "System.Text.Encoding.get_ASCII", "System.Text.Encoding.GetEncoding",
        "System.Runtime.InteropServices.Marshal.PtrToStringAnsi", "System.Runtime.InteropServices.Marshal.PtrToStringAuto",
        "System.Runtime.InteropServices.Marshal.StringToHGlobalAnsi", "System.Runtime.InteropServices.Marshal.StringToHGlobalAuto",
        "System.Runtime.InteropServices.Marshal.SecureStringToGlobalAllocAnsi",
    ];

    private static readonly string[] Networking = ["System.Net", "System.Security.Authentication", "System.ServiceModel", "System.Web"];

    /// <summary>A sentence for each reference that must not be.</summary>
    public static IEnumerable<string> Check(string path)
    {
        using FileStream file = File.OpenRead(path);
        using var pe = new PEReader(file);
        MetadataReader reader = pe.GetMetadataReader();
        foreach (AssemblyReferenceHandle handle in reader.AssemblyReferences)
        {
            string name = reader.GetString(reader.GetAssemblyReference(handle).Name);
            if (name != "netstandard")
            {
                yield return "the bridge refers to the assembly " + name;
            }
        }
        foreach (string space in Types(reader).Where(IsNetworking))
        {
            yield return "the bridge refers to a type of " + space + ": no managed code talks to a network";
        }
        foreach (string member in Members(reader).Where(Defaults.Contains))
        {
            yield return "the bridge uses " + member + ", which is not the same in 5.1 and 7";
        }
    }

    private static bool IsNetworking(string space) =>
        Networking.Any(each => space == each || space.StartsWith(each + ".", StringComparison.Ordinal));

    private static IEnumerable<string> Types(MetadataReader reader) =>
        reader.TypeReferences.Select(handle => reader.GetString(reader.GetTypeReference(handle).Namespace)).Distinct();

    private static IEnumerable<string> Members(MetadataReader reader)
    {
        foreach (MemberReferenceHandle handle in reader.MemberReferences)
        {
            MemberReference member = reader.GetMemberReference(handle);
            if (member.Parent.Kind == HandleKind.TypeReference)
            {
                TypeReference type = reader.GetTypeReference((TypeReferenceHandle)member.Parent);
                yield return reader.GetString(type.Namespace) + "." + reader.GetString(type.Name) + "." + reader.GetString(member.Name);
            }
        }
    }
}
