using ModelRunner.Abstractions.Requests;
using ModelRunner.Server.Streaming;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Answers;

/// <summary>Gathers the updates of one prompt's continuations.</summary>
internal sealed class CompletionCollector(CompletionRequest request) : IDisposable
{
    private readonly Choice[] _choices = [.. Enumerable.Range(0, request.ChoiceCount).Select(_ => new Choice(request.Echo))];

    /// <summary>The tokens of the request, once it has been collected.</summary>
    public TokenUsage Usage { get; private set; }

    public async Task CollectAsync(IAsyncEnumerable<CompletionUpdate> updates, CancellationToken cancellationToken)
    {
        await foreach (var update in updates.WithCancellation(cancellationToken))
        {
            _choices[update.ChoiceIndex].Add(update);
            Usage = update.Usage ?? Usage;
        }
    }

    /// <summary>
    /// The choices in their order, or where fewer than there are were asked for, the best of them by the mean log
    /// probability of their generated tokens (OpenAI's <c>best_of</c>), the best first.
    /// </summary>
    /// <param name="count">How many to give.</param>
    /// <param name="firstIndex">The index of the first one.</param>
    /// <param name="withLogProbabilities">Whether to show those that were generated.</param>
    public IEnumerable<TextChoice> GetChoices(int count, int firstIndex, bool withLogProbabilities)
    {
        var chosen = count == _choices.Length
            ? _choices
            : _choices.OrderByDescending(choice => choice.GetScore(Usage.PromptTokenCount)).Take(count);
        return chosen.Select((choice, index) => choice.ToWire(firstIndex + index, withLogProbabilities));
    }

    public void Dispose()
    {
        foreach (var choice in _choices) choice.Dispose();
    }

    private sealed class Choice(bool hasPrompt) : IDisposable
    {
        private readonly Utf8Buffer _text = new();
        private readonly List<int> _offsets = [];
        private readonly List<float?> _logProbabilities = [];
        private readonly List<string> _tokens = [];
        private readonly List<IReadOnlyDictionary<string, float>?> _top = [];
        private int _offset;
        private FinishReason _finishReason;

        public void Add(in CompletionUpdate update)
        {
            _text.Append(update.Text.Span);
            if (update.FinishReason != FinishReason.None) _finishReason = update.FinishReason;
            if (update.LogProbability is not { } token) return;
            _offsets.Add(_offset);
            _offset += TokenText.CountCharacters(token.Bytes.Span);
            _tokens.Add(TokenText.GetExact(token.Bytes));

            // Nothing predicts the first token of an echoed prompt.
            _logProbabilities.Add(float.IsNaN(token.LogProbability) ? null : TokenText.Finite(token.LogProbability));
            _top.Add(float.IsNaN(token.LogProbability) ? null : ToDictionary(update.TopLogProbabilities ?? []));
        }

        /// <summary>The mean over the tokens behind the prompt, which comes first with echo.</summary>
        public double GetScore(int promptLength) => _logProbabilities
            .Skip(hasPrompt ? promptLength : 0)
            .Select(logProbability => (double)(logProbability ?? 0))
            .DefaultIfEmpty(double.NegativeInfinity)
            .Average();

        public TextChoice ToWire(int index, bool withLogProbabilities) => new(
            index,
            _text.ToString(),
            _tokens.Count == 0 || !withLogProbabilities ? null : new TextLogProbabilities(_offsets, _logProbabilities, _tokens, _top),
            AnswerMapper.ToWire(_finishReason));

        public void Dispose() => _text.Dispose();

        private static Dictionary<string, float> ToDictionary(IReadOnlyList<TokenLogProbability> top)
        {
            var byText = new Dictionary<string, float>(StringComparer.Ordinal);
            foreach (var token in top)
                byText.TryAdd(TokenText.GetExact(token.Bytes), TokenText.Finite(token.LogProbability));
            return byText;
        }
    }
}
