using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Parsing;
using ModelRunner.Generation.Prompting;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Scheduling;

namespace ModelRunner.Generation.Engine;

/// <summary>Turns a feed into the updates of one chat answer: reasoning, content and calls.</summary>
internal sealed class ChatMapper
{
    private const string IdCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const int IdLength = 24;

    private readonly ITokenizer _tokenizer;
    private readonly OutputFormat _format;
    private readonly OutputParser[]? _parsers;
    private int _reasoningTokenCount;

    public ChatMapper(ITokenizer tokenizer, ChatRequest request, ChatPrompt prompt)
    {
        _tokenizer = tokenizer;
        _format = prompt.Format;
        var tools = ToolInstructions.Allowed(request);

        // Text that nothing is looked for in passes through without a copy.
        if (tools.Count == 0 && _format.Reasoning is null && _format.Noise.Count == 0)
            return;

        _parsers = new OutputParser[request.ChoiceCount];
        for (var i = 0; i < _parsers.Length; i++)
        {
            _parsers[i] = new OutputParser(_format, tools, prompt.OpensReasoning, request.ParallelToolCalls ? int.MaxValue : 1);
            _parsers[i].Begin(prompt.Written);
        }
    }

    /// <summary>Control tokens that the parser has to see; null when there is no parser.</summary>
    public IReadOnlyDictionary<int, ReadOnlyMemory<byte>>? VisibleTokens(MarkerTokens markers) =>
        _parsers is null ? null : markers.Find(_format);

    public async IAsyncEnumerable<ChatUpdate> MapAsync(GenerationFeed feed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var update in feed.ReadAllAsync(cancellationToken))
        {
            if (_parsers is null)
            {
                yield return Basic(update) with { Text = update.Text.Memory };
                continue;
            }

            foreach (var piece in Parse(update))
                yield return piece;
        }
    }

    private IEnumerable<ChatUpdate> Parse(GenerationUpdate update)
    {
        var parser = _parsers![update.Choice];
        if (update.Token >= 0 && parser.IsReasoning)
            _reasoningTokenCount++;

        var isLast = update.FinishReason != FinishReason.None;
        var events = new List<OutputEvent>(parser.Push(Encoding.UTF8.GetString(update.Text.Memory.Span)));
        if (isLast)
            events.AddRange(parser.Finish());

        var basic = Basic(update);
        var hasTold = false;
        foreach (var item in events)
        {
            yield return new ChatUpdate
            {
                Kind = item.Kind,
                ChoiceIndex = update.Choice,
                Text = Encoding.UTF8.GetBytes(item.Text),
                ToolCallIndex = item.CallIndex,
                ToolCall = item.Call is { } call ? new ChatToolCall(call.Id ?? NewId(), call.Name, "") : null,
                LogProbability = hasTold || isLast ? null : basic.LogProbability,
                TopLogProbabilities = hasTold || isLast ? null : basic.TopLogProbabilities,
            };
            hasTold = true;
        }

        if (isLast)
        {
            yield return basic with
            {
                FinishReason = parser.CallCount > 0 && update.FinishReason == FinishReason.Stop ? FinishReason.ToolCalls : update.FinishReason,
                Usage = update.Usage is { } usage ? usage with { ReasoningTokenCount = _reasoningTokenCount } : null,
            };
        }
        else if (!hasTold && basic.LogProbability is not null)
        {
            yield return basic;
        }
    }

    private ChatUpdate Basic(in GenerationUpdate update) => new()
    {
        Kind = update.FinishReason == FinishReason.None ? ChatUpdateKind.Content : ChatUpdateKind.Finish,
        ChoiceIndex = update.Choice,
        LogProbability = update.Token < 0 || float.IsNaN(update.LogProbability)
            ? null
            : new TokenLogProbability(update.Token, _tokenizer.GetBytes(update.Token), update.LogProbability),
        TopLogProbabilities = update.Top is null ? null : CompletionMapper.Name(update.Top, _tokenizer),
        FinishReason = update.FinishReason,
        Usage = update.Usage,
    };

    // Mistral's templates refuse ids of another length.
    private string NewId() => _format.Calls?.IdLength > 0
        ? RandomNumberGenerator.GetString(IdCharacters, _format.Calls.IdLength)
        : "call_" + RandomNumberGenerator.GetString(IdCharacters, IdLength);
}
