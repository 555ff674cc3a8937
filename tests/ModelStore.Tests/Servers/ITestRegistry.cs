using ModelRunner.ModelStore.Content;

namespace ModelRunner.ModelStore.Tests.Servers;

/// <summary>A registry to test against.</summary>
internal interface ITestRegistry : IAsyncDisposable
{
    /// <summary>Its host and port, on this machine and without TLS.</summary>
    string Host { get; }

    /// <summary>Changes a byte of a blob where it is kept.</summary>
    Task CorruptAsync(Digest blob);
}
