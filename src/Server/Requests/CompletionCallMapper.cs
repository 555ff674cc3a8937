using System.Text.Json;
using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Requests;

/// <summary>The body of <c>completions</c> to one request for each prompt.</summary>
internal static class CompletionCallMapper
{
    // OpenAI's default, which clients of this endpoint count on.
    private const int DefaultMaxTokens = 16;

    public static CompletionCall Map(in RequestReader request)
    {
        var target = GenerationOptionsMapper.MapTarget(request);
        var (isStreaming, includeUsage) = GenerationOptionsMapper.MapStream(request);
        var prompts = PromptMapper.Map(request, "prompt", Bounds.MaxSequences);
        var choiceCount = request.Integer("n", 1, Bounds.MaxChoices) ?? 1;
        var bestOf = MapBestOf(request, choiceCount, isStreaming);
        if (prompts.Count * bestOf > Bounds.MaxSequences)
            throw request.Invalid("prompt", $"times 'n' or 'best_of' must be at most {Bounds.MaxSequences}");

        // 0 is of use with echo: log probabilities of a prompt and nothing more.
        var maxTokens = GenerationOptionsMapper.MapMaxTokens(request, min: 0, DefaultMaxTokens);
        var topLogProbabilities = MapTopLogProbabilities(request);
        var shared = new CompletionRequest
        {
            Prompt = prompts[0],
            Echo = request.Flag("echo") ?? false,
            Sampling = GenerationOptionsMapper.MapSampling(request),
            Output = GenerationOptionsMapper.MapOutput(
                request, maxTokens, bestOf > choiceCount ? Math.Max(topLogProbabilities, 0) : topLogProbabilities),
            Constraint = ConstraintMapper.Map(request),
            ChoiceCount = bestOf,
        };
        return new(
            target,
            [.. prompts.Select(prompt => shared with { Prompt = prompt })],
            choiceCount,
            topLogProbabilities >= 0,
            isStreaming,
            includeUsage);
    }

    // A number here; false is how chat says that none are wanted.
    private static int MapTopLogProbabilities(in RequestReader request) =>
        request.Get("logprobs") is { ValueKind: JsonValueKind.False }
            ? -1
            : request.Integer("logprobs", 0, Bounds.MaxTopLogProbabilities) ?? -1;

    private static int MapBestOf(in RequestReader request, int choiceCount, bool isStreaming)
    {
        var bestOf = request.Integer("best_of", 1, Bounds.MaxBestOf) ?? choiceCount;
        if (bestOf < choiceCount) throw request.Invalid("best_of", "must not be smaller than 'n'");
        return isStreaming && bestOf > choiceCount
            ? throw request.Invalid("best_of", "larger than 'n' cannot be streamed")
            : bestOf;
    }
}
