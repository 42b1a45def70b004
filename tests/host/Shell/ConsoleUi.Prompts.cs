using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace PPFederation.TestHost.Shell;

/// <summary>Questions to the user. At the end of input, and with -NonInteractive, a question throws.</summary>
internal sealed partial class ConsoleUi
{
    private readonly LineReader _lines = new();

    public override string ReadLine()
    {
        RequireUser();
        return _lines.Read(_stopping);
    }

    public override SecureString ReadLineAsSecureString()
    {
        RequireUser();
        return _lines.ReadSecret(_stopping);
    }

    public override Dictionary<string, PSObject> Prompt(
        string caption, string message, Collection<FieldDescription> descriptions)
    {
        RequireUser();
        WriteCaption(caption, message);
        var answers = new Dictionary<string, PSObject>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in descriptions)
        {
            answers[field.Name] = PSObject.AsPSObject(ReadField(field));
        }

        return answers;
    }

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options)
    {
        RequireUser();
        WriteCaption(caption, message);
        if (string.IsNullOrEmpty(userName))
        {
            Write("User: ");
            userName = ReadLine();
        }

        Write($"Password for user {userName}: ");
        return new PSCredential(userName, ReadLineAsSecureString());
    }

    public override int PromptForChoice(
        string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        AskForChoices(caption, message, choices, defaultChoice < 0 ? [] : [defaultChoice], many: false)[0];

    public Collection<int> PromptForChoice(
        string? caption, string? message, Collection<ChoiceDescription> choices, IEnumerable<int>? defaultChoices) =>
        AskForChoices(caption, message, choices, defaultChoices?.ToArray() ?? [], many: true);

    private void RequireUser()
    {
        if (_nonInteractive)
        {
            throw new HostException(
                "The host runs with -NonInteractive, and the script asks a question. Give the answer as a parameter, "
                + "for a confirmation -Confirm:$false.",
                null,
                "NonInteractive",
                ErrorCategory.InvalidOperation);
        }
    }

    private void WriteCaption(string? caption, string? message)
    {
        foreach (var line in new[] { caption, message }.Where(line => !string.IsNullOrEmpty(line)))
        {
            WriteLine(line!);
        }
    }

    private object ReadField(FieldDescription field)
    {
        var type = LanguagePrimitives.ConvertTo<Type>(field.ParameterTypeFullName);
        if (type.IsArray)
        {
            return ReadList(field.Name);
        }

        Write($"{field.Name}: ");
        return type == typeof(SecureString) ? ReadLineAsSecureString() : ReadLine();
    }

    private string[] ReadList(string name)
    {
        var items = new List<string>();
        while (true)
        {
            Write($"{name}[{items.Count}]: ");
            var item = ReadLine();
            if (item.Length == 0)
            {
                return [.. items];
            }

            items.Add(item);
        }
    }

    private Collection<int> AskForChoices(
        string? caption, string? message, Collection<ChoiceDescription> choices, int[] defaults, bool many)
    {
        RequireUser();
        WriteCaption(caption, message);
        var labels = choices.Select(ChoiceLabel.Of).ToArray();
        var chosen = new Collection<int>();
        while (true)
        {
            Write(ChoiceLabel.Question(labels, defaults));
            var answer = ReadLine().Trim();
            if (answer == "?")
            {
                WriteHelp(labels, choices);
            }
            else if (answer.Length == 0 && (chosen.Count > 0 || defaults.Length > 0))
            {
                return chosen.Count > 0 ? chosen : new Collection<int>(defaults);
            }
            else if (Array.FindIndex(labels, label => label.Answers(answer)) is >= 0 and var at)
            {
                chosen.Add(at);
                if (!many)
                {
                    return chosen;
                }
            }
        }
    }

    private void WriteHelp(ChoiceLabel[] labels, Collection<ChoiceDescription> choices)
    {
        for (var at = 0; at < labels.Length; at++)
        {
            WriteLine($"{labels[at].Key} - {choices[at].HelpMessage}");
        }
    }

    /// <summary>A choice's text without its ampersand, and the letter that stood after it.</summary>
    private sealed record ChoiceLabel(string Text, string Key)
    {
        public static ChoiceLabel Of(ChoiceDescription choice)
        {
            var at = choice.Label.IndexOf('&');
            var text = at < 0 ? choice.Label : choice.Label.Remove(at, 1);
            var key = at < 0 || at >= text.Length ? text : text[at].ToString().ToUpper(CultureInfo.CurrentCulture);
            return new ChoiceLabel(text, key);
        }

        public static string Question(ChoiceLabel[] labels, int[] defaults)
        {
            var shown = string.Join("  ", labels.Select(label => $"[{label.Key}] {label.Text}"));
            var preset = defaults.Length == 0
                ? string.Empty
                : $" (default is \"{string.Join(',', defaults.Select(at => labels[at].Key))}\")";
            return $"{shown}  [?] Help{preset}: ";
        }

        public bool Answers(string answer) =>
            string.Equals(answer, Key, StringComparison.CurrentCultureIgnoreCase)
            || string.Equals(answer, Text, StringComparison.CurrentCultureIgnoreCase);
    }
}
