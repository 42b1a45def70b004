using System.Management.Automation;

namespace Microsoft.PowerShell.Commands;

/// <summary>Whether two objects count as one for -Unique and Compare-Object.</summary>
internal static class SameValues
{
    /// <summary>Scalars by value; objects that cannot be compared, by the values of their properties.</summary>
    public static bool Equal(PSObject left, PSObject right, bool ignoreCase)
    {
        if (left.BaseObject is not PSCustomObject || right.BaseObject is not PSCustomObject)
        {
            return LanguagePrimitives.Equals(left, right, ignoreCase);
        }

        var names = left.Properties.Select(property => property.Name).ToArray();
        return names.SequenceEqual(right.Properties.Select(property => property.Name), StringComparer.OrdinalIgnoreCase)
            && names.All(name => LanguagePrimitives.Equals(
                left.Properties[name].Value, right.Properties[name].Value, ignoreCase));
    }
}
