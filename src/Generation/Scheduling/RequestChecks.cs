using ModelRunner.Abstractions.Errors;
using ModelRunner.Generation.Requests;

namespace ModelRunner.Generation.Scheduling;

/// <summary>What a request must fulfil before the queue takes it, so that nothing in the loop has to be doubted.</summary>
internal static class RequestChecks
{
    /// <exception cref="InvalidRequestException">It does not; names the field.</exception>
    public static void Check(GenerationRequest request, int maxSequenceLength, int vocabularySize, long maxQueuedTokens)
    {
        if (request.Prompt.Length == 0)
            throw new InvalidRequestException("The prompt is empty.", "prompt");

        if (request.Prompt.Length >= maxSequenceLength)
        {
            throw new InvalidRequestException(
                $"The prompt has {request.Prompt.Length} tokens, and the context of {maxSequenceLength} tokens leaves no room for an answer.",
                "messages",
                InvalidRequestException.ContextLengthExceeded);
        }

        // Not even an empty queue takes it, so that no retry can help.
        if ((long)request.Prompt.Length * request.ChoiceCount > maxQueuedTokens)
        {
            throw new InvalidRequestException(
                $"The prompt has {request.Prompt.Length} tokens, {request.ChoiceCount} times by 'n' or 'best_of'; {maxQueuedTokens} may wait at once.",
                request.Prompt.Length > maxQueuedTokens ? "prompt" : "n");
        }

        foreach (var token in request.Prompt)
            if ((uint)token >= (uint)vocabularySize)
                throw new InvalidRequestException($"The token {token} is not in the vocabulary of {vocabularySize} tokens.", "prompt");

        foreach (var token in request.Sampling.LogitBias.Keys)
            if ((uint)token >= (uint)vocabularySize)
                throw new InvalidRequestException($"The token {token} is not in the vocabulary of {vocabularySize} tokens.", "logit_bias");
    }
}
