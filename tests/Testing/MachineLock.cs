namespace ModelRunner.Testing;

/// <summary>
/// An assembly fixture that lets one test project at a time use a native engine or a server process on this machine:
/// both spin on every core, and two at once make each other's hang limits meaningless.
/// Use: <c>[assembly: AssemblyFixture(typeof(MachineLock))]</c>.
/// </summary>
public sealed class MachineLock : IDisposable
{
    private readonly FileStream _file;

    public MachineLock()
    {
        var path = Path.Combine(Path.GetTempPath(), "modelrunner-tests.lock");
        using var pause = new ManualResetEventSlim();
        while (true)
        {
            try
            {
                _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                return;
            }
            catch (IOException)
            {
                // Held by another test process, whose end no event announces.
                pause.Wait(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    public void Dispose() => _file.Dispose();
}
