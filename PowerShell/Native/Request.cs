using System;
using System.Collections;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Security;

namespace PPFederation.Native
{
    /// <summary>
    /// One request: an op with its fields. A SecureString among them goes as UTF-8 into the secrets block and appears in the
    /// JSON as {"at": n, "len": n}. The block is pinned, so that the collector leaves no copy behind, and wiped by Dispose.
    /// </summary>
    public sealed unsafe class Request : IDisposable
    {
        private readonly byte[] block;
        private readonly GCHandle pin;
        private int used;
        private bool wiped;

        /// <summary>The request as JSON. It holds no secret.</summary>
        public string Text { get; }

        /// <summary>
        /// Takes the op and its fields. A field may be a string, bool, int, long, uint, ulong, SecureString, a row of a
        /// comparison, a list of these or a dictionary of these; a null value is left out, which the library reads as "not given".
        /// </summary>
        /// <exception cref="ArgumentException">A field is of another type, or a text is not Unicode.</exception>
        public Request(string op, IDictionary fields)
        {
            IDictionary body = WithoutNulls(fields);
            block = new byte[Room(body.Values)];
            pin = GCHandle.Alloc(block, GCHandleType.Pinned);
            try
            {
                var all = new Dictionary<string, object?> { ["op"] = op };
                foreach (DictionaryEntry field in body)
                {
                    all.Add((string)field.Key, field.Value);
                }
                var json = new Json(Add);
                json.Value(all);
                Text = json.ToString();
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        /// <summary>Wipes the secrets block.</summary>
        public void Dispose()
        {
            if (wiped)
            {
                return;
            }
            wiped = true;
            Utf8.Wipe(Block, block.Length);
            pin.Free();
        }

        internal byte* Block => (byte*)pin.AddrOfPinnedObject();

        internal int BlockLength => wiped ? throw new ObjectDisposedException(nameof(Request)) : used;

        private IDictionary Add(SecureString secret)
        {
            int at = used;
            int length = Utf8.Write(secret, Block + at, block.Length - at);
            used += length;
            return new Dictionary<string, object?> { ["at"] = at, ["len"] = length };
        }

        private static IDictionary WithoutNulls(IDictionary fields)
        {
            var kept = new Dictionary<string, object?>();
            foreach (DictionaryEntry field in fields)
            {
                object? value = field.Value is IDictionary inner ? WithoutNulls(inner) : field.Value;
                if (value != null)
                {
                    kept.Add((string)field.Key, value);
                }
            }
            return kept;
        }

        private static int Room(IEnumerable values)
        {
            int room = 0;
            foreach (object? value in values)
            {
                switch (value)
                {
                    case SecureString secret: room += Utf8.MostBytes(secret); break;
                    case string _: break;
                    case IDictionary inner: room += Room(inner.Values); break;
                    case IEnumerable list: room += Room(list); break;
                }
            }
            return room;
        }
    }
}
