using System;
using System.Runtime.InteropServices;
using System.Security;
using System.Text;

namespace PPFederation.Native
{
    /// <summary>Text across the boundary. Secrets go through unmanaged or pinned memory that is wiped, never through a string.</summary>
    internal static unsafe class Utf8
    {
        private static readonly UTF8Encoding Strict = new UTF8Encoding(false, true);

        internal static byte[] Bytes(string text)
        {
            try
            {
                return Strict.GetBytes(text);
            }
            catch (EncoderFallbackException)
            {
                throw new ArgumentException("A text holds half of a surrogate pair, which is not Unicode. Type it again.");
            }
        }

        internal static string Text(byte* data, int length)
        {
            return length == 0 ? "" : Strict.GetString(data, length);
        }

        /// <summary>The most bytes that a secret can need in UTF-8.</summary>
        internal static int MostBytes(SecureString secret) => Strict.GetMaxByteCount(secret.Length);

        /// <summary>Writes a secret as UTF-8 and returns its length in bytes. The clear copy on the way is wiped.</summary>
        internal static int Write(SecureString secret, byte* target, int room)
        {
            if (secret.Length == 0)
            {
                return 0;
            }
            IntPtr clear = Marshal.SecureStringToGlobalAllocUnicode(secret);
            try
            {
                return Strict.GetBytes((char*)clear, secret.Length, target, room);
            }
            catch (EncoderFallbackException)
            {
                // The framework's own message would quote the character.
                throw new ArgumentException("A secret holds half of a surrogate pair, which is not Unicode. Enter it again.");
            }
            finally
            {
                Marshal.ZeroFreeGlobalAllocUnicode(clear);
            }
        }

        /// <summary>Reads a secret from UTF-8 into a read-only SecureString.</summary>
        internal static SecureString Secret(byte* data, int length)
        {
            var characters = new char[length == 0 ? 1 : Strict.GetMaxCharCount(length)];
            fixed (char* pinned = characters)
            {
                try
                {
                    int count = length == 0 ? 0 : Strict.GetChars(data, length, pinned, characters.Length);
                    var secret = new SecureString(pinned, count);
                    secret.MakeReadOnly();
                    return secret;
                }
                finally
                {
                    Wipe((byte*)pinned, (long)characters.Length * sizeof(char));
                }
            }
        }

        internal static void Wipe(byte* data, long length)
        {
            for (long i = 0; i < length; i++)
            {
                System.Threading.Volatile.Write(ref data[i], 0);
            }
        }
    }
}
