using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Security;

namespace PPFederation.Native
{
    /// <summary>
    /// A secret on the screen, until it is disposed. It is written to the console itself, not through the host: a transcript
    /// records what goes through the host.
    /// </summary>
    public sealed unsafe class SecretScreen : IDisposable
    {
        private readonly int length;
        private readonly string below;
        private bool shown;

        /// <summary>Whether a person sits at a console whose output goes nowhere else.</summary>
        public static bool IsAvailable
        {
            get
            {
                try
                {
                    return Environment.UserInteractive && !Console.IsOutputRedirected && !Console.IsInputRedirected
                        && Console.BufferWidth > 0 && (Console.KeyAvailable || true);
                }
                catch (Exception error) when (error is InvalidOperationException || error is IOException)
                {
                    // A host without a console, such as the ISE.
                    return false;
                }
            }
        }

        /// <summary>Whether a key was pressed; takes it.</summary>
        public static bool TakeKey()
        {
            if (!Console.KeyAvailable)
            {
                return false;
            }
            Console.ReadKey(true);
            return true;
        }

        /// <summary>Writes the secret, and a line that says how to go on.</summary>
        public SecretScreen(SecureString secret, string below)
        {
            this.below = below;
            IntPtr text = Marshal.SecureStringToGlobalAllocUnicode(secret);
            try
            {
                length = secret.Length;
                // One by one: each flush leaves one character in the console's buffers, not the text.
                for (int i = 0; i < length; i++)
                {
                    Console.Out.Write(((char*)text)[i]);
                }
            }
            finally
            {
                Marshal.ZeroFreeGlobalAllocUnicode(text);
            }
            Console.Out.WriteLine();
            Console.Out.Write(below);
            shown = true;
        }

        /// <summary>Overwrites both and leaves the cursor where they began. A terminal's own recording can't be undone.</summary>
        public void Dispose()
        {
            if (!shown)
            {
                return;
            }
            shown = false;
            Console.Out.Write("\r" + new string(' ', below.Length));
            int rows = length / Math.Max(1, Console.BufferWidth) + 1;
            int top = Math.Max(0, Console.CursorTop - rows);
            Console.SetCursorPosition(0, top);
            Console.Out.Write(new string(' ', length));
            Console.SetCursorPosition(0, top);
        }
    }
}
