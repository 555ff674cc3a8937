using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using ModelRunner.Engines.Onnx.Graphs;
using ModelRunner.Engines.Onnx.Native;
using ModelRunner.Engines.Onnx.Runtime;

namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>The logits of one step: the graph writes into it, and rows of the batch are found in it.</summary>
internal sealed unsafe class LogitsBuffer : IDisposable
{
    private readonly ElementType _type;
    private readonly int _vocabularySize;
    private readonly LazyMemory _raw;
    private readonly LazyMemory? _floats;
    private readonly int[] _places;
    private readonly int _capacity;
    private int _used;
    private int _rowCount;

    /// <param name="logits">The output.</param>
    /// <param name="vocabularySize">Entries of a row.</param>
    /// <param name="maxRows">Rows of a batch.</param>
    /// <param name="capacity">Rows that the graph writes in one step, those included that nobody reads.</param>
    public LogitsBuffer(GraphValue logits, int vocabularySize, int maxRows, int capacity)
    {
        _type = logits.Type;
        _vocabularySize = vocabularySize;
        _capacity = capacity;
        _places = new int[maxRows];
        _raw = new LazyMemory((long)capacity * RowSizeInBytes);
        if (_type != ElementType.Float32)
            _floats = new LazyMemory((long)capacity * vocabularySize * sizeof(float));
    }

    /// <summary>Bytes of a row as the graph writes it.</summary>
    public long RowSizeInBytes => (long)_vocabularySize * _type.SizeInBytes();

    /// <summary>Forgets the step before.</summary>
    public void Begin(int rowCount)
    {
        _used = 0;
        _rowCount = rowCount;
        _places.AsSpan(0, rowCount).Fill(-1);
    }

    /// <summary>Room for so many consecutive rows.</summary>
    /// <returns>The place of the first.</returns>
    public int Reserve(int count)
    {
        if (count > _capacity - _used)
            throw new InvalidOperationException($"{count} rows of logits do not fit beside {_used} of {_capacity}.");
        _used += count;
        return _used - count;
    }

    /// <summary>The memory of a place.</summary>
    public byte* At(int place) => _raw.Pointer + (place * RowSizeInBytes);

    /// <summary>Reserved rows as the graph's output. The caller disposes it before this.</summary>
    public OrtValue AsTensor(int place, params long[] shape)
    {
        long rows = 1;
        for (var i = 0; i < shape.Length - 1; i++)
            rows *= shape[i];
        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, (TensorElementType)(int)_type, shape, (nint)At(place), rows * RowSizeInBytes);
    }

    /// <summary>Binds reserved rows as an output of the graph.</summary>
    /// <param name="binding">What is launched.</param>
    /// <param name="place">The first row.</param>
    /// <param name="batch">Sequences.</param>
    /// <param name="wanted">Rows of each.</param>
    public void Bind(MemoryBinding binding, int place, int batch, int wanted) => binding.Output(
        0, _type, [batch, wanted, _vocabularySize], At(place), (long)batch * wanted * RowSizeInBytes);

    /// <summary>Says where a row of the batch is, once it was written.</summary>
    public void Assign(int row, int place)
    {
        _places[row] = place;
        if (_floats is null)
            return;

        var target = Floats(place);
        if (_type == ElementType.Float16)
        {
            TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(At(place), _vocabularySize), target);
            return;
        }

        // bfloat16 is the upper half of a float.
        var source = new ReadOnlySpan<ushort>(At(place), _vocabularySize);
        var bits = MemoryMarshal.Cast<float, uint>(target);
        for (var i = 0; i < source.Length; i++)
            bits[i] = (uint)source[i] << 16;
    }

    /// <summary>Copies a row that the graph wrote elsewhere.</summary>
    public void Append(int row, void* source)
    {
        var place = Reserve(1);
        Buffer.MemoryCopy(source, At(place), RowSizeInBytes, RowSizeInBytes);
        Assign(row, place);
    }

    /// <summary>A row of the batch.</summary>
    public ReadOnlySpan<float> Get(int row)
    {
        if ((uint)row >= (uint)_rowCount || _places[row] < 0)
            throw new ArgumentOutOfRangeException(nameof(row), row, $"The last batch has {_rowCount} rows, or that one failed.");
        return Floats(_places[row]);
    }

    public void Dispose()
    {
        _raw.Dispose();
        _floats?.Dispose();
    }

    private Span<float> Floats(int place) =>
        new((_floats ?? _raw).Pointer + ((long)place * _vocabularySize * sizeof(float)), _vocabularySize);
}
