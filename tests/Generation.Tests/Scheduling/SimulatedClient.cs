using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Scheduling;

namespace ModelRunner.Generation.Tests.Scheduling;

/// <summary>A request and the one who reads its answer, at its own pace.</summary>
internal sealed class SimulatedClient(GenerationFeed feed, ITokenConstraint? constraint, double pace)
{
    private readonly List<Answer> _answers = [.. Enumerable.Range(0, feed.Request.ChoiceCount).Select(_ => new Answer())];

    public GenerationFeed Feed => feed;

    public GenerationRequest Request => feed.Request;

    public ITokenConstraint? Constraint => constraint;

    /// <summary>Chance of reading an update when asked; 0 never reads.</summary>
    public double Pace => pace;

    public bool IsCancelled { get; private set; }

    /// <summary>Updates that could still be written when the request ended; null before that was seen.</summary>
    public int? RoomAtEnd { get; private set; }

    public int PromptUpdates { get; private set; }

    public TokenUsage? Usage { get; private set; }

    public Answer this[int choice] => _answers[choice];

    public void Read(Random random, bool isDraining)
    {
        if (feed.IsComplete)
            RoomAtEnd ??= feed.Room;

        while ((isDraining ? pace > 0 : random.NextDouble() < pace) && feed.TryRead(out var update))
            Take(update);
    }

    /// <summary>Takes what is left after the end.</summary>
    public void ReadRest()
    {
        while (feed.TryRead(out var update))
            Take(update);
    }

    public void Cancel()
    {
        IsCancelled = true;
        feed.Cancel();
    }

    private void Take(in GenerationUpdate update)
    {
        var answer = _answers[update.Choice];
        Assert.Null(Usage);
        Assert.Equal(FinishReason.None, answer.Reason);
        if (update.IsPrompt)
        {
            Assert.Equal(Request.Prompt[PromptUpdates++], update.Token);
            return;
        }

        if (update.Token >= 0)
            answer.Tokens.Add(update.Token);

        answer.Bytes.AddRange(update.Text.Memory.Span);
        update.Text.Return();
        Usage = update.Usage;
        if (update.FinishReason != FinishReason.None)
            _answers[update.Choice] = answer with { Reason = update.FinishReason };
    }
}
