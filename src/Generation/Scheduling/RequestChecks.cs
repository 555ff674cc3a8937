using ModelRunner.Abstractions.Errors;
using ModelRunner.Generation.Requests;

namespace ModelRunner.Generation.Scheduling;

/// <summary>What a request must fulfil before the queue takes it, so that nothing in the loop has to be doubted.</summary>
internal static class RequestChecks
{
    public static void Check(GenerationRequest request, int maxSequenceLength, int vocabularySize)
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

        foreach (var token in request.Prompt)
            if ((uint)token >= (uint)vocabularySize)
                throw new InvalidRequestException($"The token {token} is not in the vocabulary of {vocabularySize} tokens.", "prompt");

        foreach (var token in request.Sampling.LogitBias.Keys)
            if ((uint)token >= (uint)vocabularySize)
                throw new InvalidRequestException($"The token {token} is not in the vocabulary of {vocabularySize} tokens.", "logit_bias");
    }
}
