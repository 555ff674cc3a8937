using ModelRunner.Abstractions.Requests;

namespace ModelRunner.Server.Requests;

/// <summary>The body of <c>completions</c> to one request for each prompt.</summary>
internal static class CompletionCallMapper
{
    // OpenAI's default, which clients of this endpoint count on.
    private const int DefaultMaxTokens = 16;

    public static CompletionCall Map(in RequestReader request)
    {
        UnsupportedFields.Refuse(request);
        var model = GenerationOptionsMapper.MapModel(request);
        var (isStreaming, includeUsage) = GenerationOptionsMapper.MapStream(request);
        var prompts = PromptMapper.Map(request);
        var choiceCount = request.Integer("n", 1, Bounds.MaxChoices) ?? 1;
        var bestOf = request.Integer("best_of", 1, Bounds.MaxBestOf) ?? choiceCount;
        if (bestOf < choiceCount) throw request.Invalid("best_of", "must not be smaller than 'n'");
        if (isStreaming && bestOf > choiceCount) throw request.Invalid("best_of", "larger than 'n' cannot be streamed");
        if (prompts.Count * bestOf > Bounds.MaxSequences)
            throw request.Invalid("prompt", $"times 'n' or 'best_of' must be at most {Bounds.MaxSequences}");
        var shared = new CompletionRequest
        {
            Prompt = prompts[0],
            Echo = request.Flag("echo") ?? false,
            Sampling = GenerationOptionsMapper.MapSampling(request),
            Output = GenerationOptionsMapper.MapOutput(
                request,
                MapMaxTokens(request),
                request.Integer("logprobs", 0, Bounds.MaxTopLogProbabilities) ?? -1),
            ChoiceCount = choiceCount,
            BestOf = bestOf,
        };
        return new(
            model,
            [.. prompts.Select(prompt => shared with { Prompt = prompt })],
            choiceCount,
            isStreaming,
            includeUsage);
    }

    // 0 is of use with echo: log probabilities of a prompt and nothing more.
    private static int? MapMaxTokens(in RequestReader request)
    {
        var older = request.Integer("max_tokens", 0, int.MaxValue);
        return request.Integer("max_completion_tokens", 0, int.MaxValue) ?? older ?? DefaultMaxTokens;
    }
}
