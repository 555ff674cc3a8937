using Microsoft.ML.OnnxRuntime;
using ModelRunner.Engines.Onnx.Graphs;
using ModelRunner.Engines.Onnx.Native;

namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>
/// The input by which a graph is told whose logits are wanted: a list of positions, which <see cref="LogitsPruning"/>
/// has added, or the number of the last ones, as exports have it that can leave the others out by themselves.
/// </summary>
internal sealed class LogitsSelection : IDisposable
{
    private readonly IntegerInput _input;
    private readonly bool _isCount;
    private readonly long[] _shape;

    private LogitsSelection(GraphValue value, bool isCount, int maxTokens)
    {
        _isCount = isCount;
        _shape = isCount && value.Shape.Count == 0 ? [] : [1];
        _input = new IntegerInput(value, isCount ? 1 : maxTokens);
    }

    /// <summary>The input's name.</summary>
    public string Name => _input.Name;

    /// <summary>Null where the graph gives the logits of every token.</summary>
    /// <param name="indices">The input with positions, or null.</param>
    /// <param name="count">The input with a number, or null.</param>
    /// <param name="maxTokens">Tokens of one launch.</param>
    public static LogitsSelection? Create(GraphValue? indices, GraphValue? count, int maxTokens) =>
        indices is not null ? new(indices, isCount: false, maxTokens)
        : count is not null ? new(count, isCount: true, maxTokens)
        : null;

    /// <summary>Chooses the last of so many tokens.</summary>
    /// <param name="tokens">Tokens of each row.</param>
    /// <param name="wanted">At least one.</param>
    public void Set(int tokens, int wanted)
    {
        if (_isCount)
        {
            _input.Set(0, wanted);
            return;
        }

        for (var i = 0; i < wanted; i++)
            _input.Set(i, tokens - wanted + i);
    }

    /// <summary>The choice as a tensor over this memory. The caller disposes it before this.</summary>
    public OrtValue AsTensor(int wanted) => _isCount ? _input.AsTensor(_shape) : _input.AsTensor(wanted);

    /// <summary>Binds the choice.</summary>
    public void Bind(MemoryBinding binding, int place, int wanted)
    {
        if (_isCount)
            _input.Bind(binding, place, _shape);
        else
            _input.Bind(binding, place, wanted);
    }

    public void Dispose() => _input.Dispose();
}
