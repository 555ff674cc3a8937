using System.ClientModel;
using System.ClientModel.Primitives;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using ModelRunner.Testing;
using OpenAI;
using OpenAI.Chat;

namespace ModelRunner.Clients.Tests;

/// <summary>What ships with the server, as a newcomer meets it: no setting, no model of one's own.</summary>
public sealed partial class BundledModelTests : IAsyncLifetime
{
    private const string Model = "ai/pocket";

    // 49 of 50 when it was made. Rounding decides where two words are nearly as likely, on another processor otherwise.
    private const double LeastAgreement = 0.8;

    private ServerProcess? _server;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Folder => Path.Combine(Repository.Root, "models", "ai", "pocket");

    public async ValueTask InitializeAsync() =>
        _server = await ServerProcess.StartAsync([("MODEL_RUNNER_NO_BUNDLED", "0")], ["--threads", "1"]);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    [Fact]
    public async Task Server_WithoutAnySetting_ListsIt()
    {
        var models = JsonSerializer.Deserialize<JsonElement>(await _server!.Client.GetStringAsync(new Uri("engines/v1/models", UriKind.Relative), Token));
        Assert.Equal(Model, Assert.Single(models.GetProperty("data").EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task ReadmesCall_WithTheAddressChanged_GivesTheAnswerThatFollowsIt()
    {
        foreach (var program in new[] { "bash", "curl" })
            Assert.SkipUnless(Command.Exists(program), $"{program} is not installed");

        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), Token);
        var block = CurlBlock().Match(readme);
        var script = block.Groups["call"].Value.Replace("http://localhost:12434/", _server!.Address.ToString(), StringComparison.Ordinal);
        var answer = JsonSerializer.Deserialize<JsonElement>(await Command.RunAsync(AppContext.BaseDirectory, [], null, "bash", "-c", script));

        var text = answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
        var shown = block.Groups["answer"].Value.Replace("> ", "", StringComparison.Ordinal).ReplaceLineEndings(" ").Trim();

        // The whole of it on the machine that it was made on. Another processor rounds otherwise, later in the text.
        Assert.StartsWith(shown[..60], text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("llama.cpp")]
    [InlineData("onnx")]
    public async Task Explanation_IsStreamedAndEndsByItself(string engine)
    {
        var text = "";
        ChatFinishReason? reason = null;
        await foreach (var update in Chat(engine).CompleteChatStreamingAsync([new UserChatMessage("Explain Docker in 100 words.")], Greedy, Token))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            reason = update.FinishReason ?? reason;
        }

        Assert.Contains("container", text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(ChatFinishReason.Stop, reason);
    }

    [Theory]
    [InlineData("llama.cpp")]
    [InlineData("onnx")]
    public async Task Tool_ThatIsRequired_IsCalledUnderItsSchema(string engine)
    {
        var options = new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 200, ToolChoice = ChatToolChoice.CreateRequiredChoice() };
        options.Tools.Add(ChatTool.CreateFunctionTool(
            "get_weather",
            "Get the weather of a city.",
            BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string","enum":["Paris","Rome"]}},"required":["city"],"additionalProperties":false}""")));

        ChatCompletion answer = await Chat(engine).CompleteChatAsync([new UserChatMessage("What is the weather in Paris?")], options, Token);

        Assert.Equal(ChatFinishReason.ToolCalls, answer.FinishReason);
        Assert.NotEmpty(answer.ToolCalls);
        Assert.All(answer.ToolCalls, call =>
        {
            Assert.Equal("get_weather", call.FunctionName);
            Assert.Contains(JsonSerializer.Deserialize<JsonElement>(call.FunctionArguments).GetProperty("city").GetString(), new[] { "Paris", "Rome" });
        });
    }

    [Fact]
    public async Task Engines_AgreeOnMostAnswers()
    {
        var prompts = (await File.ReadAllLinesAsync(Path.Combine(Repository.Root, "tools", "pocket-model", "evaluation", "explain.txt"), Token))
            .Take(Campaign.Count(10, 50)).Select(line => line[(line.IndexOf('|', StringComparison.Ordinal) + 1)..]).ToList();
        var same = 0;
        foreach (var prompt in prompts)
            if (await AnswerAsync("llama.cpp", prompt) == await AnswerAsync("onnx", prompt))
                same++;

        Assert.True(same >= LeastAgreement * prompts.Count, $"{same} of {prompts.Count}");
    }

    [Fact]
    public void Files_AreThoseOfTheChecksumsAndSmall()
    {
        foreach (var line in File.ReadLines(Path.Combine(Folder, "SHA256SUMS")))
        {
            var (sum, name) = (line[..64], line[66..]);
            Assert.Equal(sum, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Folder, name)))));
        }

        Assert.InRange(new FileInfo(Path.Combine(Folder, "pocket.gguf")).Length, 1 << 20, 8 << 20);
        Assert.InRange(Directory.EnumerateFiles(Folder).Where(path => !path.EndsWith(".gguf", StringComparison.Ordinal)).Sum(path => new FileInfo(path).Length), 1 << 20, 8 << 20);
    }

    [GeneratedRegex(@"```\n(?<call>curl .*?)```\n\n(?<answer>(> .*?\n)+)", RegexOptions.Singleline)]
    private static partial Regex CurlBlock();

    private static ChatCompletionOptions Greedy => new() { Temperature = 0, MaxOutputTokenCount = 300 };

    private async Task<string> AnswerAsync(string engine, string prompt)
    {
        ChatCompletion answer = await Chat(engine).CompleteChatAsync([new UserChatMessage(prompt)], Greedy, Token);
        return string.Concat(answer.Content.Select(part => part.Text));
    }

    private ChatClient Chat(string engine) => new(
        Model,
        new ApiKeyCredential("not-needed"),
        new OpenAIClientOptions { Endpoint = new Uri(_server!.Address, $"engines/{engine}/v1"), NetworkTimeout = TimeSpan.FromMinutes(5) });
}
