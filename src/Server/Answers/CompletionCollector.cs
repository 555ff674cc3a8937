using ModelRunner.Abstractions.Requests;
using ModelRunner.Server.Streaming;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Answers;

/// <summary>Gathers the updates of one prompt's continuations.</summary>
internal sealed class CompletionCollector : IDisposable
{
    private readonly Choice[] _choices;

    public CompletionCollector(int choiceCount) =>
        _choices = [.. Enumerable.Range(0, choiceCount).Select(_ => new Choice())];

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

    public IEnumerable<TextChoice> GetChoices(int firstIndex) =>
        _choices.Select((choice, index) => choice.ToWire(firstIndex + index));

    public void Dispose()
    {
        foreach (var choice in _choices) choice.Dispose();
    }

    private sealed class Choice : IDisposable
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
            _top.Add(ToDictionary(update.TopLogProbabilities));
        }

        public TextChoice ToWire(int index) => new(
            index,
            _text.ToString(),
            _tokens.Count == 0 ? null : new TextLogProbabilities(_offsets, _logProbabilities, _tokens, _top),
            AnswerMapper.ToWire(_finishReason));

        public void Dispose() => _text.Dispose();

        private static Dictionary<string, float>? ToDictionary(IReadOnlyList<TokenLogProbability>? top)
        {
            if (top is null) return null;
            var byText = new Dictionary<string, float>(StringComparer.Ordinal);
            foreach (var token in top)
                byText.TryAdd(TokenText.GetExact(token.Bytes), TokenText.Finite(token.LogProbability));
            return byText;
        }
    }
}
