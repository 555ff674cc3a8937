using System.Runtime.CompilerServices;
using ModelRunner.Engines.Onnx.Runtime;

namespace ModelRunner.Engines.Onnx.Decoding;

/// <summary>
/// Keys and values of all sequences in native memory, a row for each: <c>[rows, strips, capacity, width]</c> for every
/// tensor of the graph. A strip is one head's tokens, one after the other.
/// </summary>
internal sealed unsafe class KvRows : IDisposable
{
    // Below this, giving pages back costs more than it gains.
    private const long SmallestForgotten = 1 << 20;
    private const int ExchangeInBytes = 4096;

    private readonly LazyMemory[] _memory;

    /// <exception cref="InsufficientMemoryException">It does not fit the address space.</exception>
    public KvRows(IReadOnlyList<KvTensor> tensors, int rowCount, int capacity)
    {
        Tensors = tensors;
        Capacity = capacity;
        _memory = new LazyMemory[tensors.Count];
        try
        {
            for (var i = 0; i < tensors.Count; i++)
                _memory[i] = new LazyMemory(checked(rowCount * RowSizeInBytes(i)));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IReadOnlyList<KvTensor> Tensors { get; }

    /// <summary>Tokens of a row.</summary>
    public int Capacity { get; }

    /// <summary>Bytes of a row of one tensor.</summary>
    public long RowSizeInBytes(int tensor) => (long)Tensors[tensor].StripCount * StripSizeInBytes(tensor);

    /// <summary>Bytes of a strip of one tensor.</summary>
    public long StripSizeInBytes(int tensor) => (long)Capacity * Tensors[tensor].TokenSizeInBytes;

    /// <summary>The first byte of a row of one tensor.</summary>
    public byte* Row(int tensor, int row) => _memory[tensor].Pointer + (row * RowSizeInBytes(tensor));

    /// <summary>The first byte of a strip.</summary>
    public byte* Strip(int tensor, int row, int strip) => Row(tensor, row) + (strip * StripSizeInBytes(tensor));

    /// <summary>Copies the first tokens of a row to another one.</summary>
    public void Copy(int source, int target, int length)
    {
        for (var tensor = 0; tensor < Tensors.Count; tensor++)
        {
            var size = (long)length * Tensors[tensor].TokenSizeInBytes;
            for (var strip = 0; strip < Tensors[tensor].StripCount; strip++)
                Buffer.MemoryCopy(Strip(tensor, source, strip), Strip(tensor, target, strip), size, size);
        }
    }

    /// <summary>Exchanges the first tokens of two rows.</summary>
    public void Exchange(int left, int right, int length)
    {
        var buffer = stackalloc byte[ExchangeInBytes];
        for (var tensor = 0; tensor < Tensors.Count; tensor++)
        {
            var size = (long)length * Tensors[tensor].TokenSizeInBytes;
            for (var strip = 0; strip < Tensors[tensor].StripCount; strip++)
            {
                var a = Strip(tensor, left, strip);
                var b = Strip(tensor, right, strip);
                for (long offset = 0; offset < size; offset += ExchangeInBytes)
                {
                    var count = (uint)Math.Min(ExchangeInBytes, size - offset);
                    Unsafe.CopyBlockUnaligned(buffer, a + offset, count);
                    Unsafe.CopyBlockUnaligned(a + offset, b + offset, count);
                    Unsafe.CopyBlockUnaligned(b + offset, buffer, count);
                }
            }
        }
    }

    /// <summary>Gives the memory of a row back, where that is worth it.</summary>
    /// <param name="row">The row.</param>
    /// <param name="length">Tokens that were in it.</param>
    public void Forget(int row, int length)
    {
        for (var tensor = 0; tensor < Tensors.Count; tensor++)
            if ((long)length * Tensors[tensor].StripCount * Tensors[tensor].TokenSizeInBytes >= SmallestForgotten)
                _memory[tensor].Forget(row * RowSizeInBytes(tensor), RowSizeInBytes(tensor));
    }

    public void Dispose()
    {
        foreach (var memory in _memory)
            memory?.Dispose();
    }
}
