using PPFederation.WindowsPowerShell;

// ps51 <bridge> <module folder> <script>...: checks the scripts of the module and others, and that each rule finds what a sample
// has planted for it. Ends as tests/run.ps1 does.
int passed = 0;
int failed = 0;

void Report(string name, IEnumerable<string> wrong)
{
    string[] lines = wrong.ToArray();
    Console.WriteLine((lines.Length == 0 ? "[+] " : "[-] FAILED ") + name);
    foreach (string line in lines)
    {
        Console.WriteLine("    " + line);
    }
    passed += lines.Length == 0 ? 1 : 0;
    failed += lines.Length == 0 ? 0 : 1;
}

using var framework = new Framework(args[0]);
foreach (string sample in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Samples")).Order())
{
    Report("sample " + Path.GetFileName(sample), Samples.Check(framework, sample));
}
Report("the bridge", Bridge.Check(args[0]));
string[] engine = Bridge.Check(typeof(System.Management.Automation.PSObject).Assembly.Location).ToArray();
Report("an assembly that does such things is noticed", new[] { "refers to the assembly", "a network", "not the same in 5.1" }
    .Where(each => !engine.Any(line => line.Contains(each))).Select(each => "nothing says: " + each));

Script[] module = Directory.GetFiles(args[1], "*.ps*").Order().Select(path => Script.Read(path, isShipped: true)).ToArray();
// The runbooks ship beside the module, as scripts of a firm's own: they may reach a network.
string[] runbooks = Directory.GetFiles(Path.Combine(args[1], "Runbooks"), "*.ps1").Order().ToArray();
Script[] others = args.Skip(2).Concat(runbooks).Select(path => Script.Read(path, isShipped: false)).ToArray();
// The module calls its own functions alone; the others call each other's and the module's.
foreach ((Script[] scripts, Checker checker) in new[] { (module, new Checker(framework, module)), (others, new Checker(framework, [.. module, .. others])) })
{
    foreach (Script script in scripts)
    {
        Report(script.Name, checker.Check(script).Select(each => "line " + each.Line + ", " + each.Rule + ": " + each.Text));
    }
}
Console.WriteLine("tests: " + passed + " passed, " + failed + " failed");
return failed == 0 && module.Length > 0 ? 0 : 1;
