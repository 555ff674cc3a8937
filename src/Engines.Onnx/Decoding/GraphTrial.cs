using System.Diagnostics.CodeAnalysis;
using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using ModelRunner.Engines.Onnx.Native;
using ModelRunner.Engines.Onnx.Runtime;

namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>
/// Finds out what a graph can do by launching it with a few tokens, not by the names of its operators: kernels differ
/// between releases and devices, and a wrong guess would give wrong text instead of an error.
/// </summary>
internal static class GraphTrial
{
    private const int Rows = 3;
    private const int Capacity = 8;

    // Results that ought to be the same ones differ by rounding; those of a misunderstanding have nothing in common.
    private const float RelativeBound = 2e-2f;
    private const float AbsoluteBound = 1e-4f;

    /// <summary>Runs the trial.</summary>
    /// <param name="session">The graph.</param>
    /// <param name="decoder">Its inputs and outputs.</param>
    /// <param name="isOnCpu">Whether it computes on the CPU alone.</param>
    /// <exception cref="GraphRefusedException">The graph does not even decode one token.</exception>
    public static GraphAbilities Run(InferenceSession session, DecoderInterface decoder, bool isOnCpu)
    {
        using var options = new RunOptions();
        using var logits = new LogitsBuffer(decoder.Logits, decoder.VocabularySize, Rows, 4 * Capacity);
        // An accelerator copies an input when it is bound (IOBinding::BindInput), so that what is written there later is not seen.
        var sharesMemory = isOnCpu
            && TryDecode(() => new SharedPass(session, decoder, Rows, Capacity, Capacity, isRagged: true), logits, options, out _);
        IForwardPass Create() => sharesMemory
            ? new SharedPass(session, decoder, Rows, Capacity, Capacity, isRagged: true)
            : new GrowingPass(session, decoder, Rows, Capacity, Capacity, isRagged: true);
        if (!sharesMemory && !TryDecode(Create, logits, options, out var failure))
            throw new GraphRefusedException($"the graph does not decode: {failure.Message}", failure);

        return new GraphAbilities(
            sharesMemory,
            Agrees(Create, logits, options, decoder, ContinueInChunks),
            Agrees(Create, logits, options, decoder, StepTogether));
    }

    private delegate (float[] Expected, float[] Actual) Comparison(
        IForwardPass pass, LogitsBuffer logits, RunOptions options, int vocabularySize);

    private static bool TryDecode(Func<IForwardPass> create, LogitsBuffer logits, RunOptions options, [NotNullWhen(false)] out LaunchException? failure)
    {
        failure = null;
        try
        {
            using var pass = create();
            logits.Begin(1);
            pass.Run(new Chunk(0, 0, [0, 0, 0], firstWanted: 2, firstRow: 0), logits, options);
            logits.Begin(1);
            pass.Step([new StepToken(0, 3, 0, 0)], [3, 0, 0], logits, options);
            return true;
        }
        catch (LaunchException exception)
        {
            failure = exception;
            return false;
        }
    }

    private static bool Agrees(Func<IForwardPass> create, LogitsBuffer logits, RunOptions options, DecoderInterface decoder, Comparison compare)
    {
        try
        {
            using var pass = create();
            var (expected, actual) = compare(pass, logits, options, decoder.VocabularySize);
            var bound = AbsoluteBound + (RelativeBound * MathF.Abs(TensorPrimitives.MaxMagnitude<float>(expected)));
            TensorPrimitives.Subtract(actual, expected, actual);
            return MathF.Abs(TensorPrimitives.MaxMagnitude<float>(actual)) <= bound;
        }
        catch (LaunchException)
        {
            return false;
        }
    }

    /// <summary>Five tokens at once, and as two and three.</summary>
    private static (float[] Expected, float[] Actual) ContinueInChunks(IForwardPass pass, LogitsBuffer logits, RunOptions options, int vocabularySize)
    {
        var tokens = Tokens(0, 5, vocabularySize);
        logits.Begin(2);
        pass.Run(new Chunk(0, 0, tokens, firstWanted: 4, firstRow: 0), logits, options);
        pass.Run(new Chunk(1, 0, tokens.AsSpan(0, 2), firstWanted: 2, firstRow: -1), logits, options);
        pass.Run(new Chunk(1, 2, tokens.AsSpan(2), firstWanted: 2, firstRow: 1), logits, options);
        return (logits.Get(0).ToArray(), logits.Get(1).ToArray());
    }

    /// <summary>A step of a longer and a shorter sequence together, and of each alone.</summary>
    private static (float[] Expected, float[] Actual) StepTogether(IForwardPass pass, LogitsBuffer logits, RunOptions options, int vocabularySize)
    {
        int[] lengths = [5, 2, 0];
        var (first, second) = (Tokens(0, 5, vocabularySize), Tokens(9, 2, vocabularySize));
        logits.Begin(Rows);
        pass.Run(new Chunk(0, 0, first, firstWanted: 5, firstRow: -1), logits, options);
        pass.Run(new Chunk(1, 0, second, firstWanted: 2, firstRow: -1), logits, options);
        pass.Step([new StepToken(0, 5, first[1], 0), new StepToken(1, 2, second[0], 1)], lengths, logits, options);
        float[] together = [.. logits.Get(0), .. logits.Get(1)];

        // Each again over what it has just written.
        pass.Truncated(0);
        pass.Truncated(1);
        logits.Begin(Rows);
        pass.Step([new StepToken(0, 5, first[1], 0)], lengths, logits, options);
        pass.Step([new StepToken(1, 2, second[0], 1)], lengths, logits, options);
        return ([.. logits.Get(0), .. logits.Get(1)], together);
    }

    private static int[] Tokens(int start, int count, int vocabularySize)
    {
        var tokens = new int[count];
        for (var i = 0; i < count; i++)
            tokens[i] = (int)((start + (7919L * (i + 1))) % vocabularySize);
        return tokens;
    }
}
