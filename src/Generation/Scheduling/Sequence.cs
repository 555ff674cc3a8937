using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Sampling;
using ModelRunner.Generation.Text;

namespace ModelRunner.Generation.Scheduling;

/// <summary>
/// One continuation of one prompt. Its tokens fall into ranges:
/// <c>[0, KvLength)</c> are in the KV cache, <c>[KvLength, TokenCount)</c> are pending,
/// <c>[0, PromptLength)</c> is the prompt, <c>[PromptLength, TokenCount)</c> the output.
/// Drafts stand behind, in <c>[TokenCount, TokenCount + DraftCount)</c>, within one step only.
/// Belongs to the loop thread.
/// </summary>
internal sealed class Sequence
{
    private int[] _tokens;

    public Sequence(GenerationFeed feed, int choice, ITokenConstraint? constraint, int maxTokenCount)
    {
        var request = feed.Request;
        Feed = feed;
        Choice = choice;
        Constraint = constraint is null ? null : new SequenceConstraint(constraint);
        MaxTokenCount = maxTokenCount;
        Sampler = new Sampler(request.Sampling, request.Seed + (ulong)choice);
        Text = new OutputText(request.Output.Stops);
        PromptLength = TokenCount = request.Prompt.Length;
        _tokens = request.Prompt;
    }

    public GenerationFeed Feed { get; }

    public GenerationRequest Request => Feed.Request;

    public int Choice { get; }

    public SequenceConstraint? Constraint { get; }

    public Sampler Sampler { get; }

    public OutputText Text { get; }

    /// <summary>Tokens, prompt included, at which it ends for length.</summary>
    public int MaxTokenCount { get; }

    public int PromptLength { get; }

    public int TokenCount { get; private set; }

    /// <summary>Set by the scheduler when a decode succeeded, a prefix was reused, or the KV was given up.</summary>
    public int KvLength { get; set; }

    /// <summary>The slot, or -1. Set by the scheduler at admission and release.</summary>
    public int Slot { get; set; } = -1;

    public SequencePhase Phase { get; set; } = SequencePhase.Waiting;

    public int DraftCount { get; private set; }

    public int PreemptionCount { get; set; }

    public int RetryCount { get; set; }

    /// <summary>Prompt tokens that the first admission reused, or -1 before it.</summary>
    public int CachedTokenCount { get; set; } = -1;

    /// <summary>Prompt tokens whose log probabilities have been written.</summary>
    public int ReportedPromptCount { get; set; }

    /// <summary>When it was first left out for want of room in its feed; null while it has room.</summary>
    public long? StalledSince { get; set; }

    /// <summary>Why it ends, once it does; the step that finds out also finishes it.</summary>
    public FinishReason? End { get; set; }

    /// <summary>Whether a stop string completed the text, so that nothing is withheld any more.</summary>
    public bool IsTextComplete { get; set; }

    /// <summary>Whether a token that is not part of the output ended it: it was generated all the same.</summary>
    public bool HasEndToken { get; set; }

    /// <summary>Every token that may not come before the minimum length; made when first needed.</summary>
    public int[]? EndingTokens { get; set; }

    public int PendingCount => TokenCount - KvLength;

    public int OutputCount => TokenCount - PromptLength;

    public bool HasSlot => Slot >= 0;

    public bool ReportsPrompt => Request.WantsPromptLogProbabilities && Choice == 0 && OutputCount == 0;

    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(0, TokenCount);

    /// <summary>The first tokens, as memory that never changes: accepted tokens are only ever appended.</summary>
    public ReadOnlyMemory<int> TokensUpTo(int length) => _tokens.AsMemory(0, length);

    public ReadOnlySpan<int> PendingTokens(int count) => _tokens.AsSpan(KvLength, count);

    public void Append(int token)
    {
        Reserve(TokenCount + 1);
        _tokens[TokenCount++] = token;
    }

    /// <summary>Room behind the tokens for drafts.</summary>
    public Span<int> DraftRoom(int count)
    {
        Reserve(TokenCount + count);
        return _tokens.AsSpan(TokenCount, count);
    }

    public void SetDrafts(int count) => DraftCount = count;

    public int GetDraft(int index) => _tokens[TokenCount + index];

    private void Reserve(int count)
    {
        // The prompt's own array belongs to the request: the first token moves to a copy.
        if (count > _tokens.Length)
            Array.Resize(ref _tokens, Math.Max(count, Math.Min(MaxTokenCount + 1, _tokens.Length * 2)));
    }
}
