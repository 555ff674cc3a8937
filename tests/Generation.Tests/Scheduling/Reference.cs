using ModelRunner.Abstractions.Requests;
using ModelRunner.Abstractions.Tokens;
using ModelRunner.Generation.Requests;
using ModelRunner.Generation.Sampling;
using ModelRunner.Generation.Text;
using ModelRunner.Testing;

namespace ModelRunner.Generation.Tests.Scheduling;

/// <summary>One choice generated alone, by a loop so plain that it can be read at a glance.</summary>
internal static class Reference
{
    public static Answer Generate(
        GenerationRequest request,
        int choice,
        ITokenConstraint? constraint,
        int maxLength,
        FakeTokenizer tokenizer)
    {
        var output = request.Output;
        var sampler = new Sampler(request.Sampling, request.Seed + (ulong)choice);
        var text = new OutputText(output.Stops);
        var workspace = new SamplerWorkspace(tokenizer.VocabularySize);
        var history = request.Prompt.ToList();
        var answer = new Answer();
        var logits = new float[tokenizer.VocabularySize];
        var mask = new ulong[1];
        var limit = Math.Min(maxLength, request.Prompt.Length + (output.MaxTokens ?? maxLength));
        while (true)
        {
            ScriptedDecodeSession.FillLogits(history.ToArray(), logits);
            constraint?.FillMask(mask);
            var produced = history.Count - request.Prompt.Length;
            int[] banned = produced < output.MinTokens ? [FakeTokenizer.End, .. output.StopTokens]
                : output.IgnoreEndOfGeneration ? [FakeTokenizer.End] : [];
            var token = sampler.Sample(
                logits, constraint is null ? [] : mask, banned, history.ToArray(), request.Prompt.Length, produced, workspace);
            if (token < 0)
                return answer with { Reason = FinishReason.None };

            if (token == FakeTokenizer.End || output.StopTokens.Contains(token))
                return End(answer, text, FinishReason.Stop, isComplete: false);

            constraint?.Accept(token);
            history.Add(token);
            answer.Tokens.Add(token);
            var isStopped = text.Push(tokenizer.GetBytes(token), produced + 1 >= output.MinTokens, out var piece);
            answer.Bytes.AddRange(piece.Memory.Span);
            piece.Return();
            if (isStopped)
                return End(answer, text, FinishReason.Stop, isComplete: true);

            if (history.Count >= limit)
                return End(answer, text, FinishReason.Length, isComplete: false);
        }
    }

    private static Answer End(Answer answer, OutputText text, FinishReason reason, bool isComplete)
    {
        if (!isComplete)
            answer.Bytes.AddRange(text.Finish().Memory.Span);

        return answer with { Reason = reason };
    }
}
