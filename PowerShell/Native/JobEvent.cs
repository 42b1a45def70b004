using System.Security;

namespace PPFederation.Native
{
    /// <summary>The kinds of event a job emits.</summary>
    public enum EventKind
    {
        /// <summary>Nothing came within the time-out.</summary>
        None = 0,
        /// <summary>CLIXML of one object: Activity, Status, PercentComplete, SecondsRemaining.</summary>
        Progress = 1,
        /// <summary>A line for the verbose stream.</summary>
        Verbose = 2,
        /// <summary>A line for the warning stream.</summary>
        Warning = 3,
        /// <summary>A line for the information stream.</summary>
        Information = 4,
        /// <summary>CLIXML of one or more results.</summary>
        Objects = 5,
        /// <summary>A numbered secret that a later result refers to.</summary>
        Secret = 6,
        /// <summary>CLIXML of one error.</summary>
        Error = 7,
        /// <summary>The job ended.</summary>
        Done = 8,
        /// <summary>The job ended because it was cancelled.</summary>
        Cancelled = 9,
    }

    /// <summary>One event of a job.</summary>
    public sealed class JobEvent
    {
        /// <summary>What this is.</summary>
        public EventKind Kind { get; }

        /// <summary>The text of the event; empty for a secret and for events that carry none.</summary>
        public string Text { get; }

        /// <summary>The secret, for the kind Secret alone. It belongs to whoever takes the event.</summary>
        public SecureString? Secret { get; }

        /// <summary>The number that results refer to the secret by; 0 for other kinds.</summary>
        public int SecretNumber { get; }

        /// <summary>Whether this is the job's last event.</summary>
        public bool IsLast => Kind == EventKind.Done || Kind == EventKind.Cancelled;

        internal JobEvent(EventKind kind, string text)
        {
            Kind = kind;
            Text = text;
        }

        internal JobEvent(int number, SecureString secret)
        {
            Kind = EventKind.Secret;
            Text = "";
            SecretNumber = number;
            Secret = secret;
        }
    }
}
