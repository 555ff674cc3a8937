using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ModelRunner.Export.GenAi;

/// <summary>Writes a matrix in floats or halves, as it is or transposed, within a fixed amount of memory.</summary>
internal sealed class MatrixEncoder(int budgetInBytes, CancellationToken cancellation)
{
    /// <summary>Bytes of the largest buffer that was used.</summary>
    public long LargestBufferInBytes { get; private set; }

    /// <summary>Row after row, as an embedding table stands.</summary>
    public void WriteRows(WeightMatrix matrix, bool asHalves, Stream stream)
    {
        var row = Allocate(matrix.RowLength);
        for (var i = 0; i < matrix.RowCount; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            matrix.ReadRow(i, row);
            Write(row, asHalves, stream);
        }
    }

    /// <summary>
    /// Column after column, as the second operand of MatMul stands. Each pass over the rows gathers as many columns as
    /// fit the budget.
    /// </summary>
    public void WriteTransposed(WeightMatrix matrix, bool asHalves, Stream stream)
    {
        var (rows, columns) = (matrix.RowCount, matrix.RowLength);
        var stripe = (int)Math.Clamp(budgetInBytes / sizeof(float) / rows, 1, columns);
        var row = Allocate(columns);
        var gathered = Allocate((long)stripe * rows);
        for (var first = 0; first < columns; first += stripe)
        {
            var count = Math.Min(stripe, columns - first);
            for (var i = 0; i < rows; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                matrix.ReadRow(i, row);
                for (var column = 0; column < count; column++)
                    gathered[column * rows + i] = row[first + column];
            }

            for (var column = 0; column < count; column++)
                Write(gathered.AsSpan(column * rows, rows), asHalves, stream);
        }
    }

    private float[] Allocate(long length)
    {
        LargestBufferInBytes = Math.Max(LargestBufferInBytes, length * sizeof(float));
        return new float[length];
    }

    private static void Write(ReadOnlySpan<float> values, bool asHalves, Stream stream)
    {
        if (!asHalves)
        {
            stream.Write(MemoryMarshal.AsBytes(values));
            return;
        }

        Span<byte> halves = stackalloc byte[512];
        for (; !values.IsEmpty; values = values[Math.Min(256, values.Length)..])
        {
            var count = Math.Min(256, values.Length);
            for (var i = 0; i < count; i++)
                BinaryPrimitives.WriteHalfLittleEndian(halves[(2 * i)..], (Half)values[i]);
            stream.Write(halves[..(2 * count)]);
        }
    }
}
