using System.Collections;
using System.Management.Automation;

namespace Pester
{
    /// <summary>One setting: set by assigning a plain value, read by its Value, as in Pester.</summary>
    public sealed class Option<T>(object value)
    {
        public T Value { get; } = LanguagePrimitives.ConvertTo<T>(value);

        public override string ToString() => LanguagePrimitives.ConvertTo<string>(Value);
    }

    /// <summary>A group of settings that can be made from a hashtable; an unknown key is an error.</summary>
    public abstract class ConfigurationSection
    {
        internal void Fill(IDictionary settings)
        {
            foreach (DictionaryEntry setting in settings)
            {
                var property = GetType().GetProperties()
                    .FirstOrDefault(p => string.Equals(p.Name, setting.Key.ToString(), StringComparison.OrdinalIgnoreCase))
                    ?? throw new PSArgumentException($"This stand-in for Pester has no setting {GetType().Name}.{setting.Key}.");
                property.SetValue(this, Activator.CreateInstance(property.PropertyType, [setting.Value!]));
            }
        }
    }

    /// <summary>What is run, and what a run answers.</summary>
    public sealed class RunConfiguration : ConfigurationSection
    {
        public Option<string[]> Path { get; set; } = new(".");

        public Option<string[]> ExcludePath { get; set; } = new(Array.Empty<string>());

        public Option<object[]> Container { get; set; } = new(Array.Empty<string>());

        public Option<string> TestExtension { get; set; } = new(".Tests.ps1");

        public Option<bool> Exit { get; set; } = new(false);

        public Option<bool> Throw { get; set; } = new(false);

        public Option<bool> PassThru { get; set; } = new(false);
    }

    /// <summary>Which of the tests run.</summary>
    public sealed class FilterConfiguration : ConfigurationSection
    {
        public Option<string[]> Tag { get; set; } = new(Array.Empty<string>());

        public Option<string[]> ExcludeTag { get; set; } = new(Array.Empty<string>());

        public Option<string[]> FullName { get; set; } = new(Array.Empty<string>());
    }

    /// <summary>How much a run shows: None, Normal, Detailed or Diagnostic.</summary>
    public sealed class OutputConfiguration : ConfigurationSection
    {
        public Option<string> Verbosity { get; set; } = new("Normal");
    }
}

/// <summary>The settings of a run of tests; the type bears Pester's own name, which scripts cast to.</summary>
public sealed class PesterConfiguration
{
    public PesterConfiguration()
    {
    }

    /// <exception cref="PSArgumentException">A section or a setting that the stand-in lacks.</exception>
    public PesterConfiguration(IDictionary sections)
    {
        foreach (DictionaryEntry section in sections)
        {
            Pester.ConfigurationSection target = section.Key.ToString()!.ToLowerInvariant() switch
            {
                "run" => Run,
                "filter" => Filter,
                "output" => Output,
                _ => throw new PSArgumentException($"This stand-in for Pester has no settings {section.Key}."),
            };
            target.Fill((IDictionary)section.Value!);
        }
    }

    public static PesterConfiguration Default => new();

    public Pester.RunConfiguration Run { get; set; } = new();

    public Pester.FilterConfiguration Filter { get; set; } = new();

    public Pester.OutputConfiguration Output { get; set; } = new();
}
