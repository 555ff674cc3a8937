using System.Runtime.CompilerServices;
using ModelRunner.Abstractions.Engines;
using ModelRunner.Abstractions.Requests;
using ModelRunner.Server.Requests;
using ModelRunner.Server.Streaming;
using ModelRunner.Wire.OpenAi;

namespace ModelRunner.Server.Answers;

/// <summary>The several prompts of one call: choices are numbered prompt by prompt, the usage is their sum.</summary>
internal static class PromptSeries
{
    /// <summary>The updates of all prompts, one prompt after the other, so that a stream has one reader.</summary>
    public static IAsyncEnumerable<CompletionUpdate> CompleteAsync(
        ICompletionModel model,
        CompletionCall call,
        CancellationToken cancellationToken) =>
        call.Requests.Count == 1
            ? model.CompleteAsync(call.Requests[0], cancellationToken)
            : CompleteEachAsync(model, call, cancellationToken);

    /// <summary>The whole answer; the prompts are generated at the same time.</summary>
    public static async Task<TextCompletion> CollectAsync(
        ICompletionModel model,
        CompletionCall call,
        AnswerIdentity identity,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var collectors = call.Requests.Select(request => new CompletionCollector(request)).ToList();
        try
        {
            var tasks = collectors.Zip(call.Requests, (collector, request) =>
                CollectAsync(collector, model.CompleteAsync(request, stop.Token), stop)).ToList();

            // The first failure ends the others; it is the one to tell, not their cancellation.
            await foreach (var task in Task.WhenEach(tasks)) if (task.IsFaulted) break;
            var failed = tasks.Find(task => task.IsFaulted);
            await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await (failed ?? Task.WhenAll(tasks));

            var usage = collectors.Aggregate(default(TokenUsage), (sum, collector) => Add(sum, collector.Usage));
            var choices = collectors.SelectMany((collector, index) => collector.GetChoices(
                call.ChoiceCount, index * call.ChoiceCount, call.WantsLogProbabilities)).ToList();
            return new(
                identity.Id, "text_completion", identity.Created, identity.Model, choices, AnswerMapper.ToWire(usage));
        }
        finally
        {
            foreach (var collector in collectors) collector.Dispose();
        }
    }

    private static async Task CollectAsync(
        CompletionCollector collector,
        IAsyncEnumerable<CompletionUpdate> updates,
        CancellationTokenSource stop)
    {
        try
        {
            await collector.CollectAsync(updates, stop.Token);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private static async IAsyncEnumerable<CompletionUpdate> CompleteEachAsync(
        ICompletionModel model,
        CompletionCall call,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var usage = default(TokenUsage);
        for (var prompt = 0; prompt < call.Requests.Count; prompt++)
        {
            await foreach (var update in model.CompleteAsync(call.Requests[prompt], cancellationToken))
            {
                if (update.Usage is { } part) usage = Add(usage, part);
                yield return update with
                {
                    ChoiceIndex = prompt * call.ChoiceCount + update.ChoiceIndex,
                    Usage = update.Usage is null ? null : usage,
                };
            }
        }
    }

    private static TokenUsage Add(TokenUsage left, TokenUsage right) => new(
        left.PromptTokenCount + right.PromptTokenCount,
        left.CachedTokenCount + right.CachedTokenCount,
        left.CompletionTokenCount + right.CompletionTokenCount,
        left.ReasoningTokenCount + right.ReasoningTokenCount);
}
