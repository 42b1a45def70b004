using System;
using System.Runtime.InteropServices;
using System.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PPFederation.Native
{
    /// <summary>
    /// The private key of a certificate object, on its way to the library: PKCS#12 in base64 under a password that is made for
    /// this once. Both are null where there is no key, or it can't be exported.
    /// </summary>
    public sealed unsafe class CertificateKey
    {
        /// <summary>Bytes of chance in the password.</summary>
        private const int PasswordLength = 32;

        /// <summary>PKCS#12 in base64, or null.</summary>
        public SecureString? Pkcs12 { get; }

        /// <summary>Its password, or null.</summary>
        public SecureString? Password { get; }

        /// <summary>Whether the Windows certificate store holds the certificate with its key, which then needn't leave it.</summary>
        public static bool IsInWindowsStore(X509Certificate2 certificate)
        {
            return RuntimeInformation.IsOSPlatform(OSPlatform.Windows)
                && (IsIn(StoreLocation.CurrentUser, certificate) || IsIn(StoreLocation.LocalMachine, certificate));
        }

        /// <summary>Exports the key, where it lets itself be exported.</summary>
        public CertificateKey(X509Certificate2 certificate)
        {
            if (!certificate.HasPrivateKey)
            {
                return;
            }
            SecureString password = NewPassword();
            try
            {
                Pkcs12 = Base64(certificate.Export(X509ContentType.Pkcs12, password));
                Password = password;
            }
            catch (CryptographicException)
            {
                // What the framework says differs by system and is no more than this: the key stays where it is.
                password.Dispose();
            }
        }

        private static bool IsIn(StoreLocation location, X509Certificate2 certificate)
        {
            using var store = new X509Store(StoreName.My, location);
            try
            {
                store.Open(OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly);
            }
            catch (CryptographicException)
            {
                // No such store, or not for this account.
                return false;
            }
            X509Certificate2Collection found =
                store.Certificates.Find(X509FindType.FindByThumbprint, certificate.Thumbprint, validOnly: false);
            return found.Count > 0 && found[0].HasPrivateKey;
        }

        private static SecureString NewPassword()
        {
            var chance = new byte[PasswordLength];
            using (RandomNumberGenerator generator = RandomNumberGenerator.Create())
            {
                generator.GetBytes(chance);
            }
            return Base64(chance);
        }

        /// <summary>The bytes in base64, and wiped.</summary>
        private static SecureString Base64(byte[] bytes)
        {
            var characters = new char[(bytes.Length + 2) / 3 * 4];
            fixed (byte* clear = bytes)
            fixed (char* pinned = characters)
            {
                try
                {
                    int length = Convert.ToBase64CharArray(bytes, 0, bytes.Length, characters, 0);
                    var text = new SecureString(pinned, length);
                    text.MakeReadOnly();
                    return text;
                }
                finally
                {
                    Utf8.Wipe(clear, bytes.Length);
                    Utf8.Wipe((byte*)pinned, (long)characters.Length * sizeof(char));
                }
            }
        }
    }
}
