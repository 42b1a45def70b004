using System.Collections.Generic;

namespace PPFederation.Native
{
    /// <summary>
    /// The connections of one PowerShell session (one import of the module in one runspace), and the one that cmdlets without
    /// -Connection use. Other sessions of the process have their own: no job of theirs changes this one's.
    /// </summary>
    public sealed class Session
    {
        private readonly List<ConnectionHandle> handles = new List<ConnectionHandle>();

        /// <summary>The connection that cmdlets without -Connection use; none where none was chosen, or it was closed.</summary>
        public ConnectionHandle? Chosen
        {
            get => chosen != null && chosen.IsOpen ? chosen : null;
            set => chosen = value;
        }

        private ConnectionHandle? chosen;

        /// <summary>Those that are open, in the order in which they were made.</summary>
        public ConnectionHandle[] Open
        {
            get
            {
                handles.RemoveAll(handle => !handle.IsOpen);
                return handles.ToArray();
            }
        }

        /// <summary>The handle of the connection of this number: the one that is held already, or a new one, which is held from now on.</summary>
        public ConnectionHandle Hold(ulong number, bool renews, string[] domains)
        {
            ConnectionHandle? held = handles.Find(handle => handle.Number == number);
            if (held == null)
            {
                held = new ConnectionHandle(number, renews);
                handles.Add(held);
            }
            held.Domains = domains;
            return held;
        }

        /// <summary>Holds the connection of an object that another session made, as this session's default too.</summary>
        public void Choose(ConnectionHandle handle)
        {
            if (!handles.Contains(handle))
            {
                handles.Add(handle);
            }
            chosen = handle;
        }

        /// <summary>Makes an object that of a connection.</summary>
        public void Attach(Connection connection, ConnectionHandle handle)
        {
            connection.Handle = handle;
            connection.Session = this;
        }
    }
}
