using Microsoft.ML.OnnxRuntime;
using ModelRunner.Engines.Onnx.Native;

namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>
/// How a graph is launched, and where the keys and values of its sequences lie. Lengths are the caller's. A launch that
/// fails throws <see cref="LaunchException"/>, and what was in the KV cache before is still there.
/// </summary>
internal interface IForwardPass : IDisposable
{
    /// <summary>One token of each sequence, in as few launches as the graph allows.</summary>
    /// <param name="tokens">At least one; no sequence twice.</param>
    /// <param name="lengths">Tokens of every sequence, those that sit out included.</param>
    /// <param name="logits">Receives the rows.</param>
    /// <param name="options">Ends the launch when it is told to.</param>
    void Step(ReadOnlySpan<StepToken> tokens, ReadOnlySpan<int> lengths, LogitsBuffer logits, RunOptions options);

    /// <summary>Several tokens of one sequence in one launch.</summary>
    void Run(in Chunk chunk, LogitsBuffer logits, RunOptions options);

    /// <summary>The sequence is shorter now.</summary>
    void Truncated(int sequence);

    /// <summary>Makes an empty sequence the beginning of another one.</summary>
    void Copy(int source, int target, int length);

    /// <summary>Forgets a sequence of so many tokens.</summary>
    void Release(int sequence, int length);
}
