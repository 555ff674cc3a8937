using Microsoft.Win32.SafeHandles;
using ModelRunner.Gguf;

namespace ModelRunner.Export.GenAi;

/// <summary>
/// Reads rows of a GGUF's tensors as floats. Rows that follow one another come from one read. Not thread-safe.
/// </summary>
internal sealed class TensorReader : IDisposable
{
    private const int WindowInBytes = 1 << 20;
    private readonly GgufFile _file;
    private readonly SafeFileHandle[] _shards;
    private byte[] _window = [];
    private GgufTensor? _tensor;
    private long _start;
    private int _count;

    public TensorReader(GgufFile file)
    {
        _file = file;
        _shards = new SafeFileHandle[file.Shards.Count];
        for (var i = 0; i < _shards.Length; i++)
            _shards[i] = File.OpenHandle(file.Shards[i].Path);
    }

    /// <summary>The largest buffer so far.</summary>
    public int BufferInBytes => _window.Length;

    /// <summary>Decodes a whole row, <see cref="GgufTensor.Shape"/>[0] elements.</summary>
    public void ReadRow(GgufTensor tensor, long row, Span<float> values)
    {
        var size = Quantizer.SizeInBytes(tensor.Type, values.Length);
        var start = row * size;
        if (tensor != _tensor || start < _start || start + size > _start + _count)
            Fill(tensor, start, size);
        Dequantizer.Decode(tensor.Type, _window.AsSpan((int)(start - _start), size), values);
    }

    public void Dispose()
    {
        foreach (var shard in _shards)
            shard.Dispose();
    }

    private void Fill(GgufTensor tensor, long start, int size)
    {
        _tensor = null;
        _start = start;
        _count = (int)Math.Min(tensor.SizeInBytes - start, Math.Max(size, WindowInBytes));
        if (_window.Length < _count)
            _window = new byte[_count];
        var position = _file.Shards[tensor.ShardIndex].DataOffset + tensor.Offset + start;
        for (var filled = 0; filled < _count;)
        {
            var read = RandomAccess.Read(_shards[tensor.ShardIndex], _window.AsSpan(filled, _count - filled), position + filled);
            if (read == 0)
                throw new ConversionException($"the file ends inside tensor '{tensor.Name}'");
            filled += read;
        }

        _tensor = tensor;
    }
}
