using System.Security;

namespace PPFederation.Native
{
    /// <summary>The kinds of event a job emits.</summary>
    public enum EventKind
    {
        /// <summary>Nothing came within the time-out.</summary>
        None = NativeMethods.PP_EVENT_NONE,
        /// <summary>CLIXML of one object: Activity, Status, PercentComplete, SecondsRemaining.</summary>
        Progress = NativeMethods.PP_EVENT_PROGRESS,
        /// <summary>A line for the verbose stream.</summary>
        Verbose = NativeMethods.PP_EVENT_VERBOSE,
        /// <summary>A line for the warning stream.</summary>
        Warning = NativeMethods.PP_EVENT_WARNING,
        /// <summary>A line for the information stream.</summary>
        Information = NativeMethods.PP_EVENT_INFORMATION,
        /// <summary>CLIXML of one or more results.</summary>
        Objects = NativeMethods.PP_EVENT_OBJECTS,
        /// <summary>A numbered secret that a later result refers to.</summary>
        Secret = NativeMethods.PP_EVENT_SECRET,
        /// <summary>CLIXML of one error.</summary>
        Error = NativeMethods.PP_EVENT_ERROR,
        /// <summary>The job ended.</summary>
        Done = NativeMethods.PP_EVENT_DONE,
        /// <summary>The job ended because it was cancelled.</summary>
        Cancelled = NativeMethods.PP_EVENT_CANCELLED,
        /// <summary>A line for the debug stream.</summary>
        Debug = NativeMethods.PP_EVENT_DEBUG,
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
