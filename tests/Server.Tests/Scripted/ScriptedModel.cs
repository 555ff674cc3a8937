using System.Runtime.CompilerServices;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Tests.Scripted;

/// <summary>Answers as its script says. Reuses one buffer, as the seam allows.</summary>
internal sealed class ScriptedModel(string name, ModelFormat format, Script script)
    : IEngineModel, IChatModel, ICompletionModel, IEmbeddingModel
{
    public ModelInfo Info { get; } = new()
    {
        Name = name,
        Architecture = "scripted",
        Format = format,
        EmbeddingLength = 4,
        ContextLength = 2048,
    };

    public bool IsHealthy => script.IsHealthy;

    public ModelActivity Activity => script.Activity;

    public async IAsyncEnumerable<ChatUpdate> ChatAsync(
        ChatRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        script.LastChat = request;
        var count = 0;
        await foreach (var (text, token) in GenerateAsync(cancellationToken))
        {
            count++;
            for (var choice = 0; choice < request.ChoiceCount; choice++)
                yield return new ChatUpdate
                {
                    ChoiceIndex = choice,
                    Text = text,
                    LogProbability = request.Output.WantsLogProbabilities ? token : null,
                    TopLogProbabilities = request.Output.TopLogProbabilityCount > 0 ? [token] : null,
                };
        }

        for (var choice = 0; choice < request.ChoiceCount; choice++)
            yield return new ChatUpdate
            {
                Kind = ChatUpdateKind.Finish,
                ChoiceIndex = choice,
                FinishReason = FinishReason.Stop,
                Usage = choice == request.ChoiceCount - 1 ? new TokenUsage(5, 3, count * request.ChoiceCount) : null,
            };
    }

    public async IAsyncEnumerable<CompletionUpdate> CompleteAsync(
        CompletionRequest request,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        lock (script.Completions) script.Completions.Add(request);
        var count = 0;
        await foreach (var (text, token) in GenerateAsync(cancellationToken))
        {
            count++;
            for (var choice = 0; choice < request.ChoiceCount; choice++)
                yield return new CompletionUpdate
                {
                    ChoiceIndex = choice,
                    Text = text,
                    LogProbability = request.Output.WantsLogProbabilities
                        ? token with { LogProbability = request.Echo && count == 1 ? float.NaN : script.LogProbability(choice) }
                        : null,
                    TopLogProbabilities = request.Output.TopLogProbabilityCount > 0 ? [token] : null,
                };
        }

        for (var choice = 0; choice < request.ChoiceCount; choice++)
            yield return new CompletionUpdate
            {
                ChoiceIndex = choice,
                FinishReason = FinishReason.Length,
                Usage = choice == request.ChoiceCount - 1 ? new TokenUsage(5, 3, count * request.ChoiceCount) : null,
            };
    }

    public Task<EmbeddingResult> EmbedAsync(EmbeddingRequest request, CancellationToken cancellationToken)
    {
        if (script.Refusal is { } refusal) throw refusal;
        lock (script.Embeddings) script.Embeddings.Add(request);
        float[][] vectors = [.. request.Inputs.Select((_, index) => new[] { index, 0.5f, -0.25f, 1f }[..(request.Dimensions ?? 4)])];
        return Task.FromResult(new EmbeddingResult(vectors, 3 * vectors.Length));
    }

    public ValueTask DisposeAsync()
    {
        script.Disposed.TrySetResult();
        return ValueTask.CompletedTask;
    }

    private async IAsyncEnumerable<(ReadOnlyMemory<byte> Text, TokenLogProbability Token)> GenerateAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (script.Refusal is { } refusal) throw refusal;
        if (!script.Prefill.IsCompleted) await script.Prefill.WaitAsync(cancellationToken);
        var buffer = new byte[256];
        for (var round = 0; round < script.Repeat; round++)
        {
            foreach (var piece in script.Pieces)
            {
                if (script.Yields) await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                piece.CopyTo(buffer, 0);
                yield return (buffer.AsMemory(0, piece.Length), new TokenLogProbability(7, piece, -0.5f));
            }
        }

        if (script.Failure is { } failure) throw failure;
        if (!script.Hangs) yield break;
        try
        {
            await (script.EndsWhenDisposed is null
                ? Task.Delay(Timeout.Infinite, cancellationToken)
                : script.Disposed.Task.WaitAsync(cancellationToken));
            throw script.EndsWhenDisposed!;
        }
        finally
        {
            script.Cancelled.TrySetResult();
        }
    }
}
