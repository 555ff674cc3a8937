using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ModelRunner.Engines.Onnx.Graphs;
using ModelRunner.Engines.Onnx.Native;
using ModelRunner.Engines.Onnx.Runtime;

namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>A buffer of whole numbers for one input of the graph, in the type that the graph declares.</summary>
internal sealed unsafe class IntegerInput : IDisposable
{
    private readonly LazyMemory _memory;
    private readonly bool _isLong;

    /// <param name="value">The input.</param>
    /// <param name="maxCount">Numbers at most.</param>
    public IntegerInput(GraphValue value, long maxCount)
    {
        Name = value.Name;
        _isLong = value.Type == ElementType.Int64;
        _memory = new LazyMemory(maxCount * ElementSize);
    }

    /// <summary>The input's name.</summary>
    public string Name { get; }

    private int ElementSize => _isLong ? sizeof(long) : sizeof(int);

    /// <summary>Sets one number.</summary>
    public void Set(int index, long value)
    {
        if (_isLong)
            ((long*)_memory.Pointer)[index] = value;
        else
            ((int*)_memory.Pointer)[index] = (int)value;
    }

    /// <summary>Sets a range to one number.</summary>
    public void Fill(int start, int count, long value)
    {
        if (_isLong)
            new Span<long>((long*)_memory.Pointer + start, count).Fill(value);
        else
            new Span<int>((int*)_memory.Pointer + start, count).Fill((int)value);
    }

    /// <summary>The first numbers as a tensor over this memory. The caller disposes it before this.</summary>
    public OrtValue AsTensor(params long[] shape)
    {
        long count = 1;
        foreach (var length in shape)
            count *= length;
        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance,
            _isLong ? TensorElementType.Int64 : TensorElementType.Int32,
            shape,
            (nint)_memory.Pointer,
            count * ElementSize);
    }

    /// <summary>Binds the first numbers, as many as the shape needs.</summary>
    public void Bind(MemoryBinding binding, int place, params ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (var length in shape)
            count *= length;
        binding.Input(place, _isLong ? ElementType.Int64 : ElementType.Int32, shape, _memory.Pointer, count * ElementSize);
    }

    public void Dispose() => _memory.Dispose();
}
