using System.ComponentModel;
using System.Runtime.InteropServices;

namespace PPFederation.TestHost.Shell;

/// <summary>Ctrl+C for a program with a console of its own. Only Windows needs it: elsewhere a signal is sent.</summary>
public static class ConsoleInterrupt
{
    private const uint CtrlC = 0; // CTRL_C_EVENT

    /// <summary>
    /// Sends Ctrl+C to every process of the console that a process has. The caller changes to that console for it, and
    /// so is a process of its own, for this alone.
    /// </summary>
    public static void Send(int processId)
    {
        FreeConsole(); // False where there is none.
        Require(AttachConsole(processId));
        Require(SetConsoleCtrlHandler(0, ignore: true)); // Not this process.
        Require(GenerateConsoleCtrlEvent(CtrlC, processGroup: 0));
    }

    private static void Require(bool done)
    {
        if (!done)
        {
            throw new Win32Exception();
        }
    }

    [DllImport("kernel32.dll")]
    private static extern bool FreeConsole();

    [DllImport("kernel32.dll", SetLastError = true)]
    private static extern bool AttachConsole(int processId);

    [DllImport("kernel32.dll", SetLastError = true)]
    private static extern bool SetConsoleCtrlHandler(nint handler, bool ignore);

    [DllImport("kernel32.dll", SetLastError = true)]
    private static extern bool GenerateConsoleCtrlEvent(uint kind, uint processGroup);
}
