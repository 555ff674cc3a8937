using System.Security.Cryptography;
using System.Text.Json;
using ModelRunner.Cli.Http;
using ModelRunner.Cli.Packaging;
using ModelRunner.Testing;

namespace ModelRunner.Cli.Tests.Live;

/// <summary>Models that come, go, and are looked after.</summary>
[Collection(OneServer.Name)]
public sealed class TransferCommandTests(LiveServer server) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("modelrunner-live").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Model_FromItsFileToItsRemoval_IsPackagedPushedPulledTaggedAndRemoved()
    {
        var name = $"{server.Registry.Host}/team/stories:v1";
        await File.WriteAllTextAsync(Path.Combine(_folder, "LICENSE"), "MIT", Token);
        Assert.Equal(
            "Model pushed successfully\n",
            await server.RunAsync("package", "--gguf", FixtureModels.Tiny, "--license", Path.Combine(_folder, "LICENSE"), "--context-size", "64", name, "--push"));
        var id = (await server.RunForJsonAsync("inspect", name)).GetProperty("id").GetString()!;
        Assert.Equal($"Untagged: {name}\nDeleted: {id}\n", await server.RunAsync("rm", name));
        Assert.Equal(id, (await server.RunForJsonAsync("inspect", "--remote", name)).GetProperty("id").GetString());

        Assert.Equal("Model pulled successfully\n", await server.RunAsync("pull", name));
        var lines = (await server.RunAsync("pull", name, "--json")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal("success", lines[^1].GetProperty("type").GetString());
        var row = Assert.Single((await server.RunAsync("list")).Split('\n'), row => row.StartsWith(name, StringComparison.Ordinal));
        Assert.Contains(id[7..19], row, StringComparison.Ordinal);
        Assert.Contains("llama", row, StringComparison.Ordinal);
        Assert.Contains(name, (await server.RunAsync("ls", "-q")).Split('\n'));
        var listed = (await server.RunForJsonAsync("list", "--json")).EnumerateArray().Single(model => model.GetProperty("id").GetString() == id);
        Assert.Equal(64, listed.GetProperty("config").GetProperty("context_size").GetInt32());

        Assert.Equal("ai/other:latest\n", await server.RunAsync("tag", name, "ai/other"));
        Assert.Equal("ai/other:v2", (await server.RunForJsonAsync("tag", name, "ai/other:v2", "--json")).GetProperty("target").GetString());
        Assert.Equal("ai/other:v2", (await server.RunForJsonAsync("rm", "ai/other:v2", "--json"))[0].GetProperty("Untagged").GetString());
        Assert.Equal($"Untagged: {name}\nUntagged: ai/other:latest\nDeleted: {id}\n", await server.RunAsync("rm", "--force", id));
        Assert.Contains("does not exist", await server.RunToFailAsync(4, "rm", name), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Package_OfAFolder_KeepsItsFiles()
    {
        Assert.StartsWith("Loaded model: sha256:", await server.RunAsync("package", "--folder", FixtureModels.TinyOnnx, "me/graph"), StringComparison.Ordinal);

        // Each file is there by its digest, the one that says how answers are written among them.
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "told")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "genai_config.json"), "{}", Token);
        var template = """{"fields":{"content":{}}}"""u8.ToArray();
        await File.WriteAllBytesAsync(Path.Combine(folder, "response_template.json"), template, Token);
        await server.RunAsync("package", "--folder", folder, "me/told");
        Assert.True(File.Exists(Path.Combine(server.Blobs, Convert.ToHexStringLower(SHA256.HashData(template)))));
        await server.RunAsync("rm", "me/told");

        Assert.Equal("onnx", (await server.RunForJsonAsync("inspect", "me/graph")).GetProperty("config").GetProperty("format").GetString());
        await server.RunAsync("rm", "me/graph");
    }

    // A refusal that came after the files would be lost with the connection.
    [Fact]
    public async Task Package_UnderANameThatCannotBe_IsToldWhyBeforeItIsSent()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "genai_config.json"), "{}", Token);
        await File.WriteAllBytesAsync(Path.Combine(_folder, "model.onnx"), new byte[1 << 20], Token);
        Assert.Contains("is no name of a model", await server.RunToFailAsync(1, "package", "--folder", _folder, "no/na me"), StringComparison.Ordinal);

        using var client = new RunnerClient(name => name == "MODEL_RUNNER_HOST" ? server.Host : null);
        var package = PackageReader.ReadFolder(_folder, contextSize: null);
        long sent = 0;
        using var content = new PackageContent(package, await package.HashAsync(_ => { }, Token), DateTimeOffset.UnixEpoch, count => sent = count);
        await Assert.ThrowsAsync<CommandFailedException>(() => client.SendAsync(HttpMethod.Post, "models/load?tag=no/na%20me", content, Token));

        Assert.Equal(0, sent);
    }

    [Fact]
    public async Task Pull_OfWhatIsNotThere_EndsWithNotFound()
    {
        Assert.Contains("has no model", await server.RunToFailAsync(4, "pull", $"{server.Registry.Host}/team/none"), StringComparison.Ordinal);
        Assert.Contains("is no name", await server.RunToFailAsync(1, "pull", "../x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_ByAServerBehindAProxy_GoesThroughIt()
    {
        await server.RunAsync("package", "--gguf", FixtureModels.Tiny, $"{server.Registry.Host}/team/far:v1", "--push");
        await server.RunAsync("rm", $"{server.Registry.Host}/team/far:v1");

        // Nobody knows this name but the proxy.
        Assert.Equal("Model pulled successfully\n", await server.RunAsync("pull", "registry-of-nowhere.local/team/far:v1"));

        Assert.Contains(server.Registry.Requests, request => request.Host == "registry-of-nowhere.local");
        await server.RunAsync("rm", "registry-of-nowhere.local/team/far:v1");
    }

    [Fact]
    public async Task Fsck_OfAWrongFile_FailsRepairsAndIsMendedByAPull()
    {
        var name = $"{server.Registry.Host}/team/bad:v1";
        await server.RunAsync("package", "--gguf", FixtureModels.TinyQ4, name);
        Assert.Equal("Model pushed successfully\n", await server.RunAsync("push", name));
        Assert.Contains("no model 'ai/none'", await server.RunToFailAsync(4, "push", "ai/none"), StringComparison.Ordinal);
        Assert.Contains("nothing is wrong", await server.RunAsync("fsck"), StringComparison.Ordinal);
        var weights = new DirectoryInfo(server.Blobs).EnumerateFiles().Single(file => file.Length == new FileInfo(FixtureModels.TinyQ4).Length);
        await using (var file = weights.OpenWrite()) file.WriteByte(0);

        var error = await server.RunToFailAsync(1, "fsck");
        Assert.Contains($"warning: The blob sha256:{weights.Name} has other bytes than its digest says ({name})", error, StringComparison.Ordinal);
        Assert.Contains("error: Checked", error, StringComparison.Ordinal);
        var (exitCode, output, _) = await CommandLine.RunAsync(server.Host, "", "fsck", "--repair");
        Assert.Equal((0, true), (exitCode, output.Contains($"Pull again: {name}", StringComparison.Ordinal)));
        Assert.Equal("Model pulled successfully\n", await server.RunAsync("pull", name));
        Assert.Equal("success", (await server.RunAsync("fsck", "--json")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).Last().GetProperty("type").GetString());
        await server.RunAsync("rm", name);
    }

    [Fact]
    public async Task Gc_OfALeftDownload_FreesItWhenTold()
    {
        await File.WriteAllBytesAsync(Path.Combine(server.Blobs, $"{new string('a', 64)}.left.incomplete"), new byte[2048], Token);

        Assert.Equal("Freed: 0.0 KiB\n", await server.RunAsync("gc"));
        Assert.Equal(2048, (await server.RunForJsonAsync("gc", "--all", "--json")).GetProperty("freed_bytes").GetInt64());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
