using System.Diagnostics;
using System.Globalization;
using ModelRunner.ModelStore.Content;
using ModelRunner.ModelStore.Transfer;
using ModelRunner.StoreWorker;
using ModelRunner.Testing;

namespace ModelRunner.ModelStore.Tests.Crash;

public sealed class KillTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("modelrunner-kill").FullName;
    private readonly WorkModel[] _models = [.. Enumerable.Range(0, 6).Select(number => new WorkModel(number, 400_000))];

    [Fact]
    public async Task Store_AfterItsProcessWasKilled_IsSoundAndGoesOn()
    {
        var present = new Dictionary<string, bool>(StringComparer.Ordinal);
        var random = new Random(7);
        for (var kill = 0; kill < Campaign.Count(slice: 8, full: 320); kill++)
        {
            await RunAndKillAsync(kill, TimeSpan.FromMilliseconds(random.Next(1, 120)), present);

            var store = ContentStore.Open(_root, TimeProvider.System);
            var report = await store.CheckAsync(repair: false, null, TestContext.Current.CancellationToken);
            Assert.True(report.Faults.Count == 0, $"kill {kill}: {string.Join(", ", report.Faults)}");
            foreach (var (name, isThere) in present)
                Assert.True(!isThere || store.Find(name) is not null, $"kill {kill}: {name} was pulled and is gone");
            foreach (var model in store.List())
                Assert.All(Directory.GetFiles(store.GetBundleFolder(model)), file => Assert.True(new FileInfo(file).Length > 0));

            var next = _models[kill % _models.Length];
            await new ArtifactPuller(store, new TransferOptions(), TimeProvider.System)
                .PullAsync(next.Manifest, next.Name, next.GetSource, null, TestContext.Current.CancellationToken);
            Assert.Equal(next.Manifest.Digest, store.Find(next.Name)!.Id);
            present[next.Name] = true;
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private async Task RunAndKillAsync(int seed, TimeSpan time, Dictionary<string, bool> present)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(WorkModel).Assembly.Location);
        start.ArgumentList.Add(_root);
        start.ArgumentList.Add(seed.ToString(CultureInfo.InvariantCulture));
        using var process = Process.Start(start)!;
        var ready = new TaskCompletionSource();
        var lines = Task.Run(async () =>
        {
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (line == "ready") ready.SetResult();
                else present[line[2..]] = line[0] == '+';
            }
        });
        await Task.WhenAny(ready.Task, lines);
        Assert.True(ready.Task.IsCompleted, "the worker ended by itself");

        // The moment of the kill is what is random here: nothing waits for it.
        await Task.Delay(time, TestContext.Current.CancellationToken);
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await lines;
        Assert.Equal(137, process.ExitCode);
    }
}
