using System;
using System.Globalization;
using System.Security;
using System.Text;

namespace PPFederation.Native
{
    /// <summary>What the module's views show in place of a value.</summary>
    public static class ViewText
    {
        /// <summary>Fits the narrowest column for sentences that the views have at 80 columns, and the longest id.</summary>
        private const int Width = 46;

        /// <summary>Whether the engine takes colours out again where they aren't wanted, as PowerShell does from 7.2 on.</summary>
        public static bool Coloured { get; set; }

        /// <summary>Whose the rows of a table are.</summary>
        public static string Tenant(string? name, string? id)
        {
            return string.IsNullOrEmpty(name) ? id ?? "" : name + " (" + id + ")";
        }

        /// <summary>That there is a secret, and what shows it.</summary>
        public static string Secret(SecureString? secret)
        {
            return secret == null ? "" : "held as a SecureString: Show-PPClientSecret shows it";
        }

        /// <summary>The day of an instant, the same in every culture and calendar; nothing where there is none.</summary>
        public static string Day(DateTime? instant)
        {
            return instant == null ? "" : instant.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        }

        /// <summary>
        /// An instant to the minute with its offset from UTC, the same in every culture and calendar; nothing where there is none.
        /// </summary>
        public static string Instant(DateTime? instant)
        {
            return instant == null ? "" : instant.Value.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture);
        }

        /// <summary>
        /// How something stands: green where nothing is left to do, yellow where it will pass, red where something is to be done.
        /// In no colour where the output goes into a file or to another program.
        /// </summary>
        public static string State(string? state, int width = 0)
        {
            string text = (state ?? "").PadRight(width);
            string? colour = Coloured && !Console.IsOutputRedirected ? ColourOf(state) : null;
            return colour == null ? text : "\u001b[" + colour + "m" + text + "\u001b[0m";
        }

        /// <summary>The beginning of a sentence, for a table that has a line for each row: 40 characters at most.</summary>
        public static string Line(string? text)
        {
            const int Most = 40;
            string line = text ?? "";
            return line.Length <= Most ? line : line.Substring(0, Most - 3) + "...";
        }

        private static string? ColourOf(string? state)
        {
            switch (state)
            {
                case "Done":
                case "AlreadyDone":
                case "Off":
                case "Granted":
                case "Valid":
                case "Removed":
                case "AlreadyGone":
                    return "32";
                case "Open":
                case "Pending":
                case "Skipped":
                case "Later":
                case "NotYetValid":
                    return "33";
                case "NotDone":
                case "NotConfirmed":
                case "NotGranted":
                case "Unknown":
                case "Failed":
                case "Expired":
                case "On":
                    return "31";
                default:
                    return null;
            }
        }

        /// <summary>
        /// A sentence whose words and ids stay whole. PowerShell breaks lines between words, but not in the invariant culture, which
        /// containers have: there it gets its lines here.
        /// </summary>
        public static string Whole(string? text)
        {
            if (text == null || CultureInfo.CurrentCulture.Name.Length > 0)
            {
                return text ?? "";
            }
            var lines = new StringBuilder();
            foreach (string line in text.Split('\n'))
            {
                AppendWrapped(lines, line);
            }
            return lines.ToString().TrimEnd('\n');
        }

        private static void AppendWrapped(StringBuilder lines, string line)
        {
            int start = lines.Length;
            foreach (string word in line.Split(' '))
            {
                if (lines.Length > start && lines.Length - start + word.Length > Width)
                {
                    lines[lines.Length - 1] = '\n';
                    start = lines.Length;
                }
                lines.Append(word).Append(' ');
            }
            lines[lines.Length - 1] = '\n';
        }
    }
}
