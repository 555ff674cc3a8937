using FastEndpoints;
using ModelRunner.ModelStore;
using ModelRunner.ModelStore.Content;
using ModelRunner.Server.Models;

namespace ModelRunner.Server.Endpoints.Models;

/// <summary>Hashes the store. Each fault is a warning; the last line is an error where faults are left.</summary>
internal sealed class CheckStoreEndpoint(ContentStore store, TimeProvider time) : EndpointWithoutRequest
{
    public override void Configure()
    {
        Post("/models/fsck");
        AllowAnonymous();
        Description(route => route.WithSummary("Hashes all stored files; with ?repair=true takes away what is wrong, so that a pull brings that alone. Answers with lines of progress"));
    }

    public override async Task HandleAsync(CancellationToken cancellationToken)
    {
        var repair = ModelNameRoute.HasFlag(HttpContext, "repair");
        var lines = new ProgressLines(HttpContext, "fsck", time);
        await lines.RunAsync(async () =>
        {
            var report = await store.CheckAsync(repair, lines, HttpContext.RequestAborted);
            foreach (var fault in report.Faults) lines.Warn(Describe(fault), fault.Digest);
            var found = $"Checked {report.CheckedBytes >> 20} MiB: {Count(report.Faults.Count)}.";
            var models = report.Faults.SelectMany(fault => fault.Models).Distinct(StringComparer.Ordinal).ToList();
            var advice = models.Count > 0 ? $" Pull again: {string.Join(", ", models)}." : "";
            return report.Faults.Count == 0 ? found
                : !repair ? throw new StoreException(StoreException.Broken, $"{found} A repair removes wrong blobs, and a pull brings them again.")
                : report.Faults.All(fault => fault.Kind == StoreFaultKind.WrongBlob) ? $"{found} Wrong blobs were removed.{advice}"
                : throw new StoreException(StoreException.Broken, $"{found} Wrong blobs were removed; what is missing is left.{advice}");
        });
    }

    private static string Count(int faults) => faults switch { 0 => "nothing is wrong", 1 => "1 fault", _ => $"{faults} faults" };

    private static string Describe(StoreFault fault) => fault.Kind switch
    {
        StoreFaultKind.WrongBlob => $"The blob {fault.Digest} has other bytes than its digest says",
        StoreFaultKind.MissingBlob => $"The blob {fault.Digest} is missing",
        _ => $"The manifest {fault.Digest} is missing or wrong",
    } + (fault.Models.Count > 0 ? $" ({string.Join(", ", fault.Models)})." : ".");
}
