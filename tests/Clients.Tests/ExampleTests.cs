using ModelRunner.Testing;

namespace ModelRunner.Clients.Tests;

/// <summary>
/// The programs of <c>examples/</c> as they are written, at a server that has what ships with it alone: they name its model
/// where no other is set.
/// </summary>
public sealed class ExampleTests : IAsyncLifetime
{
    private ServerProcess? _server;

    private static string Folder => Path.Combine(Repository.Root, "examples");

    private (string Name, string Value)[] Variables => [("MODEL_RUNNER_URL", $"{_server!.Address}engines/v1")];

    public async ValueTask InitializeAsync() =>
        _server = await ServerProcess.StartAsync([("MODEL_RUNNER_NO_BUNDLED", "0")], ["--threads", "1"]);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    [Theory]
    [InlineData("chat.sh", "\"chat.completion\"")]
    [InlineData("bat-and-ball.sh", "\"chat.completion\"")]
    [InlineData("stream.sh", "data: [DONE]")]
    [InlineData("models.sh", "\"ai/pocket\"")]
    [InlineData("embeddings.sh", "\"embedding\"")]
    public async Task Curl_AtAFreshServer_IsAnswered(string script, string expected)
    {
        foreach (var program in new[] { "bash", "curl", "jq" })
            Assert.SkipUnless(Command.Exists(program), $"{program} is not installed");
        Assert.Contains(expected, await Command.RunAsync(Path.Combine(Folder, "curl"), Variables, null, "bash", script), StringComparison.Ordinal);
    }

    /// <summary>With the packages that the file names, which the SDK restores.</summary>
    [Theory]
    [InlineData("chat.cs", "ontainer")]
    [InlineData("extensions-ai.cs", "a vector of 192 numbers")]
    public async Task DotNet_AtAFreshServer_PrintsTheAnswer(string program, string expected) => Assert.Contains(
        expected, await Command.RunAsync(Path.Combine(Folder, "dotnet"), Variables, null, "dotnet", "run", program), StringComparison.Ordinal);

    [Fact]
    public async Task NodeJs_AtAFreshServer_PrintsTheAnswer()
    {
        // Beside the packages, which Node.js looks for where the program stands.
        File.Copy(Path.Combine(Folder, "node-js", "main.js"), Path.Combine(NodePrograms.Folder, "example.mjs"), overwrite: true);
        Assert.Contains("ontainer", await NodePrograms.RunAsync(Variables, null, "example.mjs"), StringComparison.Ordinal);
    }
}
