using ModelRunner.Abstractions.Requests;
using ModelRunner.Server.Streaming;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Answers;

/// <summary>Gathers the updates of a chat answer into the one response of a call without streaming.</summary>
internal sealed class ChatCollector : IDisposable
{
    private readonly Choice[] _choices;

    public ChatCollector(int choiceCount) => _choices = [.. Enumerable.Range(0, choiceCount).Select(_ => new Choice())];

    /// <summary>The tokens of the request, once it has been collected.</summary>
    public TokenUsage Usage { get; private set; }

    public async Task<ChatCompletion> CollectAsync(
        IAsyncEnumerable<ChatUpdate> updates,
        AnswerIdentity identity,
        CancellationToken cancellationToken)
    {
        await foreach (var update in updates.WithCancellation(cancellationToken))
        {
            _choices[update.ChoiceIndex].Add(update);
            Usage = update.Usage ?? Usage;
        }

        var choices = _choices.Select((choice, index) => choice.ToWire(index)).ToList();
        return new(identity.Id, "chat.completion", identity.Created, identity.Model, choices, AnswerMapper.ToWire(Usage));
    }

    public void Dispose()
    {
        foreach (var choice in _choices) choice.Dispose();
    }

    private sealed class Choice : IDisposable
    {
        private readonly Utf8Buffer _content = new();
        private readonly Utf8Buffer _reasoning = new(capacity: 16);
        private readonly List<(ChatToolCall Call, Utf8Buffer Arguments)> _calls = [];
        private List<ChatTokenLogProbability>? _logProbabilities;
        private FinishReason _finishReason;

        public void Add(in ChatUpdate update)
        {
            switch (update.Kind)
            {
                case ChatUpdateKind.Reasoning:
                    _reasoning.Append(update.Text.Span);
                    break;
                case ChatUpdateKind.ToolCallStart when update.ToolCall is { } call:
                    _calls.Add((call, new Utf8Buffer()));
                    _calls[^1].Arguments.Append(update.Text.Span);
                    break;
                case ChatUpdateKind.ToolCallArguments:
                    _calls[update.ToolCallIndex].Arguments.Append(update.Text.Span);
                    break;
                default:
                    _content.Append(update.Text.Span);
                    break;
            }

            if (update.LogProbability is { } token)
                (_logProbabilities ??= []).Add(AnswerMapper.ToWire(token, update.TopLogProbabilities));
            if (update.FinishReason != FinishReason.None) _finishReason = update.FinishReason;
        }

        public ChatChoice ToWire(int index)
        {
            var calls = _calls
                .Select(call => new ToolCall(
                    call.Call.Id, "function", new FunctionCall(call.Call.Name, call.Arguments.ToString())))
                .ToList();
            var content = _content.Length == 0 && calls.Count > 0 ? null : _content.ToString();
            var answer = new ChatAnswer("assistant", content, Refusal: null)
            {
                ReasoningContent = _reasoning.Length == 0 ? null : _reasoning.ToString(),
                ToolCalls = calls.Count == 0 ? null : calls,
            };
            return new(
                index,
                answer,
                _logProbabilities is null ? null : new ChatLogProbabilities(_logProbabilities),
                AnswerMapper.ToWire(_finishReason));
        }

        public void Dispose()
        {
            _content.Dispose();
            _reasoning.Dispose();
            foreach (var (_, arguments) in _calls) arguments.Dispose();
        }
    }
}
