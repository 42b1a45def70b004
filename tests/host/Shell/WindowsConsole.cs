using System.Runtime.InteropServices;
using System.Text;

namespace PPFederation.TestHost.Shell;

/// <summary>What only the console of Windows needs: everywhere else these do nothing.</summary>
internal static class WindowsConsole
{
    private const int StandardOutput = -11;
    private const int StandardError = -12;
    private const uint ProcessEscapeSequences = 0x0004; // ENABLE_VIRTUAL_TERMINAL_PROCESSING

    /// <summary>Lets colours and the progress bar be drawn by escape sequences, and text be UTF-8.</summary>
    public static void UseEscapeSequences()
    {
        if (!OperatingSystem.IsWindows())
        {
            return;
        }

        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        foreach (var stream in new[] { StandardOutput, StandardError })
        {
            var handle = GetStdHandle(stream);
            if (GetConsoleMode(handle, out var mode)) // False for a stream that is no console.
            {
                SetConsoleMode(handle, mode | ProcessEscapeSequences);
            }
        }
    }

    [DllImport("kernel32.dll")]
    private static extern nint GetStdHandle(int stream);

    [DllImport("kernel32.dll")]
    private static extern bool GetConsoleMode(nint handle, out uint mode);

    [DllImport("kernel32.dll")]
    private static extern bool SetConsoleMode(nint handle, uint mode);
}
