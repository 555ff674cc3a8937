using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;

namespace ModelRunner.Clients.Tests;

/// <summary>Microsoft.Extensions.AI over OpenAI's SDK: what .NET applications program against.</summary>
public abstract class ExtensionsAiTests(SharedServers servers, string engine)
{
    private readonly SharedServer _shared = servers[engine];

    private const string Model = "ai/smollm2";

    private static readonly ChatOptions Options = new() { MaxOutputTokens = 12, Temperature = 0 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetResponse_Chat_AnswersAsItStreams()
    {
        using var client = Client().GetChatClient(Model).AsIChatClient();
        var whole = await client.GetResponseAsync("What is a container?", Options, Token);
        var streamed = await client.GetStreamingResponseAsync("What is a container?", Options, Token).ToChatResponseAsync(Token);

        Assert.NotEqual("", whole.Text);
        Assert.Equal(whole.Text, streamed.Text);
        foreach (var response in new[] { whole, streamed })
        {
            Assert.Equal(Model, response.ModelId);
            Assert.Equal(ChatFinishReason.Length, response.FinishReason);
            Assert.Equal(12, response.Usage?.OutputTokenCount);
            Assert.NotNull(response.ResponseId);
            Assert.NotNull(response.CreatedAt);
        }
    }

    [Fact]
    public async Task GetResponse_SecondTurn_ReusesTheFirst()
    {
        using var client = Client().GetChatClient(Model).AsIChatClient();
        List<ChatMessage> history = [new(ChatRole.User, "Tell me of registries, layers and tags of images, please.")];
        var first = await client.GetResponseAsync(history, Options, Token);
        history.AddMessages(first);
        history.Add(new(ChatRole.User, "Go on."));
        var second = await client.GetResponseAsync(history, Options, Token);

        Assert.InRange(second.Usage?.CachedInputTokenCount ?? 0, 20, int.MaxValue);
    }

    [Fact]
    public async Task GenerateEmbedding_Text_HasTheModelsLength()
    {
        using var generator = Client().GetEmbeddingClient(Model).AsIEmbeddingGenerator();
        var vector = await generator.GenerateVectorAsync("hello", cancellationToken: Token);
        Assert.Equal(64, vector.Length);
    }

    private OpenAIClient Client() => new(
        new ApiKeyCredential("not-needed"),
        new OpenAIClientOptions { Endpoint = _shared.Base });
}

public sealed class ExtensionsAiOnLlamaCppTests(SharedServers servers) : ExtensionsAiTests(servers, "llama.cpp");

public sealed class ExtensionsAiOnOnnxTests(SharedServers servers) : ExtensionsAiTests(servers, "onnx");
