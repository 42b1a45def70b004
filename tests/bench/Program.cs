// Walks over all users of a tenant with Microsoft's SDK and compares them with the portal's, as a program that is written in an afternoon
// does: who holds which address in a dictionary, the users in a list, no verdicts, and of the provisioning script what it comes to.
// Counts the values that would be written and aren't there, as the rows of a comparison. Prints what Bench reads: a line of JSON.
//
// Arguments: the address of Graph without its version, a token, the portal's users as CSV (Username,DisplayName,ImmutableId).
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Graph;
using Microsoft.Graph.Models;
using Microsoft.Graph.Users.Delta;
using Microsoft.Kiota.Abstractions;
using Microsoft.Kiota.Abstractions.Authentication;

string[] select = ["id", "userPrincipalName", "mail", "displayName", "usageLocation", "onPremisesImmutableId", "proxyAddresses",
    "onPremisesSyncEnabled", "userType", "accountEnabled"];
var watch = Stopwatch.StartNew();
var portal = File.ReadLines(args[2]).Skip(1).Select(line => line.Split(',')).ToList();
var byImmutableId = portal.ToDictionary(cells => cells[2], StringComparer.Ordinal);
var byName = portal.ToDictionary(cells => cells[0], StringComparer.OrdinalIgnoreCase);
var client = new GraphServiceClient(new WithToken(args[1]), $"{args[0]}/v1.0");

var users = new List<User>();
var holders = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
// The SDK's own address has parentheses behind the function's name, for which Bench's tenant has no pages made beforehand.
var delta = client.Users.Delta.WithUrl($"{args[0]}/v1.0/users/delta?$select={string.Join(',', select)}");
var first = await delta.GetAsDeltaGetResponseAsync();
var pages = PageIterator<User, DeltaGetResponse>.CreatePageIterator(client, first!, user =>
{
    users.Add(user);
    foreach (var address in user.ProxyAddresses ?? [])
    {
        holders[address[(address.IndexOf(':', StringComparison.Ordinal) + 1)..]] = user.Id!;
    }
    return true;
});
await pages.IterateAsync();

var differing = 0;
foreach (var user in users)
{
    if (!byImmutableId.TryGetValue(user.OnPremisesImmutableId ?? "", out var cells) && !byName.TryGetValue(user.UserPrincipalName ?? "", out cells))
    {
        differing++;
        continue;
    }
    (string? Before, string After)[] values = [(user.DisplayName, cells[1]), (user.UsageLocation, "AU"), (user.OnPremisesImmutableId, cells[2]),
        (user.UserPrincipalName, cells[0]), (user.Mail, cells[0])];
    var changed = values.Count(value => value.Before != value.After);
    var taken = holders.TryGetValue(cells[0], out var holder) && holder != user.Id;
    differing += changed == 0 && taken ? 1 : changed;
}
watch.Stop();

Console.WriteLine(JsonSerializer.Serialize(new
{
    seconds = Math.Round(watch.Elapsed.TotalSeconds, 2),
    users = users.Count,
    differing,
    memoryKiB = System.Diagnostics.Process.GetCurrentProcess().PeakWorkingSet64 / 1024,
}));

/// <summary>Sends a token that is there already: what a sign-in takes is not measured.</summary>
internal sealed class WithToken(string token) : IAuthenticationProvider
{
    public Task AuthenticateRequestAsync(
        RequestInformation request, Dictionary<string, object>? additionalAuthenticationContext = null, CancellationToken cancellationToken = default)
    {
        request.Headers.Add("Authorization", string.Format(CultureInfo.InvariantCulture, "Bearer {0}", token));
        return Task.CompletedTask;
    }
}
