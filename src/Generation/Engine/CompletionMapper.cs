using System.Runtime.CompilerServices;
using System.Text;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Scheduling;
using ModelRunner.Generation.Text;

namespace ModelRunner.Generation.Engine;

/// <summary>Turns a feed into the updates of one completion: with echo, the prompt first in every choice.</summary>
internal sealed class CompletionMapper(ITokenizer tokenizer, CompletionRequest request, int[] prompt)
{
    private readonly bool[] _hasPrompt = new bool[request.ChoiceCount];
    private readonly List<CompletionUpdate> _promptUpdates = [];
    private readonly OutputText _promptText = new([]);
    private bool _hasPromptText;

    public async IAsyncEnumerable<CompletionUpdate> MapAsync(
        GenerationFeed feed,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var update in feed.ReadAllAsync(cancellationToken))
        {
            if (update.IsPrompt)
            {
                _promptUpdates.Add(MapPrompt(update));
                continue;
            }

            if (request.Echo && !_hasPrompt[update.Choice])
            {
                _hasPrompt[update.Choice] = true;
                foreach (var piece in EchoOf(update.Choice))
                    yield return piece;
            }

            if (Map(update) is { } mapped)
                yield return mapped;
        }
    }

    /// <summary>Ids with their bytes.</summary>
    public static TokenLogProbability[] Name((int Token, float LogProbability)[] top, ITokenizer tokenizer) =>
        Array.ConvertAll(top, entry => new TokenLogProbability(entry.Token, tokenizer.GetBytes(entry.Token), entry.LogProbability));

    private CompletionUpdate? Map(in GenerationUpdate update)
    {
        var isLast = update.FinishReason != FinishReason.None;
        if (request.Output.MaxTokens != 0)
        {
            return new CompletionUpdate
            {
                ChoiceIndex = update.Choice,
                Text = update.Text.Memory,
                LogProbability = LogProbabilityOf(update),
                TopLogProbabilities = update.Top is null ? null : Name(update.Top, tokenizer),
                FinishReason = update.FinishReason,
                Usage = update.Usage,
            };
        }

        // No token was asked for: the one that was computed is not part of the answer.
        return isLast
            ? new CompletionUpdate
            {
                ChoiceIndex = update.Choice,
                FinishReason = FinishReason.Length,
                Usage = update.Usage is { } usage ? usage with { CompletionTokenCount = 0 } : null,
            }
            : null;
    }

    private CompletionUpdate MapPrompt(in GenerationUpdate update)
    {
        _promptText.Push(tokenizer.GetBytes(update.Token), canStop: true, out var piece);
        var text = AsWritten(piece.Memory.Span);
        piece.Return();
        return new CompletionUpdate
        {
            Text = text,
            // Its first token has no probability, and still has a place.
            LogProbability = new TokenLogProbability(update.Token, tokenizer.GetBytes(update.Token), update.LogProbability),
            TopLogProbabilities = update.Top is null ? null : Name(update.Top, tokenizer),
        };
    }

    /// <summary>SentencePiece begins a text with a space that the client did not write: it is no part of the echo.</summary>
    private byte[] AsWritten(ReadOnlySpan<byte> piece)
    {
        if (piece.IsEmpty || _hasPromptText)
            return piece.ToArray();

        _hasPromptText = true;
        return piece[0] == ' ' && request.Prompt.Text is [not ' ', ..] ? piece[1..].ToArray() : piece.ToArray();
    }

    private IEnumerable<CompletionUpdate> EchoOf(int choice)
    {
        if (_promptUpdates.Count == 0)
        {
            yield return new CompletionUpdate { ChoiceIndex = choice, Text = PromptText() };
            yield break;
        }

        foreach (var update in _promptUpdates)
            yield return update with { ChoiceIndex = choice };
    }

    private byte[] PromptText()
    {
        if (request.Prompt.Text is { } text)
            return Encoding.UTF8.GetBytes(text);

        var bytes = new List<byte>();
        foreach (var token in prompt)
            bytes.AddRange(tokenizer.GetBytes(token).Span);

        return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString([.. bytes]));
    }

    private TokenLogProbability? LogProbabilityOf(in GenerationUpdate update) =>
        update.Token < 0 || float.IsNaN(update.LogProbability)
            ? null
            : new TokenLogProbability(update.Token, tokenizer.GetBytes(update.Token), update.LogProbability);
}
