using ModelRunner.Abstractions.Engines;
using ModelRunner.Testing;

namespace ModelRunner.Engines.Onnx.Tests.Runtime;

public sealed class SharedPoolTests
{
    private const int Models = 6;
    private const string LoadingThread = "loads models";

    /// <summary>Without a number, or with the pool's own, no model brings threads of its own; one less than another number.</summary>
    [Theory]
    [InlineData(0, 0)]
    [InlineData(SharedPool.ThreadCount, 0)]
    [InlineData(3, 2 * Models)]
    public void Load_SeveralModels_BringThreadsOnlyForAnotherNumber(int threadCount, int added)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "threads are listed in /proc");
        var folder = FixtureModels.TinyOnnx;
        var count = 0;

        // On Linux a thread begins with the name of the one that makes it, which tells them from those of other tests.
        var loading = new Thread(() =>
        {
            var models = Enumerable.Range(0, Models).Select(_ => LoadedModel.Load(folder, new ModelLoadOptions { ThreadCount = threadCount })).ToArray();
            count = CountThreads();
            foreach (var model in models)
                model.Dispose();
        }) { Name = LoadingThread };
        loading.Start();
        loading.Join();
        Assert.Equal(1 + added, count);
    }

    private static int CountThreads() => Directory.GetDirectories("/proc/self/task").Count(task =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).TrimEnd() == LoadingThread;
        }
        catch (IOException)
        {
            // Another test's, which has ended.
            return false;
        }
    });
}
